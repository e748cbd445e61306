import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { halves, judge, loadsOf, singleCopies } from '../../../workloads/moe/balance.js';
import type { Loads, Placement } from '../../../workloads/moe/balance.js';
import { comparePlacements, placementMethods } from '../../../workloads/moe/comparePlacements.js';
import { exactCopies } from '../../../workloads/moe/optimum.js';
import { antiCorrelationPlacement, greedyPlacement, identityPlacement, randomPlacement } from '../../../workloads/moe/placement.js';
import { replicate } from '../../../workloads/moe/replication.js';
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

/** Largest deviation of the best copies, by trying all sets of devices for each expert. */
function bestDeviation(loads: Loads, devices: number, spare: number): number {
  const room = Array<number>(devices).fill((loads.experts + spare) / devices);
  const copies: number[][] = [];
  let best = Infinity;
  const place = (expert: number): void => {
    if (expert === loads.experts) {
      if (room.every((left) => left === 0)) best = Math.min(best, judge(loads, copies, devices).maxDeviation);
      return;
    }
    for (let set = 1; set < 1 << devices; set++) {
      const chosen = Array.from({ length: devices }, (_, d) => d).filter((d) => (set >> d) & 1);
      if (chosen.length > spare + 1 || chosen.some((d) => room[d] === 0)) continue;
      for (const d of chosen) room[d]!--;
      copies[expert] = chosen;
      place(expert + 1);
      for (const d of chosen) room[d]!++;
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

  it('finds the exact optimum, with and without copies, as a search over all does', async () => {
    for (const [experts, devices, spare, seed] of [[6, 2, 0, 1], [6, 3, 0, 2], [8, 4, 0, 3], [8, 2, 0, 4], [6, 2, 2, 1], [4, 2, 4, 2], [6, 3, 3, 3]] as const) {
      const trace = syntheticTrace({ tokens: 80, experts, topK: 2, skew: 1, locality: 0.7, batchTokens: 8, seed });
      const { train } = halves(trace);
      const exact = (await exactCopies(train, { devices, spare }))!;
      expect(exact.proven).toBe(true);
      const found = judge(train, exact.copies, devices).maxDeviation;
      expect(found).toBeCloseTo(bestDeviation(train, devices, spare), 9);
      expect(judge(train, replicate(train, { devices, spare }), devices).maxDeviation).toBeGreaterThanOrEqual(found - 1e-9);
      if (spare > 0) continue;
      for (const method of [greedyPlacement, antiCorrelationPlacement]) {
        expect(judge(train, singleCopies(method(train, devices)), devices).maxDeviation).toBeGreaterThanOrEqual(found - 1e-9);
      }
    }
  });

  it('judges by hand', () => {
    // Two batches over four experts; devices hold experts {0, 1} and {2, 3}.
    const loads: Loads = { experts: 4, batches: 2, shares: Float64Array.from([0.5, 0.2, 0.2, 0.1, 0.1, 0.2, 0.3, 0.4]) };
    const balance = judge(loads, singleCopies(Int32Array.from([0, 0, 1, 1])), 2);
    expect(balance.maxLoad).toBeCloseTo(0.7, 12);
    expect(balance.avgMaxLoad).toBeCloseTo(0.7, 12);
    expect(balance.maxDeviation).toBeCloseTo(0.2, 12);
    // With a second copy of experts 0 and 3: 0.25 + 0.2 + 0.05 and 0.25 + 0.2 + 0.05; 0.05 + 0.2 + 0.2 and the rest.
    expect(judge(loads, [[0, 1], [0], [1], [0, 1]], 2).maxDeviation).toBeCloseTo(0.05, 12);
  });

  it('spreads heavy experts, and parts those that are busy together', () => {
    // Mean loads 0.4, 0.3, 0.2, 0.1: greedy pairs the heaviest with the lightest.
    const steady: Loads = { experts: 4, batches: 1, shares: Float64Array.from([0.4, 0.3, 0.2, 0.1]) };
    expect([...greedyPlacement(steady, 2)]).toEqual([0, 1, 1, 0]);
    // Experts 0 and 1 are busy together, as are 2 and 3; loads are equal, so only correlation can tell.
    const together: Loads = { experts: 4, batches: 2, shares: Float64Array.from([0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5]) };
    const placement = antiCorrelationPlacement(together, 2);
    expect(placement[0]).not.toBe(placement[1]);
    expect(judge(together, singleCopies(placement), 2).maxDeviation).toBe(0);
    expect(judge(together, singleCopies(identityPlacement(4, 2)), 2).maxDeviation).toBe(0.5);
  });

  it('replicates: every slot used, no device with two copies of an expert, nodes kept', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.boolean(), ({ devices, perDevice, trace }, pick, split) => {
        const { train } = halves(trace);
        const nodes = split && devices % 2 === 0 ? 2 : 1;
        const spare = devices * (pick % (perDevice * (devices / nodes - 1) + 1));
        const copies = replicate(train, { devices, spare, nodes });
        const used = Array<number>(devices).fill(0);
        for (const each of copies) {
          expect(each.length).toBeGreaterThan(0);
          expect(new Set(each).size).toBe(each.length);
          expect(new Set(each.map((device) => Math.floor((device * nodes) / devices))).size).toBe(1);
          for (const device of each) used[device]!++;
        }
        expect(used).toEqual(Array<number>(devices).fill(perDevice + spare / devices));
      }),
    );
  });

  it('gives copies to the heaviest experts and splits their tokens', () => {
    // One expert has half of all tokens: alone it is too much for one of four devices, with copies it is not.
    const heavy: Loads = { experts: 4, batches: 1, shares: Float64Array.from([0.5, 0.2, 0.2, 0.1]) };
    const copies = replicate(heavy, { devices: 4, spare: 4 });
    expect(copies.map((each) => each.length)).toEqual([3, 2, 2, 1]);
    expect(judge(heavy, copies, 4).maxLoad).toBeLessThan(0.3);
    expect(judge(heavy, singleCopies(greedyPlacement(heavy, 4)), 4).maxLoad).toBe(0.5);
    // Every expert everywhere is exactly even, whatever comes.
    expect(judge(heavy, replicate(heavy, { devices: 4, spare: 12 }), 4).maxDeviation).toBeCloseTo(0, 12);
  });

  it('evens out held-out batches where popularity is uneven and lasts, better than greedy', async () => {
    const trace = syntheticTrace({ tokens: 8000, experts: 32, topK: 2, skew: 1.5, locality: 0.5, batchTokens: 16, seed: 3 });
    const { test } = await comparePlacements(trace, { devices: 4, methods: placementMethods, seed: 1 });
    expect(test.replication!.avgMaxLoad).toBeLessThan(test.greedy!.avgMaxLoad);
    expect(test.replication!.avgMaxLoad).toBeLessThan(test.anticorrelation!.avgMaxLoad);
    expect(test.replication!.avgMaxLoad).toBeLessThan(test.identity!.avgMaxLoad);
  });

  it('chooses on the first half and judges on the second', async () => {
    const trace = syntheticTrace({ tokens: 90, experts: 8, topK: 2, skew: 1, locality: 0.5, batchTokens: 10, seed: 2 });
    const result = await comparePlacements(trace, { devices: 2, methods: placementMethods, seed: 1 });
    expect(result).toMatchObject({ trainBatches: 5, testBatches: 4, spare: 2, nodes: 1, proven: { optimum: true, 'replicated-optimum': true } });
    expect(Object.keys(result.test)).toEqual(['identity', 'random', 'greedy', 'anticorrelation', 'replication', 'optimum', 'replicated-optimum']);
    const greedy = result.placements.greedy!;
    expect(greedy).toEqual(singleCopies(greedyPlacement(loadsOf(trace, 0, 5), 2)));
    expect(result.test.greedy).toEqual(judge(loadsOf(trace, 5, 9), greedy, 2));
    expect(result.train.greedy).toEqual(judge(loadsOf(trace, 0, 5), greedy, 2));
  });

  it('refuses devices that do not divide the experts, and a trace of one batch', async () => {
    const trace = syntheticTrace({ tokens: 20, experts: 8, topK: 1, skew: 0, locality: 0, batchTokens: 5, seed: 1 });
    await expect(comparePlacements(trace, { devices: 3, methods: placementMethods, seed: 1 })).rejects.toThrow(/3 devices cannot share 8 experts/);
    const single = { ...trace, batchStarts: Uint32Array.from([0, 20]) };
    await expect(comparePlacements(single, { devices: 2, methods: placementMethods, seed: 1 })).rejects.toThrow(/has 1 batch; expected at least 2/);
    const replicated = (change: object) => comparePlacements(trace, { devices: 2, methods: ['replication'], seed: 1, ...change });
    await expect(replicated({ spare: 3 })).rejects.toThrow(/3 spare slots; expected a multiple of the 2 devices from 0 to 8/);
    await expect(replicated({ spare: 10 })).rejects.toThrow(/10 spare slots/);
    await expect(replicated({ nodes: 3 })).rejects.toThrow(/3 nodes; expected a divisor of the 2 devices/);
  });
});
