import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobFeatures } from '../../../../workloads/tensor/models/features.js';
import { parseKernelTunerCache } from '../../../../workloads/tensor/measure/kernelTunerCache.js';
import { createTuner, methods } from '../../../../workloads/tensor/strategies/methods.js';
import { replayMeasurer } from '../../../../workloads/tensor/measure/replay.js';
import { runSession } from '../../../../workloads/tensor/study/session.js';
import { choicesAt, createNeighbour, indexOfChoices } from '../../../../workloads/tensor/space.js';
import { randomStream } from '../../../../src/math/random.js';
import { smallCache } from '../support/cache.js';

const space = parseKernelTunerCache(smallCache(), 'f');
const features = knobFeatures(space.knobs);
const run = (method: (typeof methods)[number], trials: number, seed = 1): ReturnType<typeof runSession> =>
  runSession({ space, tuner: createTuner(method, { space, features, seed, trials }), measurer: replayMeasurer(space, seed), trials });

describe('search space', () => {
  it('turns an index into choices and back, and steps to a place that differs in one knob', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), fc.nat(), (counts, seed) => {
        const knobs = counts.map((count, k) => ({ name: `k${k}`, values: Array.from({ length: count }, (_, i) => i) }));
        const size = counts.reduce((product, count) => product * count, 1);
        const index = seed % size;
        const choices = choicesAt(knobs, index);
        expect(indexOfChoices(knobs, choices)).toBe(index);
        const next = createNeighbour(knobs)(index, randomStream(seed));
        const differing = choicesAt(knobs, next).filter((choice, k) => choice !== choices[k]).length;
        expect(differing).toBe(size === 1 ? 0 : 1);
      }),
    );
  });
});

describe.each(methods)('%s', (method) => {
  it('proposes every valid configuration once, and then ends', async () => {
    const { trials } = await run(method, 1000);
    expect(trials.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...space.indices].sort((a, b) => a - b));
  });

  it('repeats itself with one seed and differs with another', async () => {
    const indices = async (seed: number): Promise<number[]> => (await run(method, 40, seed)).trials.map(({ index }) => index);
    const first = await indices(1);
    expect(first).toHaveLength(40);
    expect(await indices(1)).toEqual(first);
    expect(await indices(2)).not.toEqual(first);
  });
});

describe('measurements', () => {
  it('are drawn from the recorded samples, the same for one seed in any order; failures say why', async () => {
    const requests = [...space.indices].map((index) => ({ index, repeat: 0 }));
    const forward = await replayMeasurer(space, 3).measure(requests);
    const backward = await replayMeasurer(space, 3).measure([...requests].reverse());
    expect(backward.reverse()).toEqual(forward);
    forward.forEach((measurement, row) => {
      if (measurement.ok) expect(space.samples[row]).toContain(measurement.costs[0]);
      else expect(measurement.why).toBe('RuntimeFailedConfig');
    });
  });
});

describe('odd spaces', () => {
  const cacheOf = (values: number[], time: (value: number) => unknown): ReturnType<typeof parseKernelTunerCache> =>
    parseKernelTunerCache(
      {
        tune_params_keys: ['a', 'b'],
        tune_params: { a: values, b: [1] },
        objective: 'time',
        cache: Object.fromEntries(values.map((value) => [`${value},1`, { a: value, b: 1, time: time(value) }])),
      },
      'f',
    );

  it.each([
    ['one configuration', cacheOf([3], () => 1)],
    ['only failures but one', cacheOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], (value) => (value === 7 ? 2 : 'RuntimeFailedConfig'))],
    ['negative and zero values', cacheOf([-2, -1, 0, 1, 2], (value) => 5 + value)],
    ['the same time everywhere', cacheOf([1, 2, 4, 8], () => 3)],
  ])('of %s are tuned to the end by every method', async (_name, odd) => {
    for (const method of methods.filter((name) => name !== 'nn')) {
      const tuner = createTuner(method, { space: odd, features: knobFeatures(odd.knobs), seed: 0, trials: 60, confirm: 0.25 });
      const { trials } = await runSession({ space: odd, tuner, measurer: replayMeasurer(odd, 0), trials: 60 });
      expect(new Set(trials.map(({ index }) => index)).size).toBe(odd.indices.length);
    }
  });

  it('too sparse to be stepped through are still used up', async () => {
    const size = 1000;
    const values = Array.from({ length: size }, (_, i) => i);
    const sparse = parseKernelTunerCache(
      {
        tune_params_keys: ['a', 'b', 'c', 'd'],
        tune_params: { a: values, b: values, c: values, d: values },
        objective: 'time',
        cache: Object.fromEntries(values.slice(0, 50).map((v) => [`${v},${999 - v},${(7 * v) % 1000},${v}`, { a: v, b: 999 - v, c: (7 * v) % 1000, d: v, time: 1 + v }])),
      },
      'f',
    );
    for (const method of ['rank', 'grid', 'ga', 'sa', 'random', 'rank-whole-space'] as const) {
      const tuner = createTuner(method, { space: sparse, features: knobFeatures(sparse.knobs), seed: 0, trials: 50 });
      const { trials } = await runSession({ space: sparse, tuner, measurer: replayMeasurer(sparse, 0), trials: 50 });
      expect(trials).toHaveLength(50);
    }
  });
});
