import type * as Tf from '@tensorflow/tfjs';
import { tensorFlow } from '../src/engine/index.js';

/** Gaussians that a denoiser's statement about x0 mixes. */
const components = 4;
/** Least deviation of a component: labels repeat exactly, a density need not follow. */
const leastDeviation = 0.02;
/** A priori means of the components, so that they start apart. */
const start = Array.from({ length: components }, (_, k) => (2 * k) / (components - 1) - 1);

/** Values by which a denoiser states a mixture for a sample of S components: weights, means, deviations. */
export const mixtureSize = (sampleSize: number): number => components * (1 + 2 * sampleSize);
/** Normals that a draw from a mixture takes. */
export const drawSize = (sampleSize: number): number => 2 + sampleSize;

/** Mixtures of K Gaussians, independent in the S components of a sample, one a row. */
export interface Mixture {
  /** [rows, K]: logarithms of the weights, up to a constant a row. */
  readonly logits: Tf.Tensor2D;
  /** Both [rows, K, S]. */
  readonly means: Tf.Tensor;
  readonly deviations: Tf.Tensor;
}

/** The mixtures that a network's output [rows, mixtureSize(S)] states. */
export function mixtureOf(said: Tf.Tensor): Mixture {
  const tf = tensorFlow();
  const size = (said.shape[1]! / components - 1) / 2;
  const part = (from: number): Tf.Tensor => tf.reshape(tf.slice(said, [0, from], [-1, components * size]), [-1, components, size]);
  return {
    logits: tf.slice(said, [0, 0], [-1, components]) as Tf.Tensor2D,
    means: tf.add(part(components), tf.tensor3d(start, [1, components, 1])),
    deviations: tf.add(tf.softplus(part(components * (1 + size))), leastDeviation),
  };
}

/** Mean over rows of -log density of `seen` [rows, S], less that of a Gaussian's constant: (S / 2) log 2 pi. */
export function surprise({ logits, means, deviations }: Mixture, seen: Tf.Tensor): Tf.Scalar {
  const tf = tensorFlow();
  const [rows, size] = seen.shape as [number, number];
  const away = tf.div(tf.sub(tf.reshape(seen, [rows, 1, size]), means), deviations);
  const logDensities = tf.neg(tf.sum(tf.add(tf.mul(0.5, tf.square(away)), tf.log(deviations)), 2));
  const joint = tf.logSumExp(tf.add(logits, logDensities), 1);
  return tf.mean(tf.sub(tf.logSumExp(logits, 1), joint)) as Tf.Scalar;
}

/**
 * A sample [rows, S] of each mixture, given normals [rows, 2 + S]: exp(-(z1^2 + z2^2) / 2) is uniform and chooses a
 * Gaussian, the others are its noise.
 */
export function drawFrom({ logits, means, deviations }: Mixture, normals: Tf.Tensor): Tf.Tensor {
  const tf = tensorFlow();
  const chooser = tf.sum(tf.square(tf.slice(normals, [0, 0], [-1, 2])), 1, true);
  // Below 1, so that the last cumulative weight is above it however it was rounded.
  const uniform = tf.mul(tf.exp(tf.mul(chooser, -0.5)), 1 - 1e-6);
  const weights = tf.softmax(logits);
  const upTo = tf.cumsum(weights, 1);
  const below = (edges: Tf.Tensor): Tf.Tensor => tf.cast(tf.less(edges, uniform), 'float32');
  const chosen = tf.expandDims(tf.sub(below(tf.sub(upTo, weights)), below(upTo)), 2);
  const ofChosen = (values: Tf.Tensor): Tf.Tensor => tf.sum(tf.mul(chosen, values), 1);
  return tf.add(ofChosen(means), tf.mul(ofChosen(deviations), tf.slice(normals, [0, 2], [-1, -1])));
}
