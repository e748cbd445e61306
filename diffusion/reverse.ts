import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network } from '../src/engine/index.js';
import { activationOf, tensorFlow } from '../src/engine/index.js';
import type { PredictionKind } from './kinds.js';
import type { NoiseSchedule } from './schedule.js';
import { stepEmbedding } from './schedule.js';

export interface ReverseOptions {
  readonly embeddingSize: number;
  readonly prediction: PredictionKind;
  /** `ddpm`: ancestral sampling (Ho et al. 2020, algorithm 2); `ddim`: deterministic (Song et al. 2021, eta = 0). */
  readonly sampler: 'ddpm' | 'ddim';
  /** The estimate of x0 is clipped to +- this at every step. */
  readonly clip: number;
}

/** Blocks of noise that a reverse process takes, each one row per sample: where it starts, and one for each further step. */
export const noiseBlocks = (steps: number, sampler: ReverseOptions['sampler']): number => (sampler === 'ddim' ? 1 : steps);

/**
 * All W reverse steps unrolled, from pure noise to x0. `condition` has [rows, C], `noise` [blocks x copies x rows, S] with
 * `copies` samples of each condition, the first sample of all rows first; the result has [copies x rows, S].
 * What no step changes of the denoiser's first layer is computed once for all steps and copies.
 */
export function reverseProcess(
  network: Network,
  weights: NamedTensors,
  { condition, noise }: { condition: Tf.Tensor; noise: Tf.Tensor },
  schedule: NoiseSchedule,
  options: ReverseOptions,
): Tf.Tensor {
  const tf = tensorFlow();
  const samples = noise.shape[0]! / noiseBlocks(schedule.steps, options.sampler);
  const block = (index: number): Tf.Tensor => tf.slice(noise, [index * samples, 0], [samples, -1]);
  const denoise = denoiser(network, weights, condition, samples, schedule, options);
  let x = block(0);
  for (let w = schedule.steps; w >= 1; w--) {
    const clean = tf.clipByValue(estimateClean(denoise(x, w), x, schedule.alphaBar[w - 1]!, options), -options.clip, options.clip);
    if (w === 1) return clean;
    x = options.sampler === 'ddim' ? ddimStep(clean, x, w, schedule) : ddpmStep(clean, x, w, schedule, block(schedule.steps - w + 1));
  }
  return x;
}

/** The denoiser at [x_w, embedding of w, condition], as a function of what changes from step to step. */
function denoiser(
  network: Network,
  weights: NamedTensors,
  condition: Tf.Tensor,
  samples: number,
  schedule: NoiseSchedule,
  { embeddingSize }: ReverseOptions,
): (x: Tf.Tensor, w: number) => Tf.Tensor {
  const tf = tensorFlow();
  const [first, ...rest] = network.layers as [Network['layers'][number], ...Network['layers']];
  const { outputs: width } = first;
  const [rows, conditionSize] = condition.shape as [number, number];
  const sampleSize = network.inputs - embeddingSize - conditionSize;
  const part = (from: number, size: number): Tf.Tensor => tf.slice(weights[first.weights]!, [from, 0], [size, width]);
  const [ofSample, ofStep, ofCondition] = [part(0, sampleSize), part(sampleSize, embeddingSize), part(sampleSize + embeddingSize, conditionSize)];
  const once = tf.add(tf.matMul(condition, ofCondition), weights[first.bias]!);
  const everySample = samples === rows ? once : tf.tile(once, [samples / rows, 1]);
  const embeddings = Array.from({ length: schedule.steps }, (_, i) => [...stepEmbedding(i + 1, embeddingSize)]);
  const everyStep = tf.matMul(tf.tensor2d(embeddings, [schedule.steps, embeddingSize]), ofStep);
  const activate = (y: Tf.Tensor, { activation }: Network['layers'][number]): Tf.Tensor => activationOf(activation).tensor(y);
  return (x, w) => {
    const drive = sampleSize === 1 ? tf.mul(x, ofSample) : tf.matMul(x, ofSample);
    const step = tf.slice(everyStep, [w - 1, 0], [1, width]);
    return rest.reduce<Tf.Tensor>(
      (h, layer) => activate(tf.add(tf.matMul(h, weights[layer.weights]!), weights[layer.bias]!), layer),
      activate(tf.add(drive, tf.add(everySample, step)), first),
    );
  };
}

/** x0 as implied by what the denoiser said of x_w. */
function estimateClean(said: Tf.Tensor, x: Tf.Tensor, alphaBar: number, { prediction }: ReverseOptions): Tf.Tensor {
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

function ddimStep(clean: Tf.Tensor, x: Tf.Tensor, w: number, { alphaBar }: NoiseSchedule): Tf.Tensor {
  const tf = tensorFlow();
  const [now, next] = [alphaBar[w - 1]!, alphaBar[w - 2]!];
  const implied = tf.mul(tf.sub(x, tf.mul(clean, Math.sqrt(now))), 1 / Math.sqrt(1 - now));
  return tf.add(tf.mul(clean, Math.sqrt(next)), tf.mul(implied, Math.sqrt(1 - next)));
}

function ddpmStep(clean: Tf.Tensor, x: Tf.Tensor, w: number, schedule: NoiseSchedule, noise: Tf.Tensor): Tf.Tensor {
  const tf = tensorFlow();
  const mean = tf.add(tf.mul(clean, schedule.posteriorX0[w - 1]!), tf.mul(x, schedule.posteriorXw[w - 1]!));
  return tf.add(mean, tf.mul(noise, schedule.posteriorDeviation[w - 1]!));
}
