import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleKinds } from '../../diffusion/kinds.js';
import { noiseSchedule, stepEmbedding } from '../../diffusion/schedule.js';

describe('noise schedules', () => {
  it('has the VP betas of its formula for W = 5 (worked by hand)', () => {
    const { beta, alphaBar } = noiseSchedule({ kind: 'vp', steps: 5 });
    expect([...beta].map((value) => Number(value.toFixed(4)))).toEqual([0.1959, 0.4588, 0.6358, 0.7549, 0.835]);
    // The product of all alphas is exp(-b_min - (b_max - b_min) / 2) whatever W.
    expect(alphaBar[4]).toBeCloseTo(Math.exp(-0.1 - 9.9 / 2), 12);
  });

  it('keeps the forward and the reverse process consistent for every kind and length', () => {
    fc.assert(
      fc.property(fc.constantFrom(...scheduleKinds), fc.integer({ min: 1, max: 200 }), (kind, steps) => {
        const { beta, alphaBar, posteriorX0, posteriorXw, posteriorDeviation } = noiseSchedule({ kind, steps });
        for (let i = 0; i < steps; i++) {
          expect(beta[i]).toBeGreaterThan(0);
          expect(beta[i]).toBeLessThan(1);
          const before = i === 0 ? 1 : alphaBar[i - 1]!;
          expect(alphaBar[i]!).toBeLessThan(before);
          // x_w = sqrt(ab) x0 + noise: the posterior mean of x_{w-1} must have mean sqrt(ab_before) x0, and its
          // variance plus that carried over from x_w must be 1 - ab_before.
          expect(posteriorX0[i]! + posteriorXw[i]! * Math.sqrt(alphaBar[i]!)).toBeCloseTo(Math.sqrt(before), 9);
          expect(posteriorXw[i]! ** 2 * (1 - alphaBar[i]!) + posteriorDeviation[i]! ** 2).toBeCloseTo(1 - before, 9);
        }
      }),
    );
  });

  it('refuses a step count that is no positive integer', () => {
    for (const steps of [0, -1, 1.5, NaN]) expect(() => noiseSchedule({ steps })).toThrow(RangeError);
  });

  it('embeds different steps differently', () => {
    expect(stepEmbedding(1, 16)).not.toEqual(stepEmbedding(2, 16));
    expect(stepEmbedding(3, 16)[0]).toBeCloseTo(Math.sin(3), 6);
    expect(stepEmbedding(3, 16)[8]).toBeCloseTo(Math.cos(3), 6);
  });
});
