import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { halves, judge, loadsOf } from '../../../workloads/moe/balance.js';
import type { Loads, Placement } from '../../../workloads/moe/balance.js';
import { comparePlacements, placementMethods } from '../../../workloads/moe/comparePlacements.js';
import { exactPlacement } from '../../../workloads/moe/optimum.js';
import { antiCorrelationPlacement, greedyPlacement, identityPlacement, randomPlacement } from '../../../workloads/moe/placement.js';
import { syntheticTrace } from '../../../workloads/moe/synthetic.js';

const cases = fc
  .record({
    perDevice: fc.integer({ min: 1, max: 6 }),
    devices: fc.integer({ min: 1, max: 5 }),
    batches: fc.integer({ min: 2, max: 20 }),
    skew: fc.constantFrom(0, 1, 2),
    seed: fc.nat(),
  })
  .map(({ perDevice, devices, batches, skew, seed }) => {
    const experts = perDevice * devices;
    const trace = syntheticTrace({ tokens: 6 * batches, experts, topK: Math.min(2, experts), skew, locality: 0.5, batchTokens: 6, seed });
    return { devices, perDevice, trace };
  });

/** Largest deviation of the best placement, by trying all. */
function bestDeviation(loads: Loads, devices: number): number {
  const room = Array<number>(devices).fill(loads.experts / devices);
  const placement = new Int32Array(loads.experts);
  let best = Infinity;
  const place = (expert: number): void => {
    if (expert === loads.experts) {
      best = Math.min(best, judge(loads, placement, devices).maxDeviation);
      return;
    }
    for (let device = 0; device < devices; device++) {
      if (room[device] === 0) continue;
      room[device]!--;
      placement[expert] = device;
      place(expert + 1);
      room[device]!++;
    }
  };
  place(0);
  return best;
}

describe('expert placement', () => {
  it('gives every device exactly E/D experts, by every method', () => {
    fc.assert(
      fc.property(cases, ({ devices, perDevice, trace }) => {
        const { train } = halves(trace);
        const placements: Placement[] = [
          identityPlacement(trace.experts, devices),
          randomPlacement(trace.experts, devices, randomStream(1)),
          greedyPlacement(train, devices),
          antiCorrelationPlacement(train, devices),
        ];
        for (const placement of placements) {
          for (let device = 0; device < devices; device++) {
            expect(placement.filter((of) => of === device)).toHaveLength(perDevice);
          }
        }
      }),
    );
  });

  it('finds the exact optimum, as a search over all placements does', async () => {
    for (const [experts, devices, seed] of [[6, 2, 1], [6, 3, 2], [8, 4, 3], [8, 2, 4]] as const) {
      const trace = syntheticTrace({ tokens: 80, experts, topK: 2, skew: 1, locality: 0.7, batchTokens: 8, seed });
      const { train } = halves(trace);
      const exact = (await exactPlacement(train, devices))!;
      expect(exact.proven).toBe(true);
      const found = judge(train, exact.placement, devices).maxDeviation;
      expect(found).toBeCloseTo(bestDeviation(train, devices), 9);
      for (const method of [greedyPlacement, antiCorrelationPlacement]) {
        expect(judge(train, method(train, devices), devices).maxDeviation).toBeGreaterThanOrEqual(found - 1e-9);
      }
    }
  });

  it('judges by hand', () => {
    // Two batches over four experts; devices hold experts {0, 1} and {2, 3}.
    const loads: Loads = { experts: 4, batches: 2, shares: Float64Array.from([0.5, 0.2, 0.2, 0.1, 0.1, 0.2, 0.3, 0.4]) };
    const balance = judge(loads, Int32Array.from([0, 0, 1, 1]), 2);
    expect(balance.maxLoad).toBeCloseTo(0.7, 12);
    expect(balance.avgMaxLoad).toBeCloseTo(0.7, 12);
    expect(balance.maxDeviation).toBeCloseTo(0.2, 12);
  });

  it('spreads heavy experts, and parts those that are busy together', () => {
    // Mean loads 0.4, 0.3, 0.2, 0.1: greedy pairs the heaviest with the lightest.
    const steady: Loads = { experts: 4, batches: 1, shares: Float64Array.from([0.4, 0.3, 0.2, 0.1]) };
    expect([...greedyPlacement(steady, 2)]).toEqual([0, 1, 1, 0]);
    // Experts 0 and 1 are busy together, as are 2 and 3; loads are equal, so only correlation can tell.
    const together: Loads = { experts: 4, batches: 2, shares: Float64Array.from([0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5]) };
    const placement = antiCorrelationPlacement(together, 2);
    expect(placement[0]).not.toBe(placement[1]);
    expect(judge(together, placement, 2).maxDeviation).toBe(0);
    expect(judge(together, identityPlacement(4, 2), 2).maxDeviation).toBe(0.5);
  });

  it('chooses on the first half and judges on the second', async () => {
    const trace = syntheticTrace({ tokens: 90, experts: 8, topK: 2, skew: 1, locality: 0.5, batchTokens: 10, seed: 2 });
    const result = await comparePlacements(trace, 2, placementMethods, 1);
    expect(result).toMatchObject({ trainBatches: 5, testBatches: 4, optimumProven: true });
    expect(Object.keys(result.test)).toEqual(['identity', 'random', 'greedy', 'anticorrelation', 'optimum']);
    const greedy = Int32Array.from(result.placements.greedy!);
    expect(greedy).toEqual(greedyPlacement(loadsOf(trace, 0, 5), 2));
    expect(result.test.greedy).toEqual(judge(loadsOf(trace, 5, 9), greedy, 2));
    expect(result.train.greedy).toEqual(judge(loadsOf(trace, 0, 5), greedy, 2));
  });

  it('refuses devices that do not divide the experts, and a trace of one batch', async () => {
    const trace = syntheticTrace({ tokens: 20, experts: 8, topK: 1, skew: 0, locality: 0, batchTokens: 5, seed: 1 });
    await expect(comparePlacements(trace, 3, placementMethods, 1)).rejects.toThrow(/3 devices cannot share 8 experts/);
    const single = { ...trace, batchStarts: Uint32Array.from([0, 20]) };
    await expect(comparePlacements(single, 2, placementMethods, 1)).rejects.toThrow(/has 1 batch; expected at least 2/);
  });
});
