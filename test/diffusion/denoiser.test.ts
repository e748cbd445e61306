import { expect, it } from 'vitest';
import { denoiserNetwork, unrolledDenoiser } from '../../diffusion/denoiser.js';
import { stepEmbedding } from '../../diffusion/schedule.js';
import type { Activation } from '../../src/engine/index.js';
import { createParameters, loadTensorFlow } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';

async function denoiser(sampleSize: number, activation: Activation) {
  const tf = await loadTensorFlow();
  const random = randomStream(3);
  const sizes = { sampleSize, embeddingSize: 4, conditionSize: 2 };
  const network = denoiserNetwork(sizes, [5, 4], 3, activation);
  const block = createParameters(network.layout);
  network.initialise(block, random);
  const weights = Object.fromEntries(network.layout.map(({ name, shape }) => [name, tf.tensor(block.view(name).slice(), [...shape])]));
  const condition = tf.tensor2d([0.3, -0.4, 1.1, 0.2], [2, 2]);
  return { tf, sizes, network, weights, condition, random };
}

it.each<[number, Activation]>([
  [1, 'relu'],
  [1, 'silu'],
  [2, 'tanh'],
])('the unrolled denoiser of %i components with %s says what the network says', async (sampleSize, activation) => {
  const { tf, sizes, network, weights, condition, random } = await denoiser(sampleSize, activation);
  const copies = 3;
  const noisy = tf.tensor2d(Float32Array.from({ length: 2 * copies * sampleSize }, () => random.normal()), [2 * copies, sampleSize]);
  const say = unrolledDenoiser(network, weights, { condition, copies, steps: 4 }, sizes);
  for (const w of [1, 3]) {
    const embedding = tf.tensor2d([...stepEmbedding(w, sizes.embeddingSize)], [1, sizes.embeddingSize]).tile([2 * copies, 1]);
    const whole = network.apply(weights, tf.concat2d([noisy, embedding as typeof noisy, condition.tile([copies, 1])], 1)).dataSync();
    say(noisy, w).dataSync().forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 5));
  }
});

it('the unrolled denoiser refuses an activation that it does not know', async () => {
  const { tf, sizes, network, weights, condition } = await denoiser(1, 'relu');
  const strange = { ...network, layers: network.layers.map((layer) => ({ ...layer, activation: 'gelu' as Activation })) };
  const say = unrolledDenoiser(strange, weights, { condition, copies: 1, steps: 1 }, sizes);
  expect(() => say(tf.zeros([2, 1]), 1)).toThrow('a layer ends in activation "gelu"; expected linear, relu, silu, tanh, sigmoid');
});
