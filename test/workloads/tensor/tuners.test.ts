import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knobFeatures } from '../../../workloads/tensor/features.js';
import { parseKernelTunerCache } from '../../../workloads/tensor/kernel-tuner-cache.js';
import { createTuner, methods } from '../../../workloads/tensor/methods.js';
import { replayMeasurer } from '../../../workloads/tensor/replay.js';
import { runSession } from '../../../workloads/tensor/session.js';
import { choicesAt, createNeighbour, indexOfChoices } from '../../../workloads/tensor/space.js';
import { randomStream } from '../../../src/math/random.js';
import { smallCache } from './support/cache.js';

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
      if (measurement.ok) expect(space.samples[row]).toContain(measurement.timesMs[0]);
      else expect(measurement.why).toBe('RuntimeFailedConfig');
    });
  });
});
