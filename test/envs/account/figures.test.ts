import { describe, expect, it } from 'vitest';
import { averageFigure, dayFigureNames, dayFigures } from '../../../envs/index.js';
import { emptyTotals } from '../../../envs/account/figures.js';

describe('the table of the day\'s figures', () => {
  it('gives an account with every figure at zero', () => {
    expect(Object.keys(emptyTotals())).toEqual(dayFigureNames);
    expect(Object.values(emptyTotals()).every((value) => value === 0)).toBe(true);
    for (const name of dayFigureNames) expect(dayFigures[name].about.length).toBeGreaterThan(5);
  });

  it('averages sums over days, and rates over all jobs of all days', () => {
    const days = [
      { ...emptyTotals(), jobs: 10, late: 1, lateRate: 0.1, utility: 4 },
      { ...emptyTotals(), jobs: 30, late: 9, lateRate: 0.3, utility: 8 },
    ];
    expect(averageFigure('utility', days)).toBe(6);
    expect(averageFigure('lateRate', days)).toBeCloseTo(10 / 40, 12);
  });
});
