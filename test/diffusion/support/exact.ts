import type * as Tf from '@tensorflow/tfjs';
import type { Mixture } from '../../../diffusion/mixture.js';
import { tensorFlow } from '../../../src/engine/index.js';
import type { NoiseSchedule } from '../../../diffusion/schedule.js';

/** A Gaussian of a mixture: its weight, mean, deviation. */
export type Mode = readonly [weight: number, mean: number, deviation: number];

/** p(x0 | x_w) of a mixture of Gaussians, by Bayes, at noisy samples [rows, 1] of step w. */
export function exactMixture(modes: readonly Mode[], noisy: Tf.Tensor, w: number, { alphaBar }: NoiseSchedule): Mixture {
  const tf = tensorFlow();
  const [signal, noise] = [Math.sqrt(alphaBar[w - 1]!), 1 - alphaBar[w - 1]!];
  const of = modes.map(([weight, mean, deviation]) => {
    const variance = signal ** 2 * deviation ** 2 + noise;
    const away = tf.sub(noisy, signal * mean);
    return {
      logit: tf.sub(Math.log(weight) - Math.log(variance) / 2, tf.mul(tf.square(away), 0.5 / variance)),
      mean: tf.add(mean, tf.mul(away, (deviation ** 2 * signal) / variance)),
      deviation: tf.fill(noisy.shape, Math.sqrt((deviation ** 2 * noise) / variance)),
    };
  });
  const stacked = (parts: Tf.Tensor[]): Tf.Tensor => tf.expandDims(tf.concat(parts, 1), 2);
  return {
    logits: tf.concat(of.map(({ logit }) => logit), 1) as Tf.Tensor2D,
    means: stacked(of.map(({ mean }) => mean)),
    deviations: stacked(of.map(({ deviation }) => deviation)),
  };
}

/** One Gaussian with the mean and the variance of each mixture, or, at `spread` 0, its mean for certain. */
export function momentsOf({ logits, means, deviations }: Mixture, spread: 0 | 1): Mixture {
  const tf = tensorFlow();
  const weights = tf.expandDims(tf.softmax(logits), 2);
  const mean = tf.sum(tf.mul(weights, means), 1, true);
  const variance = tf.sum(tf.mul(weights, tf.add(tf.square(deviations), tf.square(tf.sub(means, mean)))), 1, true);
  return { logits: tf.zerosLike(tf.squeeze(mean, [2])) as Tf.Tensor2D, means: mean, deviations: tf.mul(spread, tf.sqrt(variance)) };
}
