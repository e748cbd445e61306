import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network } from '../../src/engine/index.js';
import { mlp, tensorFlow } from '../../src/engine/index.js';
import type { AgentOptions } from './options.js';

/** What critics are set by; see the options of the same names. */
export type CriticOptions = Pick<AgentOptions, 'twinCritics' | 'hidden' | 'critic' | 'quantiles' | 'objective' | 'riskLevel'>;

/** Up to here an error of a quantile counts by its square, in scaled reward: small, or quantiles shrink to their mean. */
const huberWidth = 0.1;

/** What one critic says of an action: its value, or that many quantiles of its return. */
const outputsOf = ({ critic, quantiles }: CriticOptions): number => (critic === 'quantile' ? quantiles : 1);

/** One critic, or twins. */
export function criticNetworks(options: CriticOptions, inputs: number): Network[] {
  return Array.from({ length: options.twinCritics ? 2 : 1 }, (_, i) =>
    mlp({ name: `critic${i}`, inputs, hidden: options.hidden, outputs: outputsOf(options), activation: 'relu' }),
  );
}

/** The level of the i-th of K quantiles, the middle of its share of outcomes (Dabney et al. 2018, QR-DQN, lemma 2). */
const levelOf = (i: number, count: number): number => (2 * i + 1) / (2 * count);

/**
 * What critics make of actions. `judge`: [rows, K], the value (K = 1) or K quantiles of the return, by one critic; `least`:
 * the smallest that any critic says, quantile by quantile (Ma et al. 2020, "DSAC", arXiv 2004.14547). `loss`: how far a
 * statement is from targets [rows, K]. `worth`: [rows, 1], what the actor raises: the mean, or the mean of the worst
 * `riskLevel` of outcomes (CVaR).
 */
export function judges(options: CriticOptions, critics: readonly Network[]) {
  const tf = tensorFlow();
  const judge = (network: Network, weights: NamedTensors, observations: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Tensor2D =>
    network.apply(weights, tf.concat2d([observations, actions], 1));
  const least = (weights: NamedTensors, observations: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Tensor2D =>
    critics.map((network) => judge(network, weights, observations, actions)).reduce((a, b) => tf.minimum(a, b));
  if (options.critic === 'expectation') {
    const loss = (said: Tf.Tensor, target: Tf.Tensor): Tf.Tensor => tf.mean(tf.square(tf.sub(said, target)));
    return { judge, least, loss, worth: (values: Tf.Tensor): Tf.Tensor => values };
  }
  const shares = tf.tensor2d([outcomeShares(options)]);
  return { judge, least, loss: quantileLoss, worth: (values: Tf.Tensor): Tf.Tensor => tf.sum(tf.mul(values, shares), 1, true) };
}

/** Weight of each quantile in the objective: equal, or equal over the lowest `riskLevel` of outcomes and 0 above. */
export function outcomeShares({ quantiles, objective, riskLevel }: Pick<CriticOptions, 'quantiles' | 'objective' | 'riskLevel'>): number[] {
  const level = objective === 'cvar' ? riskLevel : 1;
  return Array.from({ length: quantiles }, (_, i) => Math.max(0, Math.min(1 / quantiles, level - i / quantiles)) / level);
}

/**
 * Quantile regression of K quantiles `said` [rows, K] against samples `target` [rows, J] of the return: the loss of
 * QR-DQN (Dabney et al. 2018, eq. 9 and 10), sum over quantiles, mean over samples and rows.
 */
export function quantileLoss(said: Tf.Tensor, target: Tf.Tensor): Tf.Scalar {
  const tf = tensorFlow();
  const [rows, count] = said.shape as [number, number];
  const levels = Array.from({ length: count }, (_, i) => levelOf(i, count));
  const errors = tf.sub(tf.reshape(target, [rows, 1, -1]), tf.reshape(said, [rows, count, 1]));
  const clipped = tf.clipByValue(errors, -huberWidth, huberWidth);
  const huber = tf.mul(clipped, tf.sub(errors, tf.mul(clipped, 0.5)));
  const below = tf.cast(tf.less(errors, 0), 'float32');
  const perLevel = (value: (level: number) => number): Tf.Tensor => tf.tensor3d(levels.map(value), [1, count, 1]);
  const weights = tf.add(tf.mul(below, perLevel((level) => 1 - 2 * level)), perLevel((level) => level));
  return tf.mul(tf.mean(tf.mul(weights, huber)), count / huberWidth);
}
