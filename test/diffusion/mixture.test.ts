import { beforeAll, expect, it } from 'vitest';
import { drawFrom, drawSize, mixtureOf, mixtureSize, surprise } from '../../diffusion/mixture.js';
import { loadTensorFlow, tensorFlow } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import { mean, standardDeviation } from '../../src/math/statistics.js';

beforeAll(loadTensorFlow);

it('is as surprised as the density says, up to the constant of a Gaussian', () => {
  const tf = tensorFlow();
  const mixture = {
    logits: tf.tensor2d([[Math.log(0.3) + 5, Math.log(0.7) + 5]]),
    means: tf.tensor3d([[[0, 1], [2, -1]]]),
    deviations: tf.tensor3d([[[0.5, 1], [2, 0.3]]]),
  };
  const normal = (x: number, centre: number, deviation: number): number => Math.exp(-(((x - centre) / deviation) ** 2) / 2) / deviation;
  const density = 0.3 * normal(0.4, 0, 0.5) * normal(0.2, 1, 1) + 0.7 * normal(0.4, 2, 2) * normal(0.2, -1, 0.3);
  expect(surprise(mixture, tf.tensor2d([[0.4, 0.2]])).dataSync()[0]).toBeCloseTo(-Math.log(density), 5);
});

it('draws each Gaussian as often as its weight says, with its mean and deviation', () => {
  const tf = tensorFlow();
  const random = randomStream(4);
  const rows = 50_000;
  const [weights, means, deviations] = [[0.2, 0.5, 0.3], [-20, 0, 20], [0.5, 1, 2]];
  const normals = tf.tensor2d(Float32Array.from({ length: rows * drawSize(1) }, () => random.normal()), [rows, drawSize(1)]);
  const everyRow = (values: number[]) => tf.tile(tf.tensor3d(values, [1, 3, 1]), [rows, 1, 1]);
  const mixture = { logits: tf.tile(tf.tensor2d([weights.map(Math.log)]), [rows, 1]), means: everyRow(means), deviations: everyRow(deviations) };
  const drawn = [...drawFrom(mixture, normals).dataSync()];
  weights.forEach((weight, k) => {
    const ofIt = drawn.filter((value) => Math.abs(value - means[k]!) < 10);
    expect(Math.abs(ofIt.length / rows - weight)).toBeLessThan(0.01);
    expect(Math.abs(standardDeviation(ofIt) / deviations[k]! - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean(ofIt) - means[k]!)).toBeLessThan(0.1);
  });
});

it('chooses the last Gaussian, not none, where the uniform number is 1', () => {
  const tf = tensorFlow();
  const said = tf.zeros([1, mixtureSize(1)]);
  const { means } = mixtureOf(said);
  expect(drawFrom(mixtureOf(said), tf.zeros([1, drawSize(1)])).dataSync()[0]).toBeCloseTo(Math.max(...means.dataSync()), 6);
});
