import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { energyControls, FleetSimulator, LearnedManager, parseFleet } from '../../envs/index.js';
import type { DayTotals } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import { constantWorld, testProfile } from '../support/testWorld.js';
import { play, scenario } from './scenario.js';

const runs = { numRuns: 1000 };

/** Whether two figures agree to 1e-9 of the scale of what they are made of. */
function agree(a: number, b: number, scale = Math.max(Math.abs(a), Math.abs(b))): void {
  // One expectation per slot would take most of the time.
  if (!(Math.abs(a - b) <= 1e-9 * Math.max(scale, 1e-6))) throw new Error(`${a} differs from ${b}`);
}

describe('physics of the fleet, whatever the fleet, the weather, the prices and the decisions', () => {
  it('balances energy at every site in every slot', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { record } = play(input);
        for (const site of record.sites) {
          site.gridKw.forEach((gridKw, slot) => {
            const battery = site.batteryKw[slot]!;
            const out = site.itKw[slot]! + site.coolingKw[slot]! + Math.max(0, battery) + site.curtailedKw[slot]!;
            const into = site.pvKw[slot]! + site.windKw[slot]! + Math.max(0, -battery) + gridKw;
            agree(out, into, out);
            const price = site.priceUsdPerMwh[slot]!;
            const renewables = site.pvKw[slot]! + site.windKw[slot]!;
            if ((price <= 0 || input.exportShare === 0) && gridKw < 0) throw new Error(`sells at ${price}`);
            if (price < 0) agree(site.curtailedKw[slot]!, renewables, renewables);
            if (site.curtailedKw[slot]! > renewables * (1 + 1e-9) + 1e-9) throw new Error('throws stored energy away');
          });
        }
      }),
      runs,
    );
  });

  it('balances the energy of the whole day, the work that runs past midnight included', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { totals } = play(input);
        const out = totals.itKwh + totals.coolingKwh + totals.chargedKwh + totals.gridExportKwh + totals.curtailedKwh;
        agree(out, totals.renewableKwh + totals.dischargedKwh + totals.gridImportKwh - totals.restoredKwh);
      }),
      runs,
    );
  });

  it('keeps every battery within its bounds for any setpoints, and never creates energy in it', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { record, fleet, simulator } = play(input);
        record.sites.forEach(({ soc, batteryKw }, k) => {
          const { battery } = fleet.sites[k]!;
          if (battery.capacityKwh === 0) return expect(batteryKw.every((kw) => kw === 0)).toBe(true);
          expect(Math.min(...soc)).toBeGreaterThanOrEqual(battery.socMin - 1e-12);
          expect(Math.max(...soc)).toBeLessThanOrEqual(battery.socMax + 1e-12);
          const hours = fleet.slotSeconds / 3600;
          const gained = batteryKw.reduce((sum, kw) => sum + (kw > 0 ? battery.etaCharge * kw : kw / battery.etaDischarge) * hours, 0);
          agree(simulator.batteries[k]!.energyKwh - battery.initialSoc * battery.capacityKwh, gained, battery.capacityKwh);
        });
      }),
      runs,
    );
  });

  it('does exactly the work that was dispatched', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { totals, record } = play(input);
        agree(totals.executedGpuSeconds, totals.dispatchedGpuSeconds);
        expect(Math.max(...record.sites.flatMap((site) => site.utilisation))).toBeLessThanOrEqual(1 + 1e-9);
      }),
      runs,
    );
  });

  it('pays no revenue for a late job and a penalty for each', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { lateRevenue, totals } = play(input);
        expect(lateRevenue).toBe(0);
        expect(totals.penalty > 0).toBe(totals.late > 0);
      }),
      runs,
    );
  });

  it('has utility = revenue - penalty - transfer - energy, each summed on its own, and equal to credits plus residuals', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        const { totals, simulator, credits, fleet, record } = play(input);
        const traded = record.sites.flatMap(({ gridKw, priceUsdPerMwh }) => gridKw.map((kw, slot) => Math.abs(kw * priceUsdPerMwh[slot]!)));
        const tradedUsd = (traded.reduce((a, b) => a + b, 0) / 1000) * (fleet.slotSeconds / 3600);
        const scale = totals.revenue + totals.penalty + Math.abs(totals.importCost) + tradedUsd / fleet.utilityUnitUsd;
        agree(totals.utility, totals.revenue - totals.penalty - totals.transferCost - totals.energyCost, scale);
        agree(totals.energyCost, totals.importCost - totals.exportRevenue + totals.wearCost + totals.storedEnergyCost, scale);
        const residual = simulator.slotAccounts.reduce((sum, account) => sum + account.residual, 0);
        agree(totals.utility, credits + residual, scale);
        agree(simulator.slotAccounts.reduce((sum, account) => sum + account.completedCredit, 0), credits, scale);
      }),
      runs,
    );
  });

  it('gives the same totals in slots of 5 minutes and of 1 minute under constant conditions', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 1), fc.double({ min: -1, max: 1, noNaN: true }), (seed, charge, clock) => {
        const [five, one] = [300, 60].map((slotSeconds) => constantDay(seed, slotSeconds, charge, clock));
        for (const key of Object.keys(five!) as (keyof DayTotals)[]) {
          agree(five![key], one![key], Math.abs(five![key]) + Math.abs(five!.energyCost) * Number(key === 'utility'));
        }
      }),
      runs,
    );
  });
});

/** A day of 40 jobs under constant conditions without renewables, on decisions that don't depend on the slot. */
function constantDay(seed: number, slotSeconds: number, charge: number, clock: number): DayTotals {
  const random = randomStream(seed, 'constant');
  const site = { pv: { peakKw: 0 }, gpus: { count: 1 + random.integer(4) } };
  const fleet = parseFleet({
    slotSeconds,
    jobs: { perDay: 40 },
    sites: [
      { ...site, name: 'a', region: 'US-CAL-CISO' },
      { ...site, name: 'b', region: 'US-TEX-ERCO', model: { baseSeconds: 40, secondsPerStep: 3 } },
    ],
  });
  const manager = new LearnedManager(2, energyControls);
  const simulator = new FleetSimulator({ fleet, world: constantWorld(), profile: testProfile, manager });
  const jobs = simulator.generateJobs('2023-06-14', seed);
  simulator.beginDay('2023-06-14', jobs);
  manager.setpoints.battery.fill(charge);
  manager.setpoints.clock.fill(clock);
  manager.setpoints.supply.fill(-clock);
  for (let job = 0; job < jobs.length; job++) {
    simulator.arrive(job);
    simulator.dispatch(job, random.integer(2), fleet.stepsChoices[random.integer(fleet.stepsChoices.length)]!);
  }
  return simulator.endDay();
}
