import type * as Tf from '@tensorflow/tfjs';
import { tensorFlow } from '../../src/engine/index.js';
import type { RandomStream } from '../../src/math/random.js';
import type { Exploration } from '../pace.js';

/** An action that the actor's gradient passes through. */
export interface SampledAction {
  readonly action: Tf.Tensor2D;
  /** [rows, 1] estimate of the policy's entropy at each row, nats; null for a deterministic policy. */
  readonly entropy: Tf.Tensor2D | null;
}

/**
 * Turns what the actor's network says into an action. Rows of `size` components in [-1, 1]; discrete choices are
 * one-hot, so the critic always sees the executed action.
 */
export interface ActionHead {
  readonly size: number;
  /** How many of them are continuous: the last; those before are a one-hot choice. */
  readonly levels: number;
  /** Values that the network gives for each row. */
  readonly rawSize: number;
  /** Groups of equal size that these fall into, each with the same number of values for every site; see `sharedPolicy`. */
  readonly rawGroups: number;
  /** Random numbers that `sample` needs for each row; 0 if none. */
  readonly noiseSize: number;
  /** Entropy that soft actor-critic aims for, nats; null for a deterministic policy. */
  readonly entropyTarget: number | null;
  /** The greedy action: for evaluation, export, and the targets of a deterministic policy. */
  greedy(raw: Tf.Tensor2D): Tf.Tensor2D;
  /** `noise`: [rows, noiseSize] as `drawNoise` fills it. */
  sample(raw: Tf.Tensor2D, noise: Tf.Tensor2D): SampledAction;
  drawNoise(noise: Float32Array, random: RandomStream): void;
  /** How far the greedy policy is from given actions: squared error of what is continuous, cross-entropy of choices. */
  imitationLoss(raw: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Scalar;
  /** The executed action, outside the graph; null exploration is greedy. */
  act(raw: Float32Array, action: Float32Array, exploration: Exploration | null, random: RandomStream): void;
  /** A uniformly random action. */
  random(action: Float32Array, random: RandomStream): void;
}

/** Continuous components through tanh. */
export function boxHead(size: number): ActionHead {
  return {
    size,
    levels: size,
    rawSize: size,
    rawGroups: 1,
    noiseSize: 0,
    entropyTarget: null,
    greedy: (raw) => raw.tanh(),
    sample: (raw) => ({ action: raw.tanh(), entropy: null }),
    drawNoise: () => {},
    imitationLoss: (raw, actions) => tensorFlow().mean(tensorFlow().squaredDifference(raw.tanh(), actions)),
    act: (raw, action, exploration, random) => {
      for (let i = 0; i < size; i++) action[i] = noisyTanh(raw[i]!, exploration, random);
    },
    random: (action, random) => fillUniform(action, random),
  };
}

/**
 * One choice among `choices` (one-hot) and one level through tanh. The actor's gradient passes by the straight-through
 * Gumbel-softmax (Jang et al. 2017, temperature 1): forward the sampled one-hot, backward the softmax.
 */
export function choiceAndLevelHead(choices: number): ActionHead {
  const size = choices + 1;
  const split = (raw: Tf.Tensor2D): [Tf.Tensor2D, Tf.Tensor2D] => {
    const tf = tensorFlow();
    return [tf.slice2d(raw, [0, 0], [-1, choices]), tf.tanh(tf.slice2d(raw, [0, choices], [-1, 1]))];
  };
  return {
    size,
    levels: 1,
    rawSize: size,
    rawGroups: 1,
    noiseSize: choices,
    entropyTarget: null,
    greedy: (raw) => {
      const [logits, level] = split(raw);
      return tensorFlow().concat2d([oneHot(logits), level], 1);
    },
    sample: (raw, noise) => {
      const [logits, level] = split(raw);
      return { action: tensorFlow().concat2d([straightThroughChoice(logits, noise), level], 1), entropy: null };
    },
    drawNoise: (noise, random) => {
      for (let i = 0; i < noise.length; i++) noise[i] = gumbel(random);
    },
    imitationLoss: (raw, actions) => choiceAndLevelLoss(raw, actions, choices),
    act: (raw, action, exploration, random) => {
      let best = largest(raw, choices);
      if (exploration !== null && random.next() < exploration.epsilon) best = random.integer(choices);
      action.fill(0, 0, choices);
      action[best] = 1;
      action[choices] = noisyTanh(raw[choices]!, exploration, random);
    },
    random: (action, random) => randomChoiceAndLevel(action, random),
  };
}

/** 1 at each row's largest score, 0 elsewhere. */
export function oneHot(scores: Tf.Tensor2D): Tf.Tensor2D {
  const tf = tensorFlow();
  return tf.cast(tf.equal(scores, tf.max(scores, 1, true)), 'float32') as Tf.Tensor2D;
}

/** A one-hot sample of softmax(logits), given standard Gumbel noise, whose gradient is that of the softmax. */
export function straightThroughChoice(logits: Tf.Tensor2D, noise: Tf.Tensor2D): Tf.Tensor2D {
  const tf = tensorFlow();
  const soft = tf.softmax(tf.add(logits, noise) as Tf.Tensor2D);
  const straightThrough = tf.customGrad((given) => ({
    value: oneHot(given as Tf.Tensor2D),
    gradFunc: (gradient: Tf.Tensor) => gradient,
  }));
  return straightThrough(soft) as Tf.Tensor2D;
}

/** Cross-entropy of the one-hot choice and squared error of the level, means over rows. */
export function choiceAndLevelLoss(raw: Tf.Tensor2D, actions: Tf.Tensor2D, choices: number): Tf.Scalar {
  const tf = tensorFlow();
  const columns = (values: Tf.Tensor2D, from: number, size: number): Tf.Tensor2D => tf.slice2d(values, [0, from], [-1, size]);
  const logits = columns(raw, 0, choices);
  const logShares = tf.sub(logits, tf.logSumExp(logits, 1, true));
  const surprise = tf.neg(tf.sum(tf.mul(columns(actions, 0, choices), logShares), 1));
  const miss = tf.squaredDifference(tf.tanh(columns(raw, choices, 1)), columns(actions, choices, 1));
  return tf.add(tf.mean(surprise), tf.mean(miss)) as Tf.Scalar;
}

/** A standard Gumbel variate: the largest of logits + such noise is a draw from their softmax. */
export const gumbel = (random: RandomStream): number => -Math.log(-Math.log(1e-6 + (1 - 2e-6) * random.next()));

/** Index of the largest of the first `count` scores; the first of equals. */
export function largest(scores: Float32Array, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

export function fillUniform(action: Float32Array, random: RandomStream): void {
  for (let i = 0; i < action.length; i++) action[i] = 2 * random.next() - 1;
}

/** A random one-hot choice among all components but the last, which is a random level. */
export function randomChoiceAndLevel(action: Float32Array, random: RandomStream): void {
  const choices = action.length - 1;
  action.fill(0, 0, choices);
  action[random.integer(choices)] = 1;
  action[choices] = 2 * random.next() - 1;
}

function noisyTanh(raw: number, exploration: Exploration | null, random: RandomStream): number {
  const noisy = Math.tanh(raw) + (exploration === null ? 0 : exploration.noise * random.normal());
  return Math.max(-1, Math.min(1, noisy));
}
