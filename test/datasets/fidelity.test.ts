import { describe, expect, it } from 'vitest';
import { compare, distance, excesses, localHoursOf, portrait, tolerances } from '../../datasets/fit/fidelity.js';
import { readSeries } from '../../datasets/realWorld.js';
import { syntheticHours } from '../../datasets/synthetic/index.js';
import { randomStream } from '../../src/math/random.js';
import { correlation } from '../../src/math/statistics.js';
import { hasSharedData, sharedData } from '../support/data.js';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

describe.skipIf(!hasSharedData)('the generator against the real series', () => {
  const { series } = hasSharedData ? readSeries(sharedData) : { series: undefined! };

  it('keeps to the tolerances in every region and quantity', () => {
    const comparisons = compare(series, seeds);
    const off = comparisons.flatMap(({ region, quantity, distance, allowed }) =>
      excesses(distance, allowed).map((what) => `${quantity} of ${region}: ${what}`),
    );
    expect(off).toEqual([]);
    expect(new Set(comparisons.map(({ region }) => region)).size).toBeGreaterThanOrEqual(6);
  });

  // The tolerances must tell: each of these is a series that a bad generator would make of the real one.
  const real = series?.price.get('US-CAL-CISO') ?? { firstHour: 0, values: new Float64Array() };
  const localHours = localHoursOf('America/Los_Angeles', real.firstHour, real.values.length);
  const shuffled = (): Float64Array => {
    const random = randomStream(1, 'shuffle');
    const values = real.values.slice();
    for (let i = values.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  };
  it.each<[string, () => Float64Array, RegExp]>([
    ['without memory', shuffled, /lag1/],
    ['six hours late', () => real.values.map((_, i) => real.values[Math.max(0, i - 6)]!), /profile/],
    ['with half the swing', () => real.values.map((value) => 75 + (value - 75) / 2), /sd/],
    ['a third dearer', () => real.values.map((value) => value * 1.33), /mean/],
    ['without its low prices', () => real.values.map((value) => Math.max(40, value)), /q05/],
    ['capped at 100 USD/MWh', () => real.values.map((value) => Math.min(100, value)), /q95/],
    ['of another region', () => series.price.get('DE-LU')!.values, /mean/],
  ])('refuses a series %s', (_, bad, figure) => {
    const found = distance(portrait(real.values, localHours), portrait(bad(), localHours));
    expect(excesses(found, tolerances.price).join('; ')).toMatch(figure);
  });

  it('moves neighbouring regions together as the real ones do', () => {
    const clip = (values: Float64Array): Float64Array => {
      const sorted = values.slice().sort();
      const [low, high] = [0.02, 0.98].map((p) => sorted[Math.round(p * (sorted.length - 1))]!);
      return values.map((value) => Math.min(high!, Math.max(low!, value)));
    };
    const pairs = [
      ['price', 'US-MIDA-PJM', 'US-NY-NYIS'],
      ['price', 'AU-NSW', 'AU-VIC'],
      ['price', 'US-CAL-CISO', 'JP-TK'],
      ['wind', 'US-MIDA-PJM', 'US-NY-NYIS'],
      ['temperature', 'AU-NSW', 'AU-VIC'],
      ['cloud', 'DE-LU', 'SG'],
    ] as const;
    for (const [quantity, a, b] of pairs) {
      const [x, y] = [a, b].map((region) => series[quantity].get(region)!);
      const first = Math.max(x!.firstHour, y!.firstHour);
      const count = 17_500;
      const [realX, realY] = [x!, y!].map(({ firstHour, values }) => clip(values.slice(first - firstHour, first - firstHour + count)));
      const expected = correlation(realX!, realY!);
      const found = [1, 2, 3].map((seed) => {
        const [p, q] = [a, b].map((region) => clip(syntheticHours(seed, region, quantity, [first, count])));
        return correlation(p!, q!);
      });
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      expect(Math.abs(mean - expected), `${quantity} of ${a} and ${b}: ${mean.toFixed(2)}, real ${expected.toFixed(2)}`).toBeLessThan(0.25);
    }
  });

  it('makes negative prices and spikes where markets have them', () => {
    const years = 6 * 8766;
    const of = (region: string): Float64Array => syntheticHours(1, region, 'price', [Date.UTC(2023) / 3_600_000, years]);
    expect(of('AU-VIC').filter((price) => price < 0).length / years).toBeGreaterThan(0.05);
    expect(of('US-TEX-ERCO').reduce((most, price) => Math.max(most, price), 0)).toBeGreaterThan(2000);
  });
});
