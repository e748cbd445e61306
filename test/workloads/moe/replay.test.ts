import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCache, hit, policyNames } from '../../../workloads/moe/policies.js';
import type { PolicyName } from '../../../workloads/moe/policies.js';
import { readRoutingLog } from '../../../workloads/moe/routingLog.js';
import { replay } from '../../../workloads/moe/replay.js';
import { syntheticTrace } from '../../../workloads/moe/synthetic.js';
import { middleOf, shuffledTrace } from '../../../workloads/moe/trace.js';
import type { RoutingTrace } from '../../../workloads/moe/trace.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const traces = fc
  .record({
    perDevice: fc.integer({ min: 1, max: 12 }),
    devices: fc.integer({ min: 1, max: 4 }),
    topK: fc.integer({ min: 1, max: 4 }),
    tokens: fc.integer({ min: 1, max: 400 }),
    skew: fc.constantFrom(0, 1, 2),
    locality: fc.constantFrom(0, 0.5, 0.9),
    batchTokens: fc.integer({ min: 1, max: 30 }),
    seed: fc.nat(),
  })
  .map(({ perDevice, devices, topK, ...options }) => {
    const experts = perDevice * devices;
    return { devices, perDevice, trace: syntheticTrace({ ...options, experts, topK: Math.min(topK, experts) }) };
  });

/** Each device's uses of experts, with the experts active in the batch of each. */
function usesOf(trace: RoutingTrace, devices: number): { expert: number; active: Set<number>; first: boolean }[][] {
  const perDevice = trace.experts / devices;
  const uses = Array.from({ length: devices }, () => [] as { expert: number; active: Set<number>; first: boolean }[]);
  for (let b = 0; b + 1 < trace.batchStarts.length; b++) {
    const active = new Set(trace.ids.subarray(trace.batchStarts[b]! * trace.topK, trace.batchStarts[b + 1]! * trace.topK));
    const started = new Set<number>();
    for (const expert of [...active].sort((x, y) => x - y)) {
      const device = Math.floor(expert / perDevice);
      uses[device]!.push({ expert, active, first: !started.has(device) });
      started.add(device);
    }
  }
  return uses;
}

/** Every policy once more, as plain lists. Returns the number of misses. */
function plainMisses(policy: PolicyName, slots: number, uses: ReturnType<typeof usesOf>[number]): number {
  let cache: { expert: number; count: number; usedAt: number }[] = [];
  let misses = 0;
  uses.forEach(({ expert, active }, now) => {
    const there = cache.find((entry) => entry.expert === expert);
    if (there !== undefined) {
      there.count++;
      there.usedAt = now;
      return;
    }
    misses++;
    if (cache.length === slots) {
      const nextUse = (e: number): number => {
        const at = uses.findIndex((use, i) => i > now && use.expert === e);
        return at < 0 ? Infinity : at;
      };
      const paper = (): typeof cache => {
        const newestFirst = [...cache].reverse();
        return [...newestFirst.filter((entry) => !active.has(entry.expert)), ...newestFirst];
      };
      const order: Record<PolicyName, () => typeof cache> = {
        fifo: () => cache,
        lru: () => [...cache].sort((a, b) => a.usedAt - b.usedAt),
        lfu: () => [...cache].sort((a, b) => a.count - b.count || a.usedAt - b.usedAt),
        lifo: paper,
        // Without a past it falls back.
        predictive: paper,
        belady: () => [...cache].sort((a, b) => (nextUse(b.expert) === nextUse(a.expert) ? 0 : nextUse(b.expert) - nextUse(a.expert))),
      };
      const victim = order[policy]()[0]!;
      cache = cache.filter((entry) => entry !== victim);
    }
    cache.push({ expert, count: 1, usedAt: now });
  });
  return misses;
}

/** The fewest misses any policy can have, by trying every eviction. */
function fewestMisses(uses: readonly number[], slots: number): number {
  const memo = new Map<string, number>();
  const from = (at: number, cache: readonly number[]): number => {
    if (at === uses.length) return 0;
    const expert = uses[at]!;
    if (cache.includes(expert)) return from(at + 1, cache);
    const key = `${at}:${cache.join()}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const next = (kept: readonly number[]): number => from(at + 1, [...kept, expert].sort((a, b) => a - b));
    const best =
      1 + (cache.length < slots ? next(cache) : Math.min(...cache.map((victim) => next(cache.filter((e) => e !== victim)))));
    memo.set(key, best);
    return best;
  };
  return from(0, []);
}

describe('expert buffering', () => {
  it('misses exactly as often as the same policies written as plain lists', () => {
    fc.assert(
      fc.property(traces, fc.nat(), ({ devices, perDevice, trace }, pick) => {
        const slots = 1 + (pick % perDevice);
        const uses = usesOf(trace, devices);
        for (const result of replay(trace, { devices, slots, policies: policyNames })) {
          expect(result.misses, result.name).toBe(
            uses.reduce((sum, ofDevice) => sum + plainMisses(result.name, slots, ofDevice), 0),
          );
          expect(result.runs).toBe(uses.reduce((sum, ofDevice) => sum + ofDevice.length, 0));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("has Belady's policy miss least at every size, on traces and their shuffled controls", () => {
    fc.assert(
      fc.property(traces, ({ devices, perDevice, trace }) => {
        for (const each of [trace, shuffledTrace(trace, 1)]) {
          for (let slots = 1; slots <= perDevice; slots++) {
            const firstBatch = middleOf(each.batchStarts.length - 1);
            const results = replay(each, { devices, slots, policies: policyNames, firstBatch });
            const belady = results.find(({ name }) => name === 'belady')!;
            for (const result of results) expect(belady.misses).toBeLessThanOrEqual(result.misses);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("has Belady's policy reach the minimum over all evictions", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 14 }), fc.integer({ min: 1, max: 3 }), (uses, slots) => {
        const cache = createCache('belady', slots, 5, new Int32Array(5));
        let misses = 0;
        uses.forEach((expert, now) => {
          const next = uses.indexOf(expert, now + 1);
          if (cache.use(expert, next < 0 ? Infinity : next) !== hit) misses++;
        });
        expect(misses).toBe(fewestMisses(uses, slots));
      }),
    );
  });

  it('loads each expert once when all fit, and its stalls add up by hand', () => {
    const trace: RoutingTrace = {
      ...syntheticTrace({ tokens: 4, experts: 4, topK: 1, skew: 0, locality: 0, batchTokens: 2, seed: 1 }),
      ids: Uint16Array.from([0, 2, 0, 3]),
    };
    const expert = { experts: 4, dim: 1000, hidden: 1000, matrices: 2, bytesPerWeight: 3 };
    const policies = ['lru'] as const;
    // 6 MB over 12 GB/s: 0.5 ms a load. On two devices the loads of batch one (0 and 2) run side by side.
    const [roomy] = replay(trace, { devices: 2, slots: 2, policies, expert });
    expect(roomy).toMatchObject({ runs: 4, misses: 3, missRate: 0.75, bytesMoved: 18e6 });
    expect(roomy!.stallMs).toBeCloseTo(1, 12);
    // One device, one slot: every run loads, and no load may start before the expert in the slot has run.
    const [tight] = replay(trace, { devices: 1, slots: 1, policies, expert });
    expect(tight).toMatchObject({ misses: 4 });
    expect(tight!.stallMs).toBeCloseTo(2, 12);
    expect(tight!.overlappedStallMs).toBeCloseTo(2, 12);
    // With room, expert 2's load starts while expert 0 runs (6 MB over 900 GB/s: 1/150 ms), and 0 is there in batch two.
    const [overlapped] = replay(trace, { devices: 1, slots: 4, policies, expert });
    expect(overlapped!.stallMs).toBeCloseTo(1.5, 12);
    expect(overlapped!.overlappedStallMs).toBeCloseTo(0.5 + (0.5 - 1 / 150) + (0.5 - 1 / 150), 6);
  });

  it('never stalls longer with overlap than without', () => {
    fc.assert(
      fc.property(traces, ({ devices, perDevice, trace }) => {
        const firstBatch = middleOf(trace.batchStarts.length - 1);
        for (const result of replay(trace, { devices, slots: Math.ceil(perDevice / 2), policies: policyNames, firstBatch })) {
          expect(result.overlappedStallMs).toBeLessThanOrEqual(result.stallMs + 1e-6);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('refuses slots and devices that do not fit the experts', () => {
    const trace = syntheticTrace({ tokens: 10, experts: 12, topK: 2, skew: 1, locality: 0, batchTokens: 2, seed: 1 });
    const run = (devices: number, slots: number) => () => replay(trace, { devices, slots, policies: ['lru'] });
    expect(run(5, 1)).toThrow(/5 devices cannot share 12 experts evenly/);
    expect(run(4, 4)).toThrow(/4 slots; expected a whole number from 1 to 3/);
    expect(run(4, 0)).toThrow(/0 slots/);
    expect(run(0, 1)).toThrow(/devices is 0/);
  });

  it.skipIf(!hasSharedData)('finds locality in the routing logs: in time order lifo and belady miss less than shuffled', () => {
    for (const layer of [8, 12]) {
      const trace = readRoutingLog(`${sharedData}/moe/qwen15_moe_layer${layer}.jsonl`);
      for (const slots of [4, 8, 12]) {
        const options = { devices: 4, slots, policies: policyNames };
        const inTime = replay(trace, options);
        const control = replay(shuffledTrace(trace, 1), options);
        const belady = inTime.find(({ name }) => name === 'belady')!;
        inTime.forEach((result, i) => {
          if (result.name === 'lifo' || result.name === 'belady') expect(result.misses).toBeLessThan(control[i]!.misses);
          expect(belady.misses).toBeLessThanOrEqual(result.misses);
        });
      }
    }
  });
});
