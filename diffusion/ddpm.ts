import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../src/engine/index.js';
import { compile, createTrainable, gradientsOf, tensorFlow } from '../src/engine/index.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { restoreParts, saveParts, streamState } from '../src/io/checkpoint.js';
import type { RandomStream } from '../src/math/random.js';
import type { DenoiserSizes } from './denoiser.js';
import { denoiserNetwork, unrolledDenoiser } from './denoiser.js';
import type { ScheduleKind } from './kinds.js';
import { drawFrom, drawSize, mixtureOf, mixtureSize, surprise } from './mixture.js';
import { fillNormals } from './noiseTable.js';
import { reverseProcess } from './reverse.js';
import type { NoiseSchedule } from './schedule.js';
import { noiseSchedule, stepEmbedding } from './schedule.js';

/** Share of the weights taken into their running average at each fit; samples come from the average. */
const averagingRate = 0.01;

export interface DiffusionModelOptions extends DenoiserSizes {
  /** Denoising steps W. */
  readonly steps: number;
  readonly schedule: ScheduleKind;
  readonly hidden: readonly number[];
  readonly learningRate: number;
  readonly batchSize: number;
  /** Drawn of each condition at once. */
  readonly samples: number;
  /** Clean samples are clipped to +- this at every step. */
  readonly clip: number;
}

/** Mean and standard deviation over the samples of each condition, row-major; overwritten by the next call. */
export interface SampleMoments {
  /** The sample itself if only one is drawn. */
  readonly mean: Float32Array;
  /** Over the samples less one; null if only one is drawn. */
  readonly deviation: Float32Array | null;
}

/**
 * A conditional denoising diffusion model of p(sample | condition), trained and sampled in batches of fixed size. Its
 * denoiser states p(x0 | x_w) as a mixture of Gaussians and learns by maximum likelihood; the reverse process draws from it.
 */
export interface DiffusionModel extends Stateful {
  readonly options: DiffusionModelOptions;
  /**
   * One gradient step on `batchSize` samples (row-major, batchSize x sampleSize) and their conditions. Returns the loss.
   */
  fit(samples: Float32Array, conditions: Float32Array): Promise<number>;
  /** Draws `samples` of each condition, by W reverse steps. */
  sample(conditions: Float32Array): Promise<SampleMoments>;
}

/** Builds and compiles a model; its weights and its noise come from two streams of `random`. */
export async function createDiffusionModel(options: DiffusionModelOptions, random: RandomStream): Promise<DiffusionModel> {
  const schedule = noiseSchedule({ kind: options.schedule, steps: options.steps });
  const network = denoiserNetwork(options, options.hidden, mixtureSize(options.sampleSize), 'silu');
  const denoiser = createTrainable(network.layout, {
    initialise: (block) => network.initialise(block, random.stream('weights')),
    learningRate: options.learningRate,
    targetRate: averagingRate,
  });
  const noise = random.stream('noise');
  const training = await compile(trainingProgram(network, denoiser.parameters, options));
  const sampling = await compile(samplingProgram(network, denoiser.target, schedule, options));
  const parts = { ...denoiser.states({ parameters: 'parameters', target: 'averaged', adam: 'adam' }), noise: streamState(noise) };
  const embeddings = Array.from({ length: options.steps }, (_, i) => stepEmbedding(i + 1, options.embeddingSize));

  const drawStep = (row: number): void => {
    const index = noise.integer(schedule.steps);
    training.inputs.signal[row] = Math.sqrt(schedule.alphaBar[index]!);
    training.inputs.spread[row] = Math.sqrt(1 - schedule.alphaBar[index]!);
    training.inputs.embedding.set(embeddings[index]!, row * options.embeddingSize);
  };
  return {
    options,
    fit: async (samples, conditions) => {
      training.inputs.sample.set(samples);
      training.inputs.condition.set(conditions);
      for (let row = 0; row < options.batchSize; row++) drawStep(row);
      fillNormals(training.inputs.noise, noise);
      await training.run();
      denoiser.step(training.gradients.denoiser);
      return training.outputs.loss![0]!;
    },
    sample: async (conditions) => {
      sampling.inputs.condition.set(conditions);
      fillNormals(sampling.inputs.noise, noise);
      await sampling.run();
      return { mean: sampling.outputs.mean!, deviation: sampling.outputs.deviation ?? null };
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

/** Mean -log p(x0 | x_w) as the denoiser states it, x_w at random steps, and its gradient. */
export function trainingProgram(network: Network, parameters: ParameterBlock, options: DiffusionModelOptions) {
  const { batchSize: rows, sampleSize, conditionSize, embeddingSize } = options;
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
      { denoiser }: Record<'denoiser', NamedTensors>,
    ) => {
      const tf = tensorFlow();
      const { sample, condition, noise, embedding, signal, spread } = inputs;
      const noisy = tf.add(tf.mul(signal, sample), tf.mul(spread, noise));
      const { value, gradients } = gradientsOf((weights) => {
        const said = network.apply(weights, tf.concat([noisy, embedding, condition], 1) as Tf.Tensor2D);
        return surprise(mixtureOf(said), sample);
      }, denoiser);
      return { outputs: { loss: value }, gradients: { denoiser: gradients } };
    },
  };
}

/** `samples` reverse processes of each condition in one graph: the sample, or the moments of several. */
export function samplingProgram(
  network: Network,
  parameters: ParameterBlock,
  schedule: NoiseSchedule,
  options: DiffusionModelOptions,
) {
  const { batchSize: rows, sampleSize, conditionSize, samples } = options;
  return {
    inputs: { condition: [rows, conditionSize], noise: [schedule.steps * samples * rows, sampleSize + drawSize(sampleSize)] },
    parameters: { denoiser: parameters },
    build: ({ condition, noise }: Record<'condition' | 'noise', Tf.Tensor>, { denoiser }: Record<'denoiser', NamedTensors>) => {
      const tf = tensorFlow();
      const say = unrolledDenoiser(network, denoiser, { condition, copies: samples, steps: schedule.steps }, options);
      const x = reverseProcess((noisy, w, normals) => drawFrom(mixtureOf(say(noisy, w)), normals()), noise, schedule, options);
      if (samples === 1) return { outputs: { mean: x } };
      const drawn = tf.reshape(x, [samples, rows, sampleSize]);
      const mean = tf.mean(drawn, 0);
      const variance = tf.mul(tf.sum(tf.square(tf.sub(drawn, mean)), 0), 1 / (samples - 1));
      return { outputs: { mean, deviation: tf.sqrt(variance) } };
    },
  };
}
