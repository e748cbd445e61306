import { describe, expect, it } from 'vitest';
import { syntheticWorld } from '../../datasets/index.js';

const start = Date.UTC(2024, 2, 9, 5);
const fields = ['priceUsdPerMwh', 'carbonKgPerKwh', 'outdoorCelsius', 'cloudCover', 'windMetresPerSecond'] as const;

describe('syntheticWorld', () => {
  it('gives an hour the same conditions whatever the window, its place in it and the regions named', () => {
    const whole = syntheticWorld({ seed: 7 }).conditions('US-TEX-ERCO', start, 24 * 40, 3600);
    const other = syntheticWorld({ seed: 7, regions: ['US-TEX-ERCO'] });
    // From the end backwards, so that nothing is in the order in which the first world made it.
    for (let from = 24 * 40 - 37; from >= 0; from -= 37 * 3) {
      const part = other.conditions('US-TEX-ERCO', start + from * 3_600_000, 37, 3600);
      for (const field of fields) expect(part[field]).toEqual(whole[field].slice(from, from + 37));
    }
  });

  it('averages one-minute slots to hour slots', () => {
    const world = syntheticWorld({ seed: 3, regions: ['DE-LU'] });
    const hours = world.conditions('DE-LU', start, 48, 3600);
    const minutes = world.conditions('DE-LU', start, 48 * 60, 60);
    for (const field of fields) {
      for (let hour = 0; hour < 48; hour++) {
        const sum = minutes[field].slice(hour * 60, hour * 60 + 60).reduce((total, value) => total + value, 0);
        expect(sum / 60).toBeCloseTo(hours[field][hour]!, 9);
      }
    }
  });

  it('differs from seed to seed', () => {
    const [a, b] = [1, 2].map((seed) => syntheticWorld({ seed }).conditions('CA-ON', start, 24, 3600));
    expect(a).not.toEqual(b);
  });

  it('refuses an unknown region and a seed that is no integer', () => {
    expect(() => syntheticWorld({ seed: 1, regions: ['US-CAL-CSO'] })).toThrow(/"US-CAL-CSO".*Did you mean "US-CAL-CISO"/);
    expect(() => syntheticWorld({ seed: 1.5 })).toThrow(/expected an integer/);
  });
});
