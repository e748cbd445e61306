import type { Stateful } from '../../src/io/checkpoint.js';
import { restoreParts, saveParts } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import { createBaseline } from './baseline.js';
import { createDiffusionModel } from '../ddpm.js';
import { createLabelScale } from './labelScale.js';
import { createRegressor } from './regressor.js';
import type { ShapingOptions } from './options.js';

export interface ShapingSizes {
  readonly observationSize: number;
  /** Of (state, action): the state comes first. */
  readonly conditionSize: number;
  readonly batchSize: number;
}

/** A minibatch of transitions as a shaper sees it, one row each, row-major. */
export interface ShapingBatch {
  /** Rows of [state, executed action]. */
  readonly conditions: Float32Array;
  /** Credit of each row, in utility units; unused by reward agents and by the advantage label. */
  readonly labels: Float32Array;
  /** What the environment paid, scaled as the learner sees it, over the learner's n steps. */
  readonly rewards: Float32Array;
  /** What a value after those steps is multiplied by. */
  readonly discounts: Float32Array;
  /** Rows of [state after those steps, the policy's action there]; actions only for shapers that `needsNextActions`. */
  readonly nextConditions: Float32Array;
  /** What `propose` gave when the transition was made. */
  readonly proposals: Float32Array;
}

/** Synthesises the reward that a sparse environment withholds. */
export interface Shaper extends Stateful {
  readonly kind: ShapingOptions['kind'];
  readonly needsNextActions: boolean;
  /** Called once for each new transition, so that labels can be standardised. */
  observe(label: number): void;
  /** What a reward agent proposes for one (state, action), to be stored with the transition; 0 by shapers without proposals. */
  propose(condition: Float32Array): Promise<number>;
  /** One gradient step; returns the loss. */
  fit(batch: ShapingBatch): Promise<number>;
  /** Shaping reward r_s of each row, to be added to the environment's; overwritten by the next call. */
  reward(batch: ShapingBatch): Promise<Float32Array>;
}

/** A generator of standardised credit given a condition: the diffusion model, or the regression that controls for it. */
interface CreditModel extends Stateful {
  fit(standardised: Float32Array, conditions: Float32Array): Promise<number>;
  /** A fresh draw or its moments (diffusion), or the conditional mean (regression). */
  generate(conditions: Float32Array): Promise<{ mean: Float32Array; deviation: Float32Array | null }>;
}

async function diffusionCredit(
  options: ShapingOptions,
  { conditionSize, batchSize }: ShapingSizes,
  random: RandomStream,
): Promise<CreditModel> {
  const model = await createDiffusionModel(
    {
      sampleSize: 1,
      conditionSize,
      steps: options.denoisingSteps,
      schedule: options.schedule,
      hidden: options.hidden,
      embeddingSize: options.embeddingSize,
      learningRate: options.learningRate,
      batchSize,
      clip: options.labelClip,
      samples: options.samples,
    },
    random,
  );
  return { ...model, generate: model.sample };
}

/**
 * A shaper that learns an explicit label of credit. `diffusion`: r_s = gain x a fresh sample of a conditional DDPM of the
 * standardised credit (Fu et al. 2026, with explicit labels), or the mean of several + c x their spread. `regression`: the
 * matched control, same network, label scale and gain, trained on squared error.
 */
export async function createLabelShaper(options: ShapingOptions, sizes: ShapingSizes, random: RandomStream): Promise<Shaper> {
  const { batchSize } = sizes;
  const model = options.kind === 'diffusion' ? await diffusionCredit(options, sizes, random) : await createRegressor(options, sizes, random);
  const baseline = options.label === 'advantage' ? await createBaseline(options, sizes, random) : undefined;
  const scale = createLabelScale(options.labelClip);
  // Known only once a transition has grown old, these are measured in the batches.
  const late = options.label === 'advantage' || options.label === 'nstep';
  const nothing = new Float32Array(sizes.conditionSize * batchSize);
  const seen = (conditions: Float32Array): Float32Array => (options.condition ? conditions : nothing);
  const standardised = new Float32Array(batchSize);
  const shaped = new Float32Array(batchSize);
  const parts = { model, scale, ...(baseline === undefined ? {} : { baseline }) };
  return {
    kind: options.kind,
    needsNextActions: false,
    observe: late ? () => {} : scale.observe,
    propose: () => Promise.resolve(0),
    fit: async (batch) => {
      const labels = baseline === undefined ? batch.labels : await baseline.advantages(batch);
      if (late) labels.forEach(scale.observe);
      for (let i = 0; i < batchSize; i++) standardised[i] = scale.standardise(labels[i]!);
      return model.fit(standardised, seen(batch.conditions));
    },
    reward: async ({ conditions }) => {
      const { mean, deviation } = await model.generate(seen(conditions));
      for (let i = 0; i < batchSize; i++) {
        const credit = mean[i]! + (deviation === null ? 0 : options.spreadWeight * deviation[i]!);
        shaped[i] = options.weight * options.gain * credit;
      }
      return shaped;
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}
