import type * as Tf from '@tensorflow/tfjs';
import type { Layout, NamedTensors, ParameterBlock } from '../../src/engine/index.js';
import { joinLayouts, mlp, tensorFlow } from '../../src/engine/index.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ShapingOptions } from './options.js';
import { noiseBlocks, reverseProcess } from '../reverse.js';
import { noiseSchedule } from '../schedule.js';

/** Bounds of the logarithm of a proposal's standard deviation before tanh, as in soft actor-critic. */
const [leastLog, mostLog] = [-5, 2];
/** Keeps the logarithm of the squashed density finite. */
const epsilon = 1e-6;

/** A stochastic policy whose action is a reward in (-1, 1): a network that ends in a mean and a spread, then tanh. */
export interface ProposalActor {
  readonly layout: Layout;
  initialise(block: ParameterBlock, random: RandomStream): void;
  /** Shape of the latent noise that so many rows take; null if the network takes none. */
  noiseShape(rows: number): [number, number] | null;
  /** [rows, condition] to [rows, 2]: mean and (unbounded) spread. */
  apply(weights: NamedTensors, condition: Tf.Tensor, noise: Tf.Tensor | null): Tf.Tensor;
}

/**
 * `reward-agent`: a multilayer perceptron, as ReLara's. `diffusion-agent`: W reverse steps on a latent of M components
 * (deterministic from its initial noise), ReLU, and a linear layer, trained end to end; M is the first hidden width.
 */
export function proposalActor(options: ShapingOptions, conditionSize: number): ProposalActor {
  const { hidden, embeddingSize } = options;
  if (options.kind === 'reward-agent') {
    const network = mlp({ name: 'proposer', inputs: conditionSize, hidden, outputs: 2, activation: 'relu' });
    return {
      layout: network.layout,
      initialise: network.initialise,
      noiseShape: () => null,
      apply: (weights, condition) => network.apply(weights, condition as Tf.Tensor2D),
    };
  }
  const latent = hidden[0]!;
  const inputs = latent + embeddingSize + conditionSize;
  const denoiser = mlp({ name: 'denoiser', inputs, hidden, outputs: latent, activation: 'relu' });
  const head = mlp({ name: 'head', inputs: latent, hidden: [], outputs: 2, activation: 'relu' });
  const schedule = noiseSchedule({ kind: options.schedule, steps: options.denoisingSteps });
  const reverse = { embeddingSize, prediction: options.prediction, sampler: options.sampler, clip: options.labelClip };
  return {
    layout: joinLayouts(denoiser.layout, head.layout),
    initialise: (block, random) => {
      denoiser.initialise(block, random);
      head.initialise(block, random);
    },
    noiseShape: (rows) => [noiseBlocks(schedule.steps, options.sampler) * rows, latent],
    apply: (weights, condition, noise) =>
      head.apply(weights, tensorFlow().relu(reverseProcess(denoiser, weights, { condition, noise: noise! }, schedule, reverse)) as Tf.Tensor2D),
  };
}

/**
 * A proposal tanh(u), u ~ N(mean, spread^2), by its reparameterisation with a standard normal, and its log density
 * (Haarnoja et al. 2018, eq. 21). Both [rows, 1].
 */
export function propose(said: Tf.Tensor, normal: Tf.Tensor): { proposal: Tf.Tensor; logDensity: Tf.Tensor } {
  const tf = tensorFlow();
  const [mean, raw] = tf.split(said, 2, 1) as [Tf.Tensor, Tf.Tensor];
  const logSpread = tf.add(tf.mul(tf.add(tf.tanh(raw), 1), (mostLog - leastLog) / 2), leastLog);
  const proposal = tf.tanh(tf.add(mean, tf.mul(tf.exp(logSpread), normal)));
  const gaussian = tf.sub(tf.mul(tf.square(normal), -0.5), tf.add(logSpread, 0.5 * Math.log(2 * Math.PI)));
  const squash = tf.log(tf.sub(1 + epsilon, tf.square(proposal)));
  return { proposal, logDensity: tf.sub(gaussian, squash) };
}
