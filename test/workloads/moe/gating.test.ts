import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { benchmarkGating, randomWeights } from '../../../workloads/moe/benchmark.js';
import { dynamicForward, staticForward } from '../../../workloads/moe/gating.js';
import { loadKernels } from '../../../workloads/moe/kernels.js';
import { MoeLayer } from '../../../workloads/moe/layer.js';
import type { LayerShape, LayerWeights } from '../../../workloads/moe/layer.js';

const createKernels = await loadKernels();

/** A layer written a second time, token by token in double precision, with all of its weights at hand. */
function oracle(shape: LayerShape, weights: LayerWeights) {
  const { experts, topK, dim, hidden } = shape;
  const own = Array.from({ length: experts }, (_, e) => weights.expert(e));
  const dense = (x: ArrayLike<number>, w: Float32Array, b: Float32Array, columns: number): number[] =>
    Array.from({ length: columns }, (_, j) => {
      let sum = b[j]!;
      for (let i = 0; i < x.length; i++) sum += x[i]! * w[i * columns + j]!;
      return sum;
    });
  const route = (x: ArrayLike<number>): { expert: number; gate: number }[] => {
    const logits = dense(x, weights.router, weights.routerBias, experts);
    const scores = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    const softmax = scores.map((score) => score / scores.reduce((a, b) => a + b));
    const best = softmax.map((_, e) => e).sort((a, b) => softmax[b]! - softmax[a]! || a - b).slice(0, topK);
    const total = best.reduce((sum, e) => sum + softmax[e]!, 0);
    return best.map((expert) => ({ expert, gate: softmax[expert]! / total }));
  };
  return {
    weights: { ...weights, expert: (e: number) => own[e]! },
    route,
    forward: (x: ArrayLike<number>): number[] => {
      const y = Array<number>(dim).fill(0);
      for (const { expert, gate } of route(x)) {
        const { up, upBias, down, downBias } = own[expert]!;
        const inner = dense(x, up, upBias, hidden).map((value) => Math.max(0, value));
        dense(inner, down, downBias, dim).forEach((value, i) => (y[i]! += gate * value));
      }
      return y;
    },
  };
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

const shapes = fc.record({
  experts: fc.integer({ min: 1, max: 40 }),
  topK: fc.integer({ min: 1, max: 4 }),
  tokens: fc.integer({ min: 1, max: 300 }),
  dim: fc.integer({ min: 1, max: 3 }).map((n) => 8 * n),
  hidden: fc.integer({ min: 1, max: 4 }).map((n) => 8 * n),
  skew: fc.constantFrom(0, 0.5, 1, 2),
  capacityFactor: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
  seed: fc.nat(),
});

function build({ experts, topK, tokens, dim, hidden, skew, seed }: typeof shapes extends fc.Arbitrary<infer S> ? S : never) {
  const shape = { experts, topK: Math.min(topK, experts), dim, hidden };
  const reference = oracle(shape, randomWeights(shape, skew, randomStream(seed)));
  const stream = randomStream(seed, 'input');
  const input = Float32Array.from({ length: tokens * dim }, () => stream.normal());
  const rows = Array.from({ length: tokens }, (_, t) => input.subarray(t * dim, (t + 1) * dim));
  return { shape, reference, input, rows, layer: new MoeLayer(shape, reference.weights, createKernels()) };
}

describe('gating', () => {
  it('computes the layer: dynamic equals static without drops to 1e-5 over 200 shapes, and an oracle', () => {
    fc.assert(
      fc.property(shapes, (options) => {
        const { layer, input, rows, reference, shape } = build(options);
        const dynamic = dynamicForward(layer, input);
        // An expert can be chosen once by each token, so a capacity of all tokens never overflows.
        const roomy = staticForward(layer, input, 1);
        expect(dynamic.dropped).toBe(0);
        expect(roomy.dropped).toBe(0);
        expect(dynamic.rows).toBe(options.tokens * shape.topK);
        expect(largestDifference(dynamic.output, roomy.output)).toBeLessThan(1e-5);
        const token = rows.length - 1;
        const last = dynamic.output.subarray(token * shape.dim);
        expect(largestDifference(last, reference.forward(rows[token]!))).toBeLessThan(1e-4);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('drops under static gating exactly what an independent count of overflowing choices gives', () => {
    fc.assert(
      fc.property(shapes, (options) => {
        const { layer, input, rows, reference, shape } = build(options);
        const counts = Array<number>(shape.experts).fill(0);
        for (const row of rows) for (const { expert } of reference.route(row)) counts[expert]!++;
        const capacity = Math.ceil(options.capacityFactor * options.tokens);
        const overflow = counts.reduce((sum, count) => sum + Math.max(0, count - capacity), 0);
        const pass = staticForward(layer, input, options.capacityFactor);
        expect(pass.dropped).toBe(overflow);
        expect(pass.rows).toBe(shape.experts * capacity);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('places all first choices before any second one, as GShard does', () => {
    // Two experts; the router prefers 0 for tokens 0 and 2, and 1 for token 1; both are always chosen.
    const shape = { experts: 2, topK: 2, dim: 8, hidden: 8 };
    const router = new Float32Array(16);
    router[0] = 1;
    const weights = randomWeights(shape, 0, randomStream(3));
    const layer = new MoeLayer(shape, { ...weights, router, routerBias: new Float32Array(2) }, createKernels());
    const input = new Float32Array(24);
    input[0] = 1;
    input[8] = -1;
    input[16] = 1;
    const pass = staticForward(layer, input, 0.5);
    // Capacity 2: expert 0 takes tokens 0 and 2 (first choices), expert 1 takes 1 (first) and 0 (second).
    expect(pass.dropped).toBe(2);
    const all = dynamicForward(layer, input).output;
    const equal = (token: number): boolean =>
      pass.output.subarray(8 * token, 8 * token + 8).every((value, i) => Math.abs(value - all[8 * token + i]!) < 1e-6);
    expect([0, 1, 2].map(equal)).toEqual([true, false, false]);
  });

  it('holds what its buffers add up to, and gives all of it back', () => {
    const { layer, input, shape } = build({
      experts: 16, topK: 2, tokens: 100, dim: 16, hidden: 32, skew: 0, capacityFactor: 0.25, seed: 4,
    });
    const floats = (rows: number, hiddenRows: number): number =>
      2 * 100 * 16 + 2 * 100 * 2 + 100 * 2 + 2 * rows * 16 + hiddenRows * 32;
    const first = staticForward(layer, input, 0.25);
    expect(first.peakBytes).toBeGreaterThanOrEqual(4 * floats(16 * 25, 25));
    expect(first.peakBytes).toBeLessThan(4 * floats(16 * 25, 25) + 10 * 64);
    const dynamic = dynamicForward(layer, input);
    expect(dynamic.peakBytes).toBeLessThan(first.peakBytes);
    expect(dynamic.peakBytes).toBeGreaterThanOrEqual(4 * (2 * 100 * 16 + 2 * shape.topK * 100 * 16));
    expect(staticForward(layer, input, 0.25).peakBytes).toBe(first.peakBytes);
  });

  it('measures both gatings: a 64th of the rows is several times as fast and far smaller', async () => {
    const result = await benchmarkGating({ experts: 128, topK: 2, tokens: 256, dim: 32, capacityFactor: 1, skew: 0, runs: 5, seed: 1 });
    expect(result.wasteFactor).toBe(64);
    expect(result.static.rows / result.dynamic.rows).toBe(64);
    expect(result.speedup).toBeGreaterThan(2);
    expect(result.memoryRatio).toBeGreaterThan(10);
  });

  it('refuses shapes and inputs that make no layer', async () => {
    const make = (change: Partial<LayerShape>) => () => {
      const shape = { experts: 4, topK: 2, dim: 8, hidden: 8, ...change };
      const weights = randomWeights({ experts: 4, topK: 2, dim: 8, hidden: 8 }, 0, randomStream(1));
      return new MoeLayer(shape, weights, createKernels());
    };
    expect(make({ topK: 5 })).toThrow(/top-k is 5; expected at most the number of experts, 4/);
    expect(make({ dim: 12 })).toThrow(/dim.* is 12; expected a multiple of 8/);
    expect(make({ experts: 0 })).toThrow(/number of experts is 0/);
    expect(make({ experts: 1e6, dim: 512, hidden: 2048 })).toThrow(/GiB or more; expected at most 4/);
    const bench = { experts: 4, topK: 2, tokens: 8, dim: 8, capacityFactor: 1, skew: 0, runs: 1, seed: 1 };
    await expect(benchmarkGating({ ...bench, tokens: 1e9 })).rejects.toThrow(/GiB or more; expected at most 4/);
    await expect(benchmarkGating({ ...bench, dim: 80_000 })).rejects.toThrow(/GiB or more; expected at most 4/);
    await expect(benchmarkGating({ ...bench, tokens: 0 })).rejects.toThrow(/tokens is 0/);
    await expect(benchmarkGating({ ...bench, runs: 0.5 })).rejects.toThrow(/runs is 0.5/);
    const layer = make({})();
    expect(() => dynamicForward(layer, new Float32Array(9))).toThrow(/9 values; expected a positive multiple/);
    expect(() => dynamicForward(layer, new Float32Array(8).fill(NaN))).toThrow(/not finite/);
    expect(() => staticForward(layer, new Float32Array(8), 0)).toThrow(/capacity factor is 0/);
  });
});
