import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nnls } from '../../../src/math/nnls.js';

const residual = (rows: number[][], b: number[], x: ArrayLike<number>): number[] =>
  rows.map((row, i) => b[i]! - row.reduce((sum, a, j) => sum + a * x[j]!, 0));

describe('nnls', () => {
  it('finds the unconstrained solution when it is positive', () => {
    const x = nnls([[1, 0], [0, 2], [1, 1]], [3, 8, 7]);
    expect(x[0]).toBeCloseTo(3, 10);
    expect(x[1]).toBeCloseTo(4, 10);
  });

  // The unconstrained optimum is (2.2, -1.2); with x1 = 0 the best x0 is 14/14.
  it('clamps what would be negative, and re-solves the rest', () => {
    const x = nnls([[1, 1], [2, 3], [3, 2]], [1, 0.8, 4.2]);
    expect(x[1]).toBe(0);
    expect(x[0]).toBeCloseTo((1 + 1.6 + 12.6) / 14, 10);
  });

  it('gives zero when every column points away', () => {
    expect([...nnls([[1, 2], [3, 4]], [-1, -1])]).toEqual([0, 0]);
  });

  it('is indifferent to the scale of a column', () => {
    const rows = [[1, 2e9], [2, 1e9], [3, 5e9]];
    const x = nnls(rows, rows.map(([a, b]) => 2 * a! + 3e-9 * b!));
    expect(x[0]).toBeCloseTo(2, 8);
    expect(x[1]! * 1e9).toBeCloseTo(3, 8);
  });

  it('splits what dependent columns share', () => {
    const x = nnls([[1, 1], [2, 2]], [2, 4]);
    expect(x[0]! + x[1]!).toBeCloseTo(2, 8);
  });

  it('satisfies the Kuhn-Tucker conditions', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true });
    const problem = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 }))
      .chain(([n, m]) => fc.tuple(fc.array(fc.array(value, { minLength: n, maxLength: n }), { minLength: m, maxLength: m }), fc.array(value, { minLength: m, maxLength: m })));
    fc.assert(
      fc.property(problem, ([rows, b]) => {
        const x = nnls(rows, b);
        const r = residual(rows, b, x);
        rows[0]!.forEach((_, j) => {
          expect(x[j]).toBeGreaterThanOrEqual(0);
          const slope = rows.reduce((sum, row, i) => sum + row[j]! * r[i]!, 0);
          const size = Math.sqrt(rows.reduce((sum, row) => sum + row[j]! ** 2, 0)) || 1;
          expect(slope / size).toBeLessThan(1e-5);
          if (x[j]! > 1e-4) expect(Math.abs(slope) / size).toBeLessThan(1e-3);
        });
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it.each([
    [[], []],
    [[[1]], []],
    [[[1], [1, 2]], [1, 2]],
    [[[NaN]], [1]],
    [[[1]], [Infinity]],
  ])('refuses %j with %j', (rows, b) => {
    expect(() => nnls(rows, b)).toThrow(RangeError);
  });
});
