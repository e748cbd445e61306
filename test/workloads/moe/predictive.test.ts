import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpertForecast, learnForecast, untrained } from '../../../workloads/moe/expertForecast.js';
import { fitLogistic } from '../../../workloads/moe/logisticFit.js';
import { fewestLoads, onlineCeiling } from '../../../workloads/moe/onlineOptimum.js';
import { hit } from '../../../workloads/moe/policies.js';
import { PredictiveCache } from '../../../workloads/moe/predictiveCache.js';
import { replay } from '../../../workloads/moe/replay.js';
import { readRoutingLog } from '../../../workloads/moe/routingLog.js';
import { syntheticTrace } from '../../../workloads/moe/synthetic.js';
import { evenBatches, middleOf, shuffledTrace } from '../../../workloads/moe/trace.js';
import type { RoutingTrace } from '../../../workloads/moe/trace.js';
import { randomStream } from '../../../src/math/random.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const synthetic = (change: object = {}): RoutingTrace =>
  syntheticTrace({ tokens: 8000, experts: 60, topK: 4, skew: 1, locality: 0.5, batchTokens: 8, seed: 1, ...change });

/** A trace of the given batches, each a list of the experts that one token each goes to. */
function traceOf(batches: readonly (readonly number[])[], experts: number): RoutingTrace {
  const tokens = batches.flat();
  const starts = [0];
  for (const batch of batches) starts.push(starts.at(-1)! + batch.length);
  return { ...synthetic({ tokens: 8 }), experts, topK: 1, tokens: tokens.length, ids: Uint16Array.from(tokens), batchStarts: Uint32Array.from(starts) };
}

/** Share of the gap between the paper's policy and Belady's that the predictive one closes on the second half. */
function closed(trace: RoutingTrace, slots: number): number {
  const firstBatch = middleOf(trace.batchStarts.length - 1);
  const [paper, predictive, belady] = replay(trace, { devices: 4, slots, policies: ['lifo', 'predictive', 'belady'], firstBatch });
  return (paper!.misses - predictive!.misses) / (paper!.misses - belady!.misses);
}

describe('the forecast', () => {
  it('recovers the weights of a logistic regression, and keeps the prior without examples', () => {
    const stream = randomStream(1);
    const truth = [0.5, -1, 2];
    const count = 20_000;
    const features = new Float64Array(3 * count);
    const outcomes = Uint8Array.from({ length: count }, (_, i) => {
      features.set([1, stream.normal(), stream.normal()], 3 * i);
      const logOdds = truth.reduce((sum, weight, j) => sum + weight * features[3 * i + j]!, 0);
      return stream.next() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
    });
    const found = fitLogistic({ width: 3, features, outcomes }, new Float64Array(3), 1);
    // Three standard errors of the largest weight.
    found.forEach((weight, i) => expect(Math.abs(weight - truth[i]!)).toBeLessThan(0.1));
    const none = { width: 3, features: new Float64Array(0), outcomes: new Uint8Array(0) };
    expect([...fitLogistic(none, Float64Array.from(truth), 1)]).toEqual(truth);
  });

  it('knows only what it has observed', () => {
    const trace = synthetic({ tokens: 800 });
    const other = { ...trace, ids: trace.ids.slice() };
    other.ids.set(synthetic({ tokens: 800, seed: 2 }).ids.subarray(400 * 4), 400 * 4);
    expect(learnForecast(trace, 50)).toEqual(learnForecast(other, 50));
    expect(learnForecast(trace, 60)).not.toEqual(learnForecast(other, 60));
  });

  it('gives popular and lately active experts a higher chance, once it has learned', () => {
    const trace = synthetic({ locality: 0.8 });
    const forecast = new ExpertForecast(60, 4, learnForecast(trace, 500));
    const rows = new Int32Array(60).fill(1, 0, 32);
    for (let i = 0; i < 5; i++) forecast.observe(rows);
    for (let expert = 0; expert < 32; expert++) {
      expect(forecast.next[expert]!).toBeGreaterThan(forecast.next[59]!);
      expect(forecast.next[expert]!).toBeGreaterThan(forecast.later[expert]!);
    }
  });
});

describe('the predictive policy', () => {
  it('evicts by the expected distance to the next use', () => {
    const rows = Int32Array.from([1, 1, 1, 0]);
    const forecast = new ExpertForecast(4, 1, untrained);
    forecast.next.set([0.9, 0.1, 0.5, 0.5]);
    forecast.later.set([0.9, 0.1, 0.5, 0.5]);
    const cache = new PredictiveCache({ slots: 2, first: 0, end: 4 }, rows, forecast, { power: 1, prefetchChance: 2 });
    cache.beginBatch();
    expect([cache.use(0), cache.use(1)]).toEqual([-2, -2]);
    // Expert 0 is likely in the next batch, expert 1 stays away for about ten.
    expect(cache.use(2)).toBe(1);
    rows.set([0, 1, 1, 1]);
    cache.beginBatch();
    // Expert 2 is still to run in this batch, and expert 0 is not.
    expect(cache.use(1)).toBe(0);
    expect(cache.use(2)).toBe(hit);
  });

  it('prefetches what is likely for what is not, and only from the chance that it is given', () => {
    const rows = Int32Array.from([0, 0, 1]);
    const forecast = new ExpertForecast(3, 1, untrained);
    const chances = [0.95, 0.5, 0.05];
    const loaded = [0.9, 0.99].map((prefetchChance) => {
      const cache = new PredictiveCache({ slots: 1, first: 0, end: 3 }, rows, forecast, { power: 1, prefetchChance });
      cache.beginBatch();
      cache.use(2);
      forecast.next.set(chances);
      forecast.later.set(chances);
      return [cache.prefetch(), cache.prefetch()];
    });
    expect(loaded).toEqual([[0, -1], [-1, -1]]);
  });

  it('learns from a regular trace to prefetch: no more loads, less waiting where loads run ahead', () => {
    const batches = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? [0, 3] : [1, 2]));
    const trace = traceOf(batches, 4);
    const options = { devices: 1, slots: 3, expert: { experts: 4, dim: 8, hidden: 8, matrices: 2, bytesPerWeight: 2 }, firstBatch: 100 };
    const [paper, predictive] = replay(trace, { ...options, policies: ['lifo', 'predictive'] });
    expect(predictive!.rule!.prefetchChance).toBeLessThan(1);
    expect(predictive!.prefetched).toBeGreaterThan(20);
    expect(predictive!.misses).toBeLessThan(paper!.misses);
    const [onDemand] = replay(trace, { ...options, policies: ['belady'] });
    expect(predictive!.misses).toBe(onDemand!.misses);
    expect(predictive!.overlappedStallMs).toBeLessThan(onDemand!.overlappedStallMs);
  });

  it('falls back to the paper\'s policy where a short past does not tell it apart', () => {
    let fellBack = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const trace = syntheticTrace({ tokens: 48, experts: 12, topK: 2, skew: 0, locality: 0, batchTokens: 8, seed });
      const [paper, predictive] = replay(trace, { devices: 2, slots: 3, policies: ['lifo', 'predictive'], firstBatch: 3 });
      if (predictive!.rule !== null) continue;
      fellBack++;
      expect(predictive!.misses).toBe(paper!.misses);
    }
    expect(fellBack).toBeGreaterThan(10);
  });

  it('never loads more as batches go on than it did before them, so it cannot have looked ahead', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, slots) => {
        const trace = syntheticTrace({ tokens: 160, experts: 12, topK: 2, skew: 1, locality: 0.5, batchTokens: 4, seed });
        let before = 0;
        for (let batches = 21; batches <= 40; batches++) {
          const shorter = { ...trace, tokens: 4 * batches, ids: trace.ids.subarray(0, 8 * batches), batchStarts: evenBatches(4 * batches, 4) };
          const [result] = replay(shorter, { devices: 2, slots, policies: ['predictive'], firstBatch: 20 });
          const active = new Set(trace.ids.subarray(8 * (batches - 1), 8 * batches)).size;
          expect(result!.misses).toBeGreaterThanOrEqual(before);
          expect(result!.misses).toBeLessThanOrEqual(before + active + result!.prefetched);
          before = result!.misses;
        }
      }),
      { numRuns: 20 },
    );
  });

  it('loads less often than the paper\'s policy on synthetic traces, in time order and shuffled', () => {
    for (const skew of [1, 1.5]) {
      const trace = synthetic({ skew });
      for (const slots of [4, 8]) {
        expect(closed(trace, slots)).toBeGreaterThan(0.2);
        expect(closed(shuffledTrace(trace, 1), slots)).toBeGreaterThan(0.2);
      }
    }
  });

  it.skipIf(!hasSharedData)('loads less often than the paper\'s policy on the public logs, in time order and shuffled', () => {
    for (const layer of [8, 12]) {
      const trace = readRoutingLog(`${sharedData}/moe/qwen15_moe_layer${layer}.jsonl`);
      for (const [slots, least] of [[4, 0.25], [8, 0.15], [12, 0]] as const) {
        expect(closed(trace, slots)).toBeGreaterThanOrEqual(least);
        expect(closed(shuffledTrace(trace, 1), slots)).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe('the optimum without foresight', () => {
  it('is what is known where there is nothing to foresee', () => {
    // The same batch for ever: a cycle of n experts misses (n - k) / (n - 1) of its runs (Belady 1966).
    for (const [experts, slots] of [[5, 2], [6, 4], [7, 7]] as const) {
      const every = (1 << experts) - 1;
      const expected = (experts * (experts - slots)) / (experts - 1);
      expect(fewestLoads([every], experts, slots)).toBeCloseTo(expected, 2);
    }
    // One expert a batch, drawn evenly from n: whatever is kept, it is there with probability k / n.
    const single = Array.from({ length: 6 }, (_, expert) => 1 << expert);
    expect(fewestLoads(single, 6, 2)).toBeCloseTo(1 - 2 / 6, 2);
    // Drawn unevenly, the most popular are kept, but the slot of the last one must take whatever comes.
    const uneven = [1, 1, 1, 1, 1, 1, 2, 4];
    expect(fewestLoads(uneven, 3, 1)).toBeCloseTo(1 - (36 + 1 + 1) / 64, 2);
  });

  it('lies between Belady\'s policy and what the paper\'s and the predictive policy do with independent batches', () => {
    const trace = synthetic({ tokens: 8000, experts: 16, topK: 2, locality: 0 });
    for (const slots of [2, 3]) {
      const ceiling = onlineCeiling(trace, { devices: 4, slots, seed: 1 });
      expect(ceiling.optimum).toBeGreaterThan(ceiling.belady);
      expect(ceiling.optimum).toBeLessThan(ceiling.lifo);
      const [predictive] = replay(trace, { devices: 4, slots, policies: ['predictive'], firstBatch: 500 });
      expect(predictive!.missRate).toBeGreaterThan(ceiling.optimum - 0.03);
    }
    expect(() => onlineCeiling(synthetic(), { devices: 2, slots: 4, seed: 1 })).toThrow(/30 experts on a device/);
  });
});
