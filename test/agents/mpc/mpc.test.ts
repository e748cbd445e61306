import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { clairvoyantBound } from '../../../agents/bound/index.js';
import { demandClasses, Forecaster } from '../../../agents/mpc/forecast.js';
import type { ForecastKind } from '../../../agents/mpc/index.js';
import { forecastKinds, MpcScheduler, usualMpc } from '../../../agents/mpc/index.js';
import { planPrices } from '../../../agents/mpc/plan.js';
import { createPlanner, createScheduler, plannerNames, runDay } from '../../../agents/schedulers/index.js';
import type { World } from '../../../datasets/index.js';
import type { JobBatch } from '../../../envs/index.js';
import { FleetSimulator, loadHighs, parseFleet } from '../../../envs/index.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const day = '2023-06-14';
/** A tenth of the jobs, each ten times the work. */
const fleet = parseFleet({ slotSeconds: 900, jobs: { perDay: 364, bundleRequests: 160 } });
let highs: Highs;
beforeAll(async () => void (highs = await loadHighs()));

const simulator = (world: World = testWorld()): FleetSimulator => new FleetSimulator({ fleet, world, profile: testProfile });
const scheduler = (kind: ForecastKind): MpcScheduler => new MpcScheduler(kind, highs, { ...usualMpc, replanSeconds: 7200 });

const noon = 12 * 3600;

/** The decisions on the jobs that arrive before noon. */
function decisions(kind: ForecastKind, world: World, change: (jobs: JobBatch) => void = () => {}): string[] {
  const sim = simulator(world);
  const jobs = sim.generateJobs(day, 1);
  change(jobs);
  const mpc = scheduler(kind);
  mpc.reset(1);
  sim.beginDay(day, jobs);
  const made: string[] = [];
  for (let job = 0; jobs.arrivalSeconds[job]! < noon; job++) {
    sim.arrive(job);
    const { site, steps } = mpc.decide(job, sim);
    made.push(`${site} ${steps}`);
    sim.dispatch(job, site, steps);
  }
  return made;
}

/** The test world with prices of $1,000 per MWh from some second of the day on. */
function dearFrom(second: number): World {
  const world = testWorld();
  return {
    ...world,
    conditions: (region, startMs, slots, slotSeconds) => {
      const found = world.conditions(region, startMs, slots, slotSeconds);
      return { ...found, priceUsdPerMwh: found.priceUsdPerMwh.map((price, slot) => (slot * slotSeconds >= second ? 1000 : price)) };
    },
  };
}

describe('what a planner sees', () => {
  const bigFrom = (second: number) => (jobs: JobBatch): void => {
    for (let job = 0; job < jobs.length; job++) if (jobs.arrivalSeconds[job]! >= second) jobs.images[job] = 8;
  };

  it.each(['persistence', 'day-ahead'] as const)('is no job before it arrives (%s)', (kind) =>
    expect(decisions(kind, testWorld(), bigFrom(noon))).toEqual(decisions(kind, testWorld())),
  );

  it('is no coming price with persistence', () => {
    expect(decisions('persistence', dearFrom(noon))).toEqual(decisions('persistence', testWorld()));
    expect(decisions('persistence', dearFrom(0))).not.toEqual(decisions('persistence', testWorld()));
  });

  it('is nothing beyond the horizon, even when perfect', () => {
    const beyond = noon + usualMpc.blocks * usualMpc.blockSeconds;
    expect(decisions('perfect', dearFrom(beyond), bigFrom(beyond))).toEqual(decisions('perfect', testWorld()));
  });
});

describe('forecasts', () => {
  it('count the same jobs on average, and the very jobs when perfect', () => {
    const sim = simulator();
    const jobs = sim.generateJobs(day, 3);
    sim.beginDay(day, jobs);
    sim.beginSlot();
    const total = (kind: ForecastKind): number => {
      const forecaster = new Forecaster(kind, sim, 96, 1);
      forecaster.beginDay();
      return forecaster.forecast().jobs.reduce((a, b) => a + b, 0);
    };
    expect(total('perfect')).toBe(jobs.length);
    expect(total('day-ahead')).toBeCloseTo(364, 6);
    expect(total('persistence')).toBeCloseTo(364, 6);
  });

  it('share the arrivals of each origin out over classes', () => {
    const classes = demandClasses(simulator());
    for (const origin of [0, 1, 2]) {
      expect(classes.filter((demand) => demand.origin === origin).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    }
  });
});

describe('the price of GPU time', () => {
  /** The highest of a plan for so many jobs in each block, spread evenly over the classes. */
  const highest = (jobs: number): number => {
    const sim = simulator();
    sim.beginDay(day, sim.generateJobs(day, 1));
    sim.beginSlot();
    const classes = demandClasses(sim);
    const forecaster = new Forecaster('day-ahead', sim, 4, 1);
    forecaster.beginDay();
    const forecast = { ...forecaster.forecast(), jobs: new Float64Array(4 * classes.length).fill(jobs / classes.length) };
    return Math.max(...planPrices(sim, classes, forecast, { blocks: 4, blockSeconds: 900 }, highs));
  };

  it('is nothing on an idle fleet, and rises with what is asked of it up to the worth of the best image', () => {
    expect(highest(0.1)).toBeCloseTo(0, 9);
    const [busy, flooded] = [highest(15), highest(120)];
    expect(busy).toBeGreaterThan(0);
    expect(flooded).toBeGreaterThanOrEqual(busy);
    const { gpuSeconds, utility } = simulator().service;
    expect(flooded).toBeLessThanOrEqual(Math.max(...gpuSeconds.map((seconds, i) => (utility[i]! + 1) / seconds)));
  });
});

describe.each(forecastKinds.map((kind) => [kind] as const))('mpc on %s', (kind) => {
  it('decides the same way twice, not far below a price on backlog, and never better than the bound', () => {
    const { totals } = runDay(simulator(), scheduler(kind), day, 1);
    if (kind === 'perfect') expect(runDay(simulator(), scheduler(kind), day, 1).totals).toEqual(totals);
    const sim = simulator();
    const by = (name: string): number => runDay(sim, createScheduler(name, fleet), day, 1).totals.utility;
    expect(totals.utility).toBeLessThanOrEqual(clairvoyantBound({ fleet, world: testWorld(), day, jobs: sim.generateJobs(day, 1) }, highs));
    expect(totals.utility).toBeGreaterThan(0.8 * by('greedy-lambda'));
    expect(totals.utility).toBeGreaterThan(by('shortest-wait'));
  });
});

it('planners go by name', () => {
  expect(plannerNames.map((name) => createPlanner(name, highs).name)).toEqual(plannerNames);
  expect(() => createPlanner('mpc', highs)).toThrow('Planner "mpc" is unknown.');
});
