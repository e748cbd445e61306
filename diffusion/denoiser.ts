import type * as Tf from '@tensorflow/tfjs';
import type { Activation, NamedTensors, Network } from '../src/engine/index.js';
import { activationOf, mlp, tensorFlow } from '../src/engine/index.js';
import { stepEmbedding } from './schedule.js';

/** What a denoiser takes: a noisy sample, the step's embedding, the condition. */
export interface DenoiserSizes {
  /** Components of a sample. */
  readonly sampleSize: number;
  readonly embeddingSize: number;
  readonly conditionSize: number;
}

/** From [x_w, embedding of w, condition] to `outputs` values about the clean sample. */
export function denoiserNetwork(sizes: DenoiserSizes, hidden: readonly number[], outputs: number, activation: Activation): Network {
  const inputs = sizes.sampleSize + sizes.embeddingSize + sizes.conditionSize;
  return mlp({ name: 'denoiser', inputs, hidden, outputs, activation });
}

/**
 * What a denoiser says of noisy samples at step w of `steps`, `copies` of them for each row of `condition` [rows, C], the
 * first of all rows first. What no step changes of the first layer is computed once for all steps and copies.
 */
export function unrolledDenoiser(
  network: Network,
  weights: NamedTensors,
  { condition, copies, steps }: { condition: Tf.Tensor; copies: number; steps: number },
  { sampleSize, embeddingSize, conditionSize }: DenoiserSizes,
): (noisy: Tf.Tensor, w: number) => Tf.Tensor {
  const tf = tensorFlow();
  const [first, ...rest] = network.layers as [Network['layers'][number], ...Network['layers']];
  const { outputs: width } = first;
  const part = (from: number, size: number): Tf.Tensor => tf.slice(weights[first.weights]!, [from, 0], [size, width]);
  const [ofSample, ofStep, ofCondition] = [part(0, sampleSize), part(sampleSize, embeddingSize), part(sampleSize + embeddingSize, conditionSize)];
  const once = tf.add(tf.matMul(condition, ofCondition), weights[first.bias]!);
  const everySample = copies === 1 ? once : tf.tile(once, [copies, 1]);
  const embeddings = Array.from({ length: steps }, (_, i) => [...stepEmbedding(i + 1, embeddingSize)]);
  const everyStep = tf.matMul(tf.tensor2d(embeddings, [steps, embeddingSize]), ofStep);
  const activate = (y: Tf.Tensor, { activation }: Network['layers'][number]): Tf.Tensor => activationOf(activation).tensor(y);
  return (noisy, w) => {
    const drive = sampleSize === 1 ? tf.mul(noisy, ofSample) : tf.matMul(noisy, ofSample);
    const step = tf.slice(everyStep, [w - 1, 0], [1, width]);
    return rest.reduce<Tf.Tensor>(
      (h, layer) => activate(tf.add(tf.matMul(h, weights[layer.weights]!), weights[layer.bias]!), layer),
      activate(tf.add(drive, tf.add(everySample, step)), first),
    );
  };
}
