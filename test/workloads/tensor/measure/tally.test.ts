import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/math/random.js';
import { knobFeatures } from '../../../../workloads/tensor/models/features.js';
import { Tally } from '../../../../workloads/tensor/measure/tally.js';

const told = (...entries: [index: number, ...times: number[]][]): Tally => {
  const tally = new Tally();
  for (const [index, ...times] of entries) {
    for (const time of times) tally.add(index, time === Infinity ? { ok: false, why: 'x' } : { ok: true, costs: [time] });
  }
  return tally;
};

describe('the tally', () => {
  it('takes the least cost while nothing was measured twice, and nothing while all failed', () => {
    expect(told([7, 3], [8, 2], [9, Infinity]).best()).toBe(1);
    expect(told([7, Infinity], [8, Infinity]).best()).toBeUndefined();
    expect(told([7, Infinity]).contenders(3)).toEqual([]);
  });

  it('prefers a good mean of several to a lucky single one, if repeats scatter', () => {
    expect(told([1, 10.5, 9.5, 10.4, 9.6], [2, 9.8]).best()).toBe(0);
    expect(told([1, 10.001, 9.999, 10, 10], [2, 9.8]).best()).toBe(1);
  });

  it('has those measured again that could be the best, until eight times, and none while the best has no rival', () => {
    expect(told([1, 10], [2, 10.1], [3, 30]).contenders(5)).toEqual([0, 1]);
    expect(told([1, 10], [2, 12], [3, 30]).contenders(5)).toEqual([]);
    expect(told([1, 10, 10.1], [2, 10.05], [3, 30], [4, Infinity]).contenders(5)).toEqual([0, 1]);
    expect(told([1, ...Array.from({ length: 8 }, () => 10)], [2, 30]).contenders(5)).toEqual([]);
  });

  it('finds the best of twenty noisy ones more often than single measurements do', () => {
    let [single, repeated] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const random = randomStream(seed);
      const sample = (index: number): number => (100 + index) * (1 + 0.05 * (random.next() + random.next() - 1));
      const tally = told(...Array.from({ length: 20 }, (_, index): [number, number] => [index, sample(index)]));
      single += tally.indices[tally.best()!]!;
      for (let i = 0; i < 60; i++) for (const at of tally.contenders(1)) tally.add(at, { ok: true, costs: [sample(at)] });
      repeated += tally.indices[tally.best()!]!;
    }
    expect(repeated).toBeLessThan(0.7 * single);
  });
});

describe('features of knobs', () => {
  it('are logarithms, products and alignments of sizes, values of flags and one-hot words', () => {
    const map = knobFeatures([
      { name: 'x', values: [16, 48, 64] },
      { name: 'y', values: [1, 2, 4] },
      { name: 'flag', values: [0, 1] },
      { name: 'order', values: ['ij', 'ji'] },
      { name: 'fixed', values: [3] },
    ]);
    expect(map.names).toEqual(['x', 'y', 'flag', 'order=ij', 'order=ji', 'x * y', 'alignment of x']);
    const row = new Float32Array(map.names.length);
    map.encode({ x: 48, y: 4, flag: 1, order: 'ji', fixed: 3 }, row);
    expect([...row]).toEqual([Math.log2(48), 2, 1, 0, 1, Math.log2(192), 4].map(Math.fround));
  });

  it('of thirty sizes have the products of ten', () => {
    const map = knobFeatures(Array.from({ length: 30 }, (_, k) => ({ name: `k${k}`, values: [1, 2, 4] })));
    expect(map.names).toHaveLength(30 + 45);
  });
});
