import { expect, it } from 'vitest';
import { noiseBlocks, reverseProcess } from '../../diffusion/reverse.js';
import { noiseSchedule, stepEmbedding } from '../../diffusion/schedule.js';
import type { Activation } from '../../src/engine/index.js';
import { createParameters, loadTensorFlow, mlp } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';

const options = { embeddingSize: 4, prediction: 'x0', sampler: 'ddim', clip: 100 } as const;
const schedule = noiseSchedule({ steps: 1 });

async function denoiser(activation: Activation) {
  const tf = await loadTensorFlow();
  const random = randomStream(3);
  const network = mlp({ name: 'denoiser', inputs: 1 + options.embeddingSize + 2, hidden: [5, 4], outputs: 1, activation });
  const block = createParameters(network.layout);
  network.initialise(block, random);
  const weights = Object.fromEntries(network.layout.map(({ name, shape }) => [name, tf.tensor(block.view(name).slice(), [...shape])]));
  const condition = tf.tensor2d([0.3, -0.4, 1.1, 0.2], [2, 2]);
  const noise = tf.tensor2d([0.5, -1.5], [2 * noiseBlocks(1, 'ddim'), 1]);
  return { tf, network, weights, condition, noise };
}

it.each<Activation>(['relu', 'silu', 'tanh'])('the unrolled denoiser with %s says what the network says', async (activation) => {
  const { tf, network, weights, condition, noise } = await denoiser(activation);
  // The last step's x0 is the network's own statement of the noise.
  const unrolled = reverseProcess(network, weights, { condition, noise }, schedule, options).dataSync();
  const embedding = tf.tile(tf.tensor2d([...stepEmbedding(1, options.embeddingSize)], [1, options.embeddingSize]), [2, 1]);
  const whole = network.apply(weights, tf.concat2d([noise, embedding as typeof noise, condition], 1)).dataSync();
  for (let row = 0; row < 2; row++) expect(unrolled[row]).toBeCloseTo(whole[row]!, 6);
});

it('the unrolled denoiser refuses an activation that it does not know', async () => {
  const { network, weights, condition, noise } = await denoiser('relu');
  const strange = { ...network, layers: network.layers.map((layer) => ({ ...layer, activation: 'gelu' as Activation })) };
  expect(() => reverseProcess(strange, weights, { condition, noise }, schedule, options)).toThrow(
    'a layer ends in activation "gelu"; expected linear, relu, silu, tanh, sigmoid',
  );
});
