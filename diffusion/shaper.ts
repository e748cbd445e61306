import type { Stateful } from '../src/io/checkpoint.js';
import { restoreParts, saveParts } from '../src/io/checkpoint.js';
import type { RandomStream } from '../src/math/random.js';
import { createDiffusionModel } from './ddpm.js';
import { createLabelScale } from './labelScale.js';
import { createRegressor } from './regressor.js';
import type { ShapingOptions } from './options.js';

/** What a shaper learns from and speaks about: rows of (state, executed action), and the credit each one settled at. */
export interface ShapingBatch {
  /** Rows of [state, executed action], batchSize x (observation + action). */
  readonly conditions: Float32Array;
  /** Settled credit of each row, in utility units. */
  readonly labels: Float32Array;
}

/** Synthesises the reward that a sparse environment withholds. */
export interface Shaper extends Stateful {
  readonly kind: ShapingOptions['kind'];
  /** Called once for each new transition, so that labels can be standardised. */
  observe(label: number): void;
  /** One gradient step; returns the loss. */
  fit(batch: ShapingBatch): Promise<number>;
  /** Shaping reward r_s of each row, to be added to the environment's; overwritten by the next call. */
  reward(batch: ShapingBatch): Promise<Float32Array>;
}

/** A generator of standardised credit given a condition: the diffusion model, or the regression that controls for it. */
interface CreditModel extends Stateful {
  fit(standardised: Float32Array, conditions: Float32Array): Promise<number>;
  /** A fresh draw (diffusion) or the conditional mean (regression). */
  generate(conditions: Float32Array): Promise<Float32Array>;
}

/**
 * Builds the shaper that `options.kind` names; null for `none`.
 * `diffusion`: r_s = gain x a fresh sample of a conditional DDPM of the standardised credit (Fu et al. 2026, with
 * explicit labels). `regression`: the matched control, same network, label scale and gain, trained on squared error.
 */
export async function createShaper(
  options: ShapingOptions,
  sizes: { conditionSize: number; batchSize: number },
  random: RandomStream,
): Promise<Shaper | null> {
  if (options.kind === 'none') return null;
  const model = options.kind === 'diffusion' ? await diffusionCredit(options, sizes, random) : await createRegressor(options, sizes, random);
  return shaperOn(options, model, sizes.batchSize);
}

async function diffusionCredit(
  options: ShapingOptions,
  { conditionSize, batchSize }: { conditionSize: number; batchSize: number },
  random: RandomStream,
): Promise<CreditModel> {
  const model = await createDiffusionModel(
    {
      sampleSize: 1,
      conditionSize,
      steps: options.denoisingSteps,
      schedule: options.schedule,
      prediction: options.prediction,
      hidden: options.hidden,
      embeddingSize: options.embeddingSize,
      learningRate: options.learningRate,
      batchSize,
      clip: options.labelClip,
      sampler: options.sampler,
    },
    random,
  );
  return {
    ...model,
    generate: async (conditions) =>
      options.samples === 1 ? model.sample(conditions) : (await model.sampleMoments(conditions, options.samples)).mean,
  };
}

function shaperOn(options: ShapingOptions, model: CreditModel, batchSize: number): Shaper {
  const scale = createLabelScale(options.labelClip);
  const standardised = new Float32Array(batchSize);
  const shaped = new Float32Array(batchSize);
  return {
    kind: options.kind,
    observe: scale.observe,
    fit: async ({ conditions, labels }) => {
      for (let i = 0; i < batchSize; i++) standardised[i] = scale.standardise(labels[i]!);
      return model.fit(standardised, conditions);
    },
    reward: async ({ conditions }) => {
      const credit = await model.generate(conditions);
      for (let i = 0; i < batchSize; i++) shaped[i] = options.weight * options.gain * credit[i]!;
      return shaped;
    },
    save: () => saveParts({ model, scale }),
    restore: (saved) => restoreParts(saved, { model, scale }),
  };
}
