import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf, downsample, metricsOf, mostPoints, readCurve } from '../../web/runs/curves.js';

describe('curves', () => {
  it('reads one column and leaves out what is no number', () => {
    const text = 'step,day,utility,validationUtility\n1,2022-01-01,5,\n2,2022-01-02,6,7\n3,2022-01-03,nonsense,8\n4,2022-01-04,9';
    expect(readCurve(Buffer.from(text), 'validationUtility')).toEqual({ steps: [2, 3], values: [7, 8] });
    expect(readCurve(Buffer.from(text), 'utility')).toEqual({ steps: [1, 2, 4], values: [5, 6, 9] });
    expect(readCurve(Buffer.from(text), 'nothing')).toBeNull();
    expect(readCurve(new Uint8Array(), 'utility')).toBeNull();
    expect(metricsOf(text)).toEqual(['utility', 'validationUtility']);
  });

  it('keeps few points and means, ends and bounds of many', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 3000 }), (values) => {
        const steps = values.map((_, i) => 10 * i);
        const short = downsample({ steps, values });
        expect(short.steps.length).toBeLessThanOrEqual(mostPoints);
        expect(short.values.at(-1)).toBe(values.at(-1));
        for (let i = 1; i < short.steps.length; i++) expect(short.steps[i]).toBeGreaterThan(short.steps[i - 1]!);
        expect(Math.max(...short.values)).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        expect(Math.min(...short.values)).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        if (values.length <= mostPoints) expect(short.values).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  it('averages seeds that look at slightly different steps', () => {
    // All on the line y = x, whatever the steps: so is their mean.
    const line = (steps: number[]) => ({ steps, values: steps.map((step) => 2 * step) });
    const band = bandOf([line([0, 11, 19, 30]), line([1, 10, 21, 31]), line([2, 9, 20])]);
    band.steps.forEach((step, i) => expect(band.mean[i]).toBeCloseTo(2 * step, 9));
    expect(band.steps[0]).toBe(0);
    expect(band.steps.at(-1)).toBe(31);
    // One seed alone has no interval.
    expect(band.low.at(-1)).toBeNull();
    expect(band.low[1]).not.toBeNull();
    expect(bandOf([line([5])])).toEqual({ steps: [5], mean: [10], low: [null], high: [null] });
    expect(bandOf([])).toEqual({ steps: [], mean: [], low: [], high: [] });
  });
});
