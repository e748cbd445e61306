import type * as Tf from '@tensorflow/tfjs';
import type { ShapingOptions } from '../../diffusion/index.js';
import { fillNormals, noiseBlocks, noiseSchedule, reverseProcess } from '../../diffusion/index.js';
import { joinLayouts, mlp, tensorFlow } from '../../src/engine/index.js';
import type { ActorNetwork } from '../actorCritic/networks.js';

/**
 * From conditions [rows, condition] to [rows, 2], the mean and the unbounded spread of a proposed reward.
 * `reward-agent`: a multilayer perceptron, as ReLara's. `diffusion-agent`: W reverse steps on a latent of M components
 * (deterministic from its initial noise), ReLU, and a linear layer, trained end to end; M is the first hidden width.
 */
export function proposalNetwork(options: ShapingOptions, conditionSize: number): ActorNetwork {
  const { hidden, embeddingSize } = options;
  if (options.kind === 'reward-agent') {
    const { layout, initialise, apply } = mlp({ name: 'proposer', inputs: conditionSize, hidden, outputs: 2, activation: 'relu' });
    return { layout, initialise, apply };
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
    latentShape: (rows) => [noiseBlocks(schedule.steps, options.sampler) * rows, latent],
    drawLatent: fillNormals,
    apply: (weights, condition, noise) =>
      head.apply(weights, tensorFlow().relu(reverseProcess(denoiser, weights, { condition, noise: noise! }, schedule, reverse)) as Tf.Tensor2D),
  };
}
