import type * as Tf from '@tensorflow/tfjs';
import { squashedDeviation, squashedGaussian, tensorFlow } from '../../src/engine/index.js';
import type { ActionHead } from './heads.js';
import { choiceAndLevelLoss, fillUniform, gumbel, largest, oneHot, randomChoiceAndLevel, straightThroughChoice } from './heads.js';

/**
 * Continuous components as tanh of a Gaussian (Haarnoja et al. 2018, appendix C). The network gives all means, then all
 * log deviations. Exploring is sampling; the greedy action is the tanh of the mean. Entropy target: -1 a component.
 */
export function gaussianHead(size: number): ActionHead {
  return {
    size,
    levels: size,
    rawSize: 2 * size,
    rawGroups: 2,
    noiseSize: size,
    entropyTarget: -size,
    greedy: (raw) => tensorFlow().tanh(columns(raw, 0, size)),
    sample: (raw, noise) => squashedGaussian(columns(raw, 0, size), columns(raw, size, size), noise),
    drawNoise: (noise, random) => {
      for (let i = 0; i < noise.length; i++) noise[i] = random.normal();
    },
    imitationLoss: (raw, actions) => tensorFlow().mean(tensorFlow().squaredDifference(columns(raw, 0, size).tanh(), actions)),
    act: (raw, action, exploration, random) => {
      for (let i = 0; i < size; i++) {
        const deviation = exploration === null ? 0 : squashedDeviation(raw[size + i]!);
        action[i] = Math.tanh(raw[i]! + (deviation === 0 ? 0 : deviation * random.normal()));
      }
    },
    random: (action, random) => fillUniform(action, random),
  };
}

/**
 * One choice among `choices` (one-hot) and one level. The choice is categorical, sampled by the straight-through
 * Gumbel-softmax with its entropy in closed form; the level is tanh of a Gaussian. The network gives the logits, the
 * level's mean and its log deviation. Entropy target: a fifth of a uniform choice's, and -1 for the level.
 */
export function choiceAndGaussianHead(choices: number): ActionHead {
  const size = choices + 1;
  return {
    size,
    levels: 1,
    rawSize: choices + 2,
    rawGroups: 1,
    noiseSize: choices + 1,
    entropyTarget: 0.2 * Math.log(choices) - 1,
    greedy: (raw) => {
      const tf = tensorFlow();
      return tf.concat2d([oneHot(columns(raw, 0, choices)), tf.tanh(columns(raw, choices, 1))], 1);
    },
    sample: (raw, noise) => {
      const tf = tensorFlow();
      const logits = columns(raw, 0, choices);
      const choice = straightThroughChoice(logits, columns(noise, 0, choices));
      const level = squashedGaussian(columns(raw, choices, 1), columns(raw, choices + 1, 1), columns(noise, choices, 1));
      const logShares = tf.sub(logits, tf.logSumExp(logits, 1, true));
      const choiceEntropy = tf.neg(tf.sum(tf.mul(tf.softmax(logits), logShares), 1, true));
      return { action: tf.concat2d([choice, level.action], 1), entropy: tf.add(choiceEntropy, level.entropy) as Tf.Tensor2D };
    },
    drawNoise: (noise, random) => {
      for (let i = 0; i < noise.length; i++) noise[i] = i % size === choices ? random.normal() : gumbel(random);
    },
    imitationLoss: (raw, actions) => choiceAndLevelLoss(raw, actions, choices),
    act: (raw, action, exploration, random) => {
      let best = largest(raw, choices);
      let deviation = 0;
      if (exploration !== null) {
        const scores = Float32Array.from({ length: choices }, (_, i) => raw[i]! + gumbel(random));
        best = largest(scores, choices);
        deviation = squashedDeviation(raw[choices + 1]!);
      }
      action.fill(0, 0, choices);
      action[best] = 1;
      action[choices] = Math.tanh(raw[choices]! + (deviation === 0 ? 0 : deviation * random.normal()));
    },
    random: (action, random) => randomChoiceAndLevel(action, random),
  };
}

function columns(values: Tf.Tensor2D, from: number, size: number): Tf.Tensor2D {
  return tensorFlow().slice2d(values, [0, from], [-1, size]);
}
