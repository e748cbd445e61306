import type * as Tf from '@tensorflow/tfjs';
import { tensorFlow } from './tfjs.js';

/** Standard deviations lie between exp of these; a tanh in between, so that no gradient is lost at the ends. */
const minLogDeviation = -5;
const maxLogDeviation = 2;
const half = (maxLogDeviation - minLogDeviation) / 2;

/** The standard deviation that a network's unbounded output stands for, outside a program. */
export const squashedDeviation = (raw: number): number => Math.exp(minLogDeviation + half * (Math.tanh(raw) + 1));

/**
 * a = tanh(u), u = mean + deviation x noise with standard normal noise, and -log pi(a) as a one-sample estimate of the
 * entropy: sum over components of noise^2 / 2 + log deviation + log(2 pi) / 2 + log(1 - tanh(u)^2) (Haarnoja et al. 2018,
 * appendix C). All arguments [rows, size]; the action too; the entropy [rows, 1], nats.
 */
export function squashedGaussian(mean: Tf.Tensor2D, rawDeviation: Tf.Tensor2D, noise: Tf.Tensor2D): { action: Tf.Tensor2D; entropy: Tf.Tensor2D } {
  const tf = tensorFlow();
  const logDeviation = tf.add(tf.mul(tf.add(tf.tanh(rawDeviation), 1), half), minLogDeviation);
  const u = tf.add(mean, tf.mul(tf.exp(logDeviation), noise));
  // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2u)), without its loss of digits.
  const logSlope = tf.mul(tf.sub(tf.sub(Math.log(2), u), tf.softplus(tf.mul(u, -2))), 2);
  const gaussian = tf.add(tf.add(tf.mul(tf.square(noise), 0.5), logDeviation), 0.5 * Math.log(2 * Math.PI));
  return { action: tf.tanh(u) as Tf.Tensor2D, entropy: tf.sum(tf.add(gaussian, logSlope), 1, true) as Tf.Tensor2D };
}
