import { beforeAll, describe, expect, it } from 'vitest';
import type { Mixture } from '../../diffusion/mixture.js';
import { drawFrom, drawSize } from '../../diffusion/mixture.js';
import { reverseProcess } from '../../diffusion/reverse.js';
import { noiseSchedule } from '../../diffusion/schedule.js';
import { figuresOf } from '../../experiments/shaping/probes.js';
import { loadTensorFlow } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import type { Mode } from './support/exact.js';
import { exactMixture, momentsOf } from './support/exact.js';

beforeAll(loadTensorFlow);

const count = 30_000;

/** Samples of W reverse steps whose denoiser knows p(x0 | x_w) of `modes`; `form` is what is drawn of it. */
async function sampled(modes: readonly Mode[], steps: number, form: (exact: Mixture) => Mixture = (exact) => exact): Promise<number[]> {
  const tf = await loadTensorFlow();
  const random = randomStream(1, 'reverse');
  const schedule = noiseSchedule({ steps });
  const width = 1 + drawSize(1);
  const noise = tf.tensor2d(Float32Array.from({ length: steps * count * width }, () => random.normal()), [steps * count, width]);
  const drawn = tf.tidy(() =>
    reverseProcess((noisy, w, normals) => drawFrom(form(exactMixture(modes, noisy, w, schedule)), normals()), noise, schedule, { sampleSize: 1, clip: 100 }),
  );
  const values = [...(await drawn.data())];
  tf.dispose([noise, drawn]);
  return values;
}

const one: Record<string, Mode> = { standard: [1, 0, 1], narrow: [1, 0.5, 0.1], shifted: [1, -2, 0.3] };
const two: Record<string, readonly [Mode, Mode]> = {
  even: [[0.5, -1, 0.1], [0.5, 1, 0.1]],
  uneven: [[0.25, -1, 0.1], [0.75, 1, 0.1]],
  'rarely late': [[0.1, -2, 0.3], [0.9, 0.3, 0.1]],
  overlapping: [[0.4, -0.6, 0.3], [0.6, 0.8, 0.3]],
};

function valleyOf(modes: readonly Mode[]) {
  const [low, high] = [modes[0]![1], modes.at(-1)![1]];
  return { from: low + (high - low) / 4, middle: (low + high) / 2, to: high - (high - low) / 4 };
}

/** Mean, deviation, weight of the upper mode and mass between the modes of a mixture, from draws of it. */
function truth(modes: readonly [Mode, Mode]) {
  const random = randomStream(2, 'truth');
  const draws = Array.from({ length: 200_000 }, () => {
    const [, mean, deviation] = random.next() < modes[0][0] ? modes[0] : modes[1];
    return mean + deviation * random.normal();
  });
  return figuresOf(draws, { valley: valleyOf(modes) });
}

const truths = Object.fromEntries(Object.entries(two).map(([name, modes]) => [name, truth(modes)]));

describe.each([3, 5, 7])('with an exact denoiser, W = %i reverse steps', (steps) => {
  it.each(Object.entries(one))('give the mean and the deviation of one mode: %s', async (_, mode) => {
    const { mean, deviation } = figuresOf(await sampled([mode], steps), {});
    expect(Math.abs(mean - mode[1])).toBeLessThan(0.05 * mode[2]);
    expect(Math.abs(deviation / mode[2] - 1)).toBeLessThan(0.05);
  });

  it.each(Object.entries(two))('give mean, deviation, weights and valley of two modes: %s', async (name, modes) => {
    const expected = truths[name]!;
    const found = figuresOf(await sampled(modes, steps), { valley: valleyOf(modes) });
    expect(Math.abs(found.mean - expected.mean)).toBeLessThan(0.05 * expected.deviation);
    expect(Math.abs(found.deviation / expected.deviation - 1)).toBeLessThan(0.05);
    expect(Math.abs(found.upper! / expected.upper! - 1)).toBeLessThan(0.05);
    expect(Math.abs((1 - found.upper!) / (1 - expected.upper!) - 1)).toBeLessThan(0.05);
    expect(Math.abs(found.between! - expected.between!)).toBeLessThan(0.02);
  });
});

describe('what else could be put in place of a draw from p(x0 | x_w), W = 5', () => {
  it('is too narrow: its mean', async () => {
    expect(figuresOf(await sampled([one['standard']!], 5, (exact) => momentsOf(exact, 0)), {}).deviation).toBeLessThan(0.75);
  });

  it('fills the valley between two modes: a Gaussian of its mean and variance', async () => {
    const valley = valleyOf(two['even']!);
    const [moments, exact] = [await sampled(two['even']!, 5, (mixture) => momentsOf(mixture, 1)), await sampled(two['even']!, 5)];
    expect(figuresOf(moments, { valley }).between! - figuresOf(exact, { valley }).between!).toBeGreaterThan(0.05);
    expect(figuresOf(moments, {}).deviation).toBeCloseTo(figuresOf(exact, {}).deviation, 1);
  });
});
