import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeProduct } from '../../../src/math/decimal.js';
import { capacityRows } from '../../../workloads/moe/gating.js';

/** Thousandths, so that products are whole numbers of thousandths and no rounding is in doubt. */
const thousandths = fc.integer({ min: -5000, max: 5000 });

describe('a share of a count', () => {
  it('is that of the decimals as they are written', () => {
    fc.assert(
      fc.property(thousandths, fc.integer({ min: 0, max: 1_000_000 }), (share, count) => {
        const exact = share * count;
        expect(wholeProduct(share / 1000, count, 'floor')).toBe(Math.floor(exact / 1000) + 0);
        expect(wholeProduct(share / 1000, count, 'ceil')).toBe(Math.ceil(exact / 1000) + 0);
        expect(wholeProduct(share / 1000, count, 'round')).toBe(Math.floor((exact + 500) / 1000) + 0);
      }),
      { numRuns: 5000 },
    );
  });

  it('is that of any two numbers, however large or small', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [floor, ceil] = [wholeProduct(a, b, 'floor'), wholeProduct(a, b, 'ceil')];
        const product = a * b;
        const slack = 1e-15 * Math.abs(product) + 1e-300;
        expect(floor).toBeLessThanOrEqual(product + slack);
        expect(ceil).toBeGreaterThanOrEqual(product - slack);
        if (Math.abs(product) < 2 ** 50) expect(ceil - floor).toBeLessThanOrEqual(1);
      }),
    );
    expect([wholeProduct(NaN, 1, 'ceil'), wholeProduct(Infinity, 2, 'floor'), wholeProduct(1e-7, 3, 'ceil'), wholeProduct(5e-324, 1, 'ceil')]).toEqual([NaN, Infinity, 1, 1]);
  });

  it.each([
    [0.55, 100, 55], [0.57, 100, 57], [0.07, 100, 7], [1.1, 10, 11], [0.29, 100, 29], [0.1, 30, 3], [1.15, 100, 115], [0.14, 50, 7], [2.2, 5, 11], [0.5, 100, 50], [0.551, 100, 56],
  ])('of %d of %d tokens an expert computes %d rows', (factor, tokens, rows) => {
    expect(capacityRows(factor, tokens)).toBe(rows);
  });
});
