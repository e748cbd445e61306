import { describe, expect, it } from 'vitest';
import { createScheduler, greedyScheduler, runDay, schedulerNames, tuneLambda } from '../../../agents/schedulers/index.js';
import { genTd26Profile, loadWorld, syntheticWorld } from '../../../datasets/index.js';
import type { World } from '../../../datasets/index.js';
import { defaultFleet, FleetSimulator, noTransfer } from '../../../envs/index.js';
import { mean } from '../../../src/math/statistics.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const fleet = defaultFleet();
const profile = genTd26Profile.weightByLocalHour;
const heldOut = ['2023-02-14', '2023-05-10', '2023-08-16', '2023-11-08'];
const tuning = ['2022-02-01', '2022-05-11', '2022-08-23', '2022-11-02'];
const synthetic = new FleetSimulator({ fleet, world: syntheticWorld({ seed: 1 }), profile });

const utilityOf = (simulator: FleetSimulator, name: string): number =>
  mean(heldOut.map((day) => runDay(simulator, createScheduler(name, fleet), day, 7).totals.utility));

describe.each<[string, () => World, boolean]>([
  ['generated conditions', () => syntheticWorld({ seed: 1 }), true],
  ['real prices and weather of 2023', () => loadWorld(sharedData), hasSharedData],
])('schedulers under %s', (_name, world, there) => {
  it.skipIf(!there)('rank as they must: local < random < shortest wait < greedy < greedy + lambda', () => {
    const simulator = new FleetSimulator({ fleet, world: world(), profile });
    const utilities = ['local', 'random', 'shortest-wait', 'greedy', 'greedy-lambda'].map((name) => utilityOf(simulator, name));
    expect([...utilities].sort((a, b) => a - b)).toEqual(utilities);
  });
});

describe('every scheduler', () => {
  it.each(schedulerNames)('%s gives the same day twice, on the same jobs as all', (name) => {
    const scheduler = createScheduler(name, fleet);
    expect(scheduler.name).toBe(name);
    const first = runDay(synthetic, scheduler, heldOut[0]!, 3);
    runDay(synthetic, scheduler, heldOut[1]!, 4);
    expect(runDay(synthetic, scheduler, heldOut[0]!, 3)).toEqual(first);
    expect(first.totals.jobs).toBe(synthetic.generateJobs(heldOut[0]!, 3).length);
    expect(runDay(synthetic, scheduler, heldOut[0]!, 5).totals.jobs).not.toBe(first.totals.jobs);
  });

  it.each(schedulerNames)('%s works where jobs must stay at home', (name) => {
    const simulator = new FleetSimulator({ fleet: noTransfer(fleet), world: synthetic.world, profile });
    expect(runDay(simulator, createScheduler(name, fleet), heldOut[0]!, 3).totals.transferred).toBe(0);
  });

  it('does what it is called', () => {
    const flows = (name: string): number[][] => {
      const { record } = runDay(synthetic, createScheduler(name, fleet), heldOut[0]!, 3, { record: true });
      const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
      return [0, 1, 2].map((o) => [0, 1, 2].map((k) => sum(record!.flows.short[o]![k]!) + sum(record!.flows.long[o]![k]!)));
    };
    const total = (k: number, matrix: number[][]): number => matrix.reduce((a, row) => a + row[k]!, 0);
    flows('local').forEach((row, o) => row.forEach((jobs, k) => expect(jobs > 0).toBe(o === k)));
    const turns = flows('round-robin');
    expect(Math.max(...[0, 1, 2].map((k) => total(k, turns))) - Math.min(...[0, 1, 2].map((k) => total(k, turns)))).toBeLessThanOrEqual(1);
    const { totals } = runDay(synthetic, createScheduler('shortest-wait', fleet), heldOut[0]!, 3);
    expect(totals.meanSteps).toBe(30);
    const energy = (name: string): number => {
      const day = runDay(synthetic, createScheduler(name, fleet), heldOut[0]!, 3).totals;
      return day.attributedEnergyCost / day.jobs;
    };
    expect(energy('cheapest-energy')).toBeLessThan(energy('shortest-wait'));
  });

  it('refuses a name that is none', () => {
    expect(() => createScheduler('gredy', fleet)).toThrow('Did you mean "greedy"?');
    expect(() => createScheduler('toString', fleet)).toThrow('unknown');
  });
});

describe('tuning lambda', () => {
  it('finds a lambda that beats both greedy and a far larger one on the days it was tuned on', () => {
    const { lambda, utility } = tuneLambda(synthetic, tuning, 1);
    const at = (value: number): number => mean(tuning.map((day) => runDay(synthetic, greedyScheduler(3, value), day, 1).totals.utility));
    expect(lambda).toBeGreaterThan(0);
    expect(at(lambda)).toBeCloseTo(utility, 9);
    expect(utility).toBeGreaterThan(at(0));
    expect(utility).toBeGreaterThan(at(0.03));
  });
});
