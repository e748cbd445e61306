import type * as Tf from '@tensorflow/tfjs';
import { tensorFlow } from '../src/engine/index.js';
import type { RandomStream } from '../src/math/random.js';

export interface Exploration {
  /** Standard deviation of Gaussian noise on continuous components. */
  readonly noise: number;
  /** Probability of a uniformly random choice on discrete components. */
  readonly epsilon: number;
}

/**
 * Turns what the actor's network says into an action. Rows of `size` components in [-1, 1]; discrete choices are
 * one-hot, so the critic always sees the executed action.
 */
export interface ActionHead {
  readonly size: number;
  /** Uniform numbers in (0, 1) that `relaxed` needs for each row; 0 if none. */
  readonly noiseSize: number;
  /** The greedy action: for targets, evaluation and export. */
  greedy(raw: Tf.Tensor2D): Tf.Tensor2D;
  /** The action through which the actor's gradient passes. */
  relaxed(raw: Tf.Tensor2D, uniform: Tf.Tensor2D | null): Tf.Tensor2D;
  /** The executed action, outside the graph; null exploration is greedy. */
  act(raw: Float32Array, action: Float32Array, exploration: Exploration | null, random: RandomStream): void;
  /** A uniformly random action. */
  random(action: Float32Array, random: RandomStream): void;
}

/** Continuous components through tanh. */
export function boxHead(size: number): ActionHead {
  return {
    size,
    noiseSize: 0,
    greedy: (raw) => raw.tanh(),
    relaxed: (raw) => raw.tanh(),
    act: (raw, action, exploration, random) => {
      for (let i = 0; i < size; i++) {
        const noisy = Math.tanh(raw[i]!) + (exploration === null ? 0 : exploration.noise * random.normal());
        action[i] = Math.max(-1, Math.min(1, noisy));
      }
    },
    random: (action, random) => {
      for (let i = 0; i < size; i++) action[i] = 2 * random.next() - 1;
    },
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
    noiseSize: choices,
    greedy: (raw) => {
      const [logits, level] = split(raw);
      return tensorFlow().concat2d([oneHot(logits), level], 1);
    },
    relaxed: (raw, uniform) => {
      const tf = tensorFlow();
      const [logits, level] = split(raw);
      const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform!))));
      const soft = tf.softmax(tf.add(logits, gumbel) as Tf.Tensor2D);
      const straightThrough = tf.customGrad((given) => ({
        value: oneHot(given as Tf.Tensor2D),
        gradFunc: (gradient: Tf.Tensor) => gradient,
      }));
      return tf.concat2d([straightThrough(soft) as Tf.Tensor2D, level], 1);
    },
    act: (raw, action, exploration, random) => {
      let best = 0;
      for (let i = 1; i < choices; i++) if (raw[i]! > raw[best]!) best = i;
      if (exploration !== null && random.next() < exploration.epsilon) best = random.integer(choices);
      action.fill(0, 0, choices);
      action[best] = 1;
      const noisy = Math.tanh(raw[choices]!) + (exploration === null ? 0 : exploration.noise * random.normal());
      action[choices] = Math.max(-1, Math.min(1, noisy));
    },
    random: (action, random) => {
      action.fill(0, 0, choices);
      action[random.integer(choices)] = 1;
      action[choices] = 2 * random.next() - 1;
    },
  };
}

/** 1 at each row's largest score, 0 elsewhere. */
function oneHot(scores: Tf.Tensor2D): Tf.Tensor2D {
  const tf = tensorFlow();
  return tf.cast(tf.equal(scores, tf.max(scores, 1, true)), 'float32') as Tf.Tensor2D;
}
