import { describe, expect, it } from 'vitest';
import * as statistics from '../../../src/math/statistics.js';

describe('statistics', () => {
  it('agrees with values computed by hand', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(statistics.mean(values)).toBe(5);
    expect(statistics.standardDeviation(values)).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(statistics.quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect([...statistics.ranks([10, 20, 10, 5])]).toEqual([2.5, 4, 2.5, 1]);
    expect(statistics.rankCorrelation([1, 2, 3], [10, 100, 1000])).toBeCloseTo(1, 12);
    expect(statistics.autocorrelation([1, -1, 1, -1], 1)).toBeCloseTo(-0.75, 12);
    expect(statistics.meanAbsolutePercentageError([100, 200], [110, 180])).toBeCloseTo(10, 12);
  });

  it("has Student's quantiles of the printed tables", () => {
    for (const [freedom, value] of [[1, 12.706], [5, 2.5706], [10, 2.2281], [30, 2.0423], [120, 1.9799]] as const) {
      expect(statistics.studentT95(freedom)).toBeCloseTo(value, 2);
    }
  });
});
