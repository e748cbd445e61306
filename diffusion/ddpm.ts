import type * as Tf from '@tensorflow/tfjs';
import type { Network, ParameterBlock } from '../src/engine/index.js';
import { adamState, compile, createAdam, createParameters, gradientsOf, mlp, tensorFlow } from '../src/engine/index.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { arrayState, restoreParts, saveParts, streamState } from '../src/io/checkpoint.js';
import type { RandomStream } from '../src/math/random.js';
import type { PredictionKind, ScheduleKind } from './kinds.js';
import type { NoiseSchedule } from './schedule.js';
import { noiseSchedule, stepEmbedding } from './schedule.js';

export interface DiffusionModelOptions {
  /** Components of a sample; 1 for a reward. */
  readonly sampleSize: number;
  readonly conditionSize: number;
  /** Denoising steps W. */
  readonly steps: number;
  readonly schedule: ScheduleKind;
  readonly prediction: PredictionKind;
  readonly hidden: readonly number[];
  readonly embeddingSize: number;
  readonly learningRate: number;
  readonly batchSize: number;
  /** Samples are clipped to +- this after every reverse step's estimate of x0. */
  readonly clip: number;
  /** `ddpm`: ancestral sampling (Ho et al. 2020, algorithm 2); `ddim`: deterministic (Song et al. 2021, eta = 0). */
  readonly sampler: 'ddpm' | 'ddim';
}

/** A conditional denoising diffusion model of p(sample | condition), trained and sampled in batches of fixed size. */
export interface DiffusionModel extends Stateful {
  readonly options: DiffusionModelOptions;
  /**
   * One gradient step on `batchSize` samples (row-major, batchSize x sampleSize) and their conditions. Returns the loss.
   */
  fit(samples: Float32Array, conditions: Float32Array): Promise<number>;
  /** One sample per condition, by W reverse steps; the array returned is overwritten by the next call. */
  sample(conditions: Float32Array): Promise<Float32Array>;
  /** Mean and standard deviation over `count` samples per condition. */
  sampleMoments(conditions: Float32Array, count: number): Promise<{ mean: Float32Array; deviation: Float32Array }>;
}

/** Builds and compiles a model; its weights and its noise come from two streams of `random`. */
export async function createDiffusionModel(options: DiffusionModelOptions, random: RandomStream): Promise<DiffusionModel> {
  const schedule = noiseSchedule({ kind: options.schedule, steps: options.steps });
  const network = mlp({
    name: 'denoiser',
    inputs: options.sampleSize + options.embeddingSize + options.conditionSize,
    hidden: options.hidden,
    outputs: options.sampleSize,
    activation: 'silu',
  });
  const parameters = createParameters(network.layout);
  network.initialise(parameters, random.stream('weights'));
  const noise = random.stream('noise');
  const training = await compile(trainingProgram(network, parameters, options));
  const sampling = await compile(samplingProgram(network, parameters, schedule, options));
  const adam = createAdam(parameters, { learningRate: options.learningRate });
  const parts = { parameters: arrayState(parameters.flat), adam: adamState(adam), noise: streamState(noise) };
  const embeddings = Array.from({ length: options.steps }, (_, i) => stepEmbedding(i + 1, options.embeddingSize));

  const drawStep = (row: number): void => {
    const index = noise.integer(schedule.steps);
    training.inputs.signal[row] = Math.sqrt(schedule.alphaBar[index]!);
    training.inputs.spread[row] = Math.sqrt(1 - schedule.alphaBar[index]!);
    training.inputs.embedding.set(embeddings[index]!, row * options.embeddingSize);
  };
  const fillNormal = (target: Float32Array): void => {
    for (let i = 0; i < target.length; i++) target[i] = noise.normal();
  };

  const sample = async (conditions: Float32Array): Promise<Float32Array> => {
    sampling.inputs.condition.set(conditions);
    fillNormal(sampling.inputs.noise);
    await sampling.run();
    return sampling.outputs.sample!;
  };

  return {
    options,
    fit: async (samples, conditions) => {
      training.inputs.sample.set(samples);
      training.inputs.condition.set(conditions);
      for (let row = 0; row < options.batchSize; row++) drawStep(row);
      fillNormal(training.inputs.noise);
      await training.run();
      adam.step(training.gradients.denoiser);
      return training.outputs.loss![0]!;
    },
    sample,
    sampleMoments: async (conditions, count) => {
      const size = options.batchSize * options.sampleSize;
      const mean = new Float32Array(size);
      const deviation = new Float32Array(size);
      for (let k = 1; k <= count; k++) {
        const drawn = await sample(conditions);
        for (let i = 0; i < size; i++) {
          const difference = drawn[i]! - mean[i]!;
          mean[i]! += difference / k;
          deviation[i]! += difference * (drawn[i]! - mean[i]!);
        }
      }
      for (let i = 0; i < size; i++) deviation[i] = Math.sqrt(deviation[i]! / count);
      return { mean, deviation };
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

/** Mean squared error of the denoiser's statement about q(x_w | x0) at random steps (Ho et al. 2020, eq. 14). */
export function trainingProgram(network: Network, parameters: ParameterBlock, options: DiffusionModelOptions) {
  const { batchSize: rows, sampleSize, conditionSize, embeddingSize, prediction } = options;
  return {
    inputs: {
      sample: [rows, sampleSize],
      condition: [rows, conditionSize],
      noise: [rows, sampleSize],
      embedding: [rows, embeddingSize],
      signal: [rows, 1],
      spread: [rows, 1],
    },
    parameters: { denoiser: parameters },
    build: (
      inputs: Record<'sample' | 'condition' | 'noise' | 'embedding' | 'signal' | 'spread', Tf.Tensor>,
      { denoiser }: Record<'denoiser', Record<string, Tf.Tensor>>,
    ) => {
      const tf = tensorFlow();
      const { sample, condition, noise, embedding, signal, spread } = inputs;
      const noisy = tf.add(tf.mul(signal, sample), tf.mul(spread, noise));
      const target =
        prediction === 'x0' ? sample : prediction === 'noise' ? noise : tf.sub(tf.mul(signal, noise), tf.mul(spread, sample));
      const { value, gradients } = gradientsOf((weights) => {
        const said = network.apply(weights, tf.concat([noisy, embedding, condition], 1) as Tf.Tensor2D);
        return tf.mean(tf.square(tf.sub(said, target))) as Tf.Scalar;
      }, denoiser);
      return { outputs: { loss: value }, gradients: { denoiser: gradients } };
    },
  };
}

/** All W reverse steps unrolled into one graph. `noise` holds the initial sample, then one row block per step. */
export function samplingProgram(
  network: Network,
  parameters: ParameterBlock,
  schedule: NoiseSchedule,
  options: DiffusionModelOptions,
) {
  const { batchSize: rows, sampleSize, conditionSize, embeddingSize } = options;
  return {
    inputs: { condition: [rows, conditionSize], noise: [schedule.steps * rows, sampleSize] },
    parameters: { denoiser: parameters },
    build: (
      { condition, noise }: Record<'condition' | 'noise', Tf.Tensor>,
      { denoiser }: Record<'denoiser', Record<string, Tf.Tensor>>,
    ) => {
      const tf = tensorFlow();
      const block = (index: number): Tf.Tensor => tf.slice(noise, [index * rows, 0], [rows, sampleSize]);
      let x = block(0);
      for (let w = schedule.steps; w >= 1; w--) {
        const embedding = tf.tile(tf.tensor2d(stepEmbedding(w, embeddingSize), [1, embeddingSize]), [rows, 1]);
        const said = network.apply(denoiser, tf.concat([x, embedding, condition], 1) as Tf.Tensor2D);
        const clean = tf.clipByValue(estimateClean(said, x, schedule.alphaBar[w - 1]!, options), -options.clip, options.clip);
        x = w === 1 ? clean : reverseStep(clean, x, w, block(schedule.steps - w + 1), schedule, options);
      }
      return { outputs: { sample: x } };
    },
  };
}

/** x0 as implied by what the denoiser said of x_w. */
function estimateClean(said: Tf.Tensor, x: Tf.Tensor, alphaBar: number, { prediction }: DiffusionModelOptions): Tf.Tensor {
  const tf = tensorFlow();
  const [signal, spread] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  switch (prediction) {
    case 'x0':
      return said;
    case 'noise':
      return tf.mul(tf.sub(x, tf.mul(said, spread)), 1 / signal);
    case 'v':
      return tf.sub(tf.mul(x, signal), tf.mul(said, spread));
  }
}

function reverseStep(
  clean: Tf.Tensor,
  x: Tf.Tensor,
  w: number,
  noise: Tf.Tensor,
  schedule: NoiseSchedule,
  { sampler }: DiffusionModelOptions,
): Tf.Tensor {
  const tf = tensorFlow();
  const index = w - 1;
  if (sampler === 'ddim') {
    const [now, next] = [schedule.alphaBar[index]!, schedule.alphaBar[index - 1]!];
    const implied = tf.mul(tf.sub(x, tf.mul(clean, Math.sqrt(now))), 1 / Math.sqrt(1 - now));
    return tf.add(tf.mul(clean, Math.sqrt(next)), tf.mul(implied, Math.sqrt(1 - next)));
  }
  const mean = tf.add(tf.mul(clean, schedule.posteriorX0[index]!), tf.mul(x, schedule.posteriorXw[index]!));
  return tf.add(mean, tf.mul(noise, schedule.posteriorDeviation[index]!));
}
