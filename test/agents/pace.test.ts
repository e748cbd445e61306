import { describe, expect, it } from 'vitest';
import { updatesDue } from '../../agents/pace.js';

describe('updates due after each step', () => {
  it.each([0.25, 0.3, 0.5, 1, 1.5, 3])('are in all the whole part of steps x %d', (perStep) => {
    let made = 0;
    for (let step = -5; step <= 1000; step++) {
      const due = updatesDue(step, perStep);
      if (step < 1) expect(due).toBe(0);
      made += due;
      expect(made).toBe(step < 1 ? 0 : Math.floor(step * perStep));
    }
  });

  it('are evenly spaced', () => {
    expect([1, 2, 3, 4, 5, 6].map((step) => updatesDue(step, 0.5))).toEqual([0, 1, 0, 1, 0, 1]);
    expect([1, 2, 3, 4].map((step) => updatesDue(step, 1.5))).toEqual([1, 2, 1, 2]);
  });
});
