import { describe, expect, it } from 'vitest';
import { loadDay, parseFleet } from '../../../envs/index.js';
import { InputError } from '../../../src/io/errors.js';
import type { World } from '../../../datasets/index.js';
import { testWorld } from '../../support/testWorld.js';

const dayMs = 86_400_000;
const fleet = parseFleet({});

describe('conditions of a day', () => {
  it('foresee the next day, as far as the world goes', () => {
    const startMs = Date.UTC(2023, 2, 1);
    const whole = loadDay(fleet, testWorld(), '2023-03-01').sites[1]!;
    const next = loadDay(fleet, testWorld(), '2023-03-02').sites[1]!;
    expect(whole.priceUsdPerKwh.subarray(288)).toEqual(next.priceUsdPerKwh.subarray(0, 288));
    expect(whole.renewableKw[300]).toBeCloseTo(whole.pvKw[300]! + whole.windKw[300]!, 12);

    const ending: World = {
      ...testWorld(),
      span: () => ({ startMs: -Infinity, endMs: startMs + dayMs }),
      conditions: (region, from, slots, slotSeconds) => {
        if (from + slots * slotSeconds * 1000 > startMs + dayMs) throw new InputError('not covered');
        return testWorld().conditions(region, from, slots, slotSeconds);
      },
    };
    const last = loadDay(fleet, ending, '2023-03-01').sites[1]!;
    expect(last.priceUsdPerKwh.subarray(0, 288)).toEqual(whole.priceUsdPerKwh.subarray(0, 288));
    expect(new Set(last.priceUsdPerKwh.subarray(287))).toEqual(new Set([whole.priceUsdPerKwh[287]]));
    expect(() => loadDay(fleet, ending, '2023-03-02')).toThrow('not covered');
  });

  it('average the prices ahead over six hours, as far as they are foreseen', () => {
    const usual = loadDay(fleet, testWorld(), '2023-03-01').sites[0]!;
    const hourly = loadDay(parseFleet({ slotSeconds: 3600 }), testWorld(), '2023-03-01').sites[0]!;
    const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
    for (const slot of [0, 100, 287, 288]) {
      expect(usual.priceAheadUsdPerKwh(slot)).toBeCloseTo(mean(usual.priceUsdPerKwh.subarray(slot, slot + 72)), 14);
    }
    for (const slot of [0, 23, 24]) {
      expect(hourly.priceAheadUsdPerKwh(slot)).toBeCloseTo(mean(hourly.priceUsdPerKwh.subarray(slot, slot + 6)), 14);
    }
  });

  it('take the quantiles of the day itself', () => {
    const { priceUsdPerKwh, chargeBelowUsdPerKwh, dischargeAboveUsdPerKwh } = loadDay(fleet, testWorld(), '2023-03-01').sites[0]!;
    const today = [...priceUsdPerKwh.subarray(0, 288)];
    expect(today.filter((price) => price <= chargeBelowUsdPerKwh).length / 288).toBeCloseTo(0.3, 1);
    expect(today.filter((price) => price > dischargeAboveUsdPerKwh).length / 288).toBeCloseTo(0.3, 1);
  });
});
