import type * as Tf from '@tensorflow/tfjs';
import type { ShapingOptions } from '../../diffusion/index.js';
import { denoiserNetwork, fillNormals, noiseSchedule, reverseProcess, unrolledDenoiser } from '../../diffusion/index.js';
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
  const sizes = { sampleSize: latent, embeddingSize, conditionSize };
  const denoiser = denoiserNetwork(sizes, hidden, latent, 'relu');
  const head = mlp({ name: 'head', inputs: latent, hidden: [], outputs: 2, activation: 'relu' });
  const schedule = noiseSchedule({ kind: options.schedule, steps: options.denoisingSteps });
  return {
    layout: joinLayouts(denoiser.layout, head.layout),
    initialise: (block, random) => {
      denoiser.initialise(block, random);
      head.initialise(block, random);
    },
    latentShape: (rows) => [schedule.steps * rows, latent],
    drawLatent: fillNormals,
    apply: (weights, condition, noise) => {
      const say = unrolledDenoiser(denoiser, weights, { condition, copies: 1, steps: schedule.steps }, sizes);
      const generated = reverseProcess(say, noise!, schedule, { sampleSize: latent, clip: options.labelClip });
      return head.apply(weights, tensorFlow().relu(generated) as Tf.Tensor2D);
    },
  };
}
