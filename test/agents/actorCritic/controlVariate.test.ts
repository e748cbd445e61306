import { expect, it } from 'vitest';
import { createControlVariate } from '../../../agents/actorCritic/controlVariate.js';
import { randomStream } from '../../../src/math/random.js';
import { mean, standardDeviation } from '../../../src/math/statistics.js';

/** signal = action's effect + 2 x arrivals + noise */
function series(effect: number, count = 20_000): { signal: number[]; adjusted: number[] } {
  const random = randomStream(4, String(effect));
  const variate = createControlVariate();
  const signal: number[] = [];
  const adjusted: number[] = [];
  for (let i = 0; i < count; i++) {
    const arrivals = random.poisson(12);
    signal.push(effect + 2 * arrivals + random.normal());
    adjusted.push(variate.adjust(signal[i]!, arrivals));
  }
  return { signal, adjusted };
}

it('keeps the mean of a signal and takes out what arrivals explain', () => {
  const { signal, adjusted } = series(3);
  expect(mean(adjusted)).toBeCloseTo(mean(signal), 0);
  expect(standardDeviation(signal)).toBeGreaterThan(6.5);
  expect(standardDeviation(adjusted.slice(100))).toBeLessThan(1.1);
});

it('leaves a signal alone when nothing varies with it', () => {
  const variate = createControlVariate();
  for (const signal of [1, 5, -2]) expect(variate.adjust(signal, 7)).toBe(signal);
});

it('goes on from what was saved', () => {
  const [first, second] = [createControlVariate(), createControlVariate()];
  for (let i = 0; i < 50; i++) first.adjust(Math.sin(i), i % 7);
  second.restore(first.save());
  expect(second.adjust(0.4, 3)).toBe(first.adjust(0.4, 3));
});
