import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../src/engine/index.js';
import { compile, createTrainable, gradientsOf, mlp, tensorFlow } from '../src/engine/index.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { restoreParts, saveParts, streamState } from '../src/io/checkpoint.js';
import type { RandomStream } from '../src/math/random.js';
import type { ScheduleKind } from './kinds.js';
import { fillNormals } from './noiseTable.js';
import type { ReverseOptions } from './reverse.js';
import { noiseBlocks, reverseProcess } from './reverse.js';
import type { NoiseSchedule } from './schedule.js';
import { noiseSchedule, stepEmbedding } from './schedule.js';

export interface DiffusionModelOptions extends ReverseOptions {
  /** Components of a sample; 1 for a reward. */
  readonly sampleSize: number;
  readonly conditionSize: number;
  /** Denoising steps W. */
  readonly steps: number;
  readonly schedule: ScheduleKind;
  readonly hidden: readonly number[];
  readonly learningRate: number;
  readonly batchSize: number;
  /** Drawn of each condition at once. */
  readonly samples: number;
}

/** Mean and standard deviation over the samples of each condition, row-major; overwritten by the next call. */
export interface SampleMoments {
  /** The sample itself if only one is drawn. */
  readonly mean: Float32Array;
  /** null if only one is drawn. */
  readonly deviation: Float32Array | null;
}

/** A conditional denoising diffusion model of p(sample | condition), trained and sampled in batches of fixed size. */
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
  const network = mlp({
    name: 'denoiser',
    inputs: options.sampleSize + options.embeddingSize + options.conditionSize,
    hidden: options.hidden,
    outputs: options.sampleSize,
    activation: 'silu',
  });
  const denoiser = createTrainable(network.layout, {
    initialise: (block) => network.initialise(block, random.stream('weights')),
    learningRate: options.learningRate,
  });
  const { parameters } = denoiser;
  const noise = random.stream('noise');
  const training = await compile(trainingProgram(network, parameters, options));
  const sampling = await compile(samplingProgram(network, parameters, schedule, options));
  const parts = { ...denoiser.states({ parameters: 'parameters', adam: 'adam' }), noise: streamState(noise) };
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
      { denoiser }: Record<'denoiser', NamedTensors>,
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

/** `samples` reverse processes of each condition in one graph: the sample, or the moments of several. */
export function samplingProgram(
  network: Network,
  parameters: ParameterBlock,
  schedule: NoiseSchedule,
  options: DiffusionModelOptions,
) {
  const { batchSize: rows, sampleSize, conditionSize, samples } = options;
  return {
    inputs: {
      condition: [rows, conditionSize],
      noise: [noiseBlocks(schedule.steps, options.sampler) * samples * rows, sampleSize],
    },
    parameters: { denoiser: parameters },
    build: (inputs: Record<'condition' | 'noise', Tf.Tensor>, { denoiser }: Record<'denoiser', NamedTensors>) => {
      const tf = tensorFlow();
      const x = reverseProcess(network, denoiser, inputs, schedule, options);
      if (samples === 1) return { outputs: { mean: x } };
      const drawn = tf.reshape(x, [samples, rows, sampleSize]);
      const mean = tf.mean(drawn, 0);
      return { outputs: { mean, deviation: tf.sqrt(tf.mean(tf.square(tf.sub(drawn, mean)), 0)) } };
    },
  };
}
