import { describe, expect, it } from 'vitest';
import { createScheduler, runDay } from '../../../agents/schedulers/index.js';
import type { DayRecord, DayTotals, FleetInput } from '../../../envs/index.js';
import { FleetControlEnv, FleetSimulator, parseFleet } from '../../../envs/index.js';
import { coolingRatio } from '../../../envs/site/cooling.js';
import { mean } from '../../../src/math/statistics.js';
import { testProfile, testWorld } from '../../support/testWorld.js';
import type { World } from '../../../datasets/index.js';

const days = ['2023-03-01', '2023-09-21'];

interface Outcome {
  totals: DayTotals;
  record: DayRecord;
}

const played = new Map<string, Outcome[]>();

/** Plays the days under greedy + lambda; each fleet once. */
function play(input: FleetInput): Outcome[] {
  const key = JSON.stringify(input);
  if (!played.has(key)) played.set(key, playIn(input, testWorld()));
  return played.get(key)!;
}

function playIn(input: FleetInput, world: World): Outcome[] {
  const fleet = parseFleet({ clockScope: 'site', ...input, management: { strategy: 'threshold', ...input.management } });
  const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
  return days.map((day) => {
    const { totals, record } = runDay(simulator, createScheduler('greedy-lambda', fleet), day, 1, { record: true });
    return { totals, record: record! };
  });
}

const energyCost = (outcomes: { totals: DayTotals }[]): number => mean(outcomes.map(({ totals }) => totals.energyCost));
const fullClock = { clockUtilisation: 0 };

describe('price thresholds', () => {
  it('charge on surplus, on the cheap hours and below zero, discharge into the dear ones, and never sell what was bought', () => {
    for (const { record } of play({})) {
      for (const site of record.sites) {
        const sorted = [...site.priceUsdPerMwh].sort((a, b) => a - b);
        const low = sorted[Math.floor(0.3 * 287) + 1]!;
        const high = sorted[Math.floor(0.7 * 287)]!;
        site.batteryKw.forEach((kw, slot) => {
          const price = site.priceUsdPerMwh[slot]!;
          const surplus = site.itKw[slot]! + site.coolingKw[slot]! < site.pvKw[slot]! + site.windKw[slot]!;
          if (kw > 0) expect(surplus || price <= low).toBe(true);
          if (kw < 0) {
            expect(price).toBeGreaterThanOrEqual(high);
            expect(site.gridKw[slot]).toBeGreaterThanOrEqual(-1e-9);
          }
        });
      }
    }
  });

  it('cool each slot at its own outdoor temperature', () => {
    for (const { record } of play({})) {
      for (const [k, site] of record.sites.entries()) {
        const { cooling } = parseFleet({}).sites[k]!;
        site.coolingKw.forEach((kw, slot) => {
          expect(kw / site.itKw[slot]!).toBeCloseTo(coolingRatio(25, site.outdoorCelsius[slot]!, cooling), 9);
        });
      }
    }
  });

  it('save money over no battery', () => {
    const { sites } = parseFleet({});
    const without = sites.map((site) => ({ ...site, battery: { ...site.battery, capacityKwh: 0 } }));
    expect(energyCost(play({}))).toBeLessThan(energyCost(play({ sites: without })));
  });

  it('leave batteries alone where wear costs more than the spread', () => {
    const sites = parseFleet({}).sites.map((site) => ({ ...site, battery: { ...site.battery, wearUsdPerKwh: 5 }, pv: { peakKw: 0 }, wind: { ratedKw: 0 } }));
    for (const { record } of play({ sites })) {
      for (const site of record.sites) {
        site.batteryKw.forEach((kw, slot) => expect(kw <= 0 || site.priceUsdPerMwh[slot]! < 0).toBe(true));
        expect(Math.min(...site.batteryKw)).toBe(0);
      }
    }
  });

  it('lower clocks when there is little work, which saves energy and makes no job late', () => {
    const slow = play({});
    const full = play({ management: fullClock });
    expect(energyCost(slow)).toBeLessThan(energyCost(full));
    expect(full.flatMap(({ record }) => record.sites.flatMap((site) => site.clockShare)).every((clock) => clock === 1)).toBe(true);
    expect(Math.max(...slow.map(({ totals }) => totals.lateRate))).toBeLessThan(0.02);
  });
});

describe('the plan by the value of stored energy', () => {
  it('gives the same day again on a simulator that played another one before', () => {
    const fleet = parseFleet({ slotSeconds: 3600, management: { strategy: 'plan' } });
    const simulator = new FleetSimulator({ fleet, world: testWorld(), profile: testProfile });
    const scheduler = createScheduler('greedy', fleet);
    const [first, , again] = [days[0]!, days[1]!, days[0]!].map((day) => runDay(simulator, scheduler, day, 1).totals);
    expect(again).toEqual(first);
  });

  it('beats the thresholds with prices known a day ahead', () => {
    const planned = play({ management: { strategy: 'plan' } });
    expect(energyCost(planned)).toBeLessThan(energyCost(play({})));
  });

  it('does the obvious on a day with one cheap and one dear block', () => {
    const world: World = {
      ...testWorld(),
      conditions: (_region, startMs, slots, slotSeconds) => {
        const hour = (slot: number): number => Math.floor((startMs / 1000 + slot * slotSeconds) / 3600) % 24;
        const column = (f: (h: number) => number): Float64Array => Float64Array.from({ length: slots }, (_, slot) => f(hour(slot)));
        return {
          priceUsdPerMwh: column((h) => (h < 4 ? 10 : h >= 12 && h < 16 ? 400 : 50)),
          carbonKgPerKwh: column(() => 0.4),
          outdoorCelsius: column(() => 15),
          cloudCover: column(() => 1),
          windMetresPerSecond: column(() => 0),
        };
      },
    };
    const sites = [{ pv: { peakKw: 0 }, battery: { capacityKwh: 10, powerKw: 3, wearUsdPerKwh: 0.02 } }];
    const [outcome] = playIn({ sites, jobs: { perDay: 10 }, management: { strategy: 'plan', ...fullClock } }, world);
    const { record } = outcome!;
    const { batteryKw, soc } = record.sites[0]!;
    const energyIn = (from: number, to: number): number => batteryKw.slice(from * 12, to * 12).reduce((a, b) => a + b, 0) / 12;
    // From 5 to 9 kWh at 10 USD, down to 1 kWh at 400 USD.
    expect(energyIn(0, 4)).toBeCloseTo(4 / 0.95, 4);
    expect(soc[12 * 12 - 1]).toBeCloseTo(0.9, 6);
    expect(energyIn(12, 16)).toBeCloseTo(-8 * 0.95, 4);
    expect(energyIn(4, 12)).toBeCloseTo(0, 6);
  });

  it("earns less on yesterday's prices than on known ones, and survives negative ones", () => {
    const outcomes = play({ management: { strategy: 'plan', forecast: 'persistence' } });
    expect(energyCost(outcomes)).toBeGreaterThan(energyCost(play({ management: { strategy: 'plan' } })));
    expect(outcomes.some(({ record }) => record.sites.some((site) => Math.min(...site.priceUsdPerMwh) < 0))).toBe(true);
  });
});

describe('learned energy management', () => {
  it('obeys its setpoints within what is feasible', () => {
    const env = new FleetControlEnv({ fleet: parseFleet({ clockScope: 'site', management: { strategy: 'learned' } }), world: testWorld(), profile: testProfile, days });
    env.reset({ seed: 1, options: { day: days[0], record: true } });
    // Per site: price, battery, clock, supply temperature.
    const action = Float32Array.from({ length: 12 }, (_, i) => [0, 1, -1, 0.5][i % 4]!);
    for (let slot = 0; slot < 60; slot++) env.step(action);
    const [site] = env.fleet.record!.sites;
    expect(site!.batteryKw[0]).toBeCloseTo(1.05, 9);
    expect(site!.soc[59]).toBeCloseTo(0.9, 9);
    expect(site!.clockShare[5]).toBe(0.5);
    expect(site!.supplyCelsius[5]).toBeCloseTo(18 + 9 * 0.75, 9);
    for (let slot = 60; slot < 200; slot++) env.step(action.map((value, i) => (i % 4 === 1 ? -1 : value)));
    expect(env.fleet.batteries[0]!.soc).toBeCloseTo(0.1, 9);
  });
});
