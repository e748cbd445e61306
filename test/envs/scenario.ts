import fc from 'fast-check';
import type { World } from '../../datasets/index.js';
import type { DayRecord, DayTotals, FleetConfig, FleetInput } from '../../envs/index.js';
import { completionSeconds, energyControls, FleetSimulator, LearnedManager, parseFleet, replayJobs } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import { testProfile, testWorld } from '../support/testWorld.js';

/** A fleet, its conditions, jobs and every decision, drawn from a seed and a few choices that matter. */
export interface Scenario {
  seed: number;
  sites: number;
  jobs: number;
  slotSeconds: 900 | 3600;
  onLate: 'run' | 'abandon' | 'reject';
  exportShare: number;
  /** Scale of service times: large ones overload the fleet. */
  work: number;
}

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  sites: fc.integer({ min: 1, max: 3 }),
  jobs: fc.integer({ min: 0, max: 60 }),
  slotSeconds: fc.constantFrom(900, 3600),
  onLate: fc.constantFrom('run', 'abandon', 'reject'),
  exportShare: fc.constantFrom(0, 0.8, 1),
  work: fc.constantFrom(0.2, 5, 60),
});

/** Any weather and any price, negative and zero included. */
function wildWorld(seed: number): World {
  return {
    ...testWorld(),
    conditions: (region, _startMs, slots) => {
      const random = randomStream(seed, region);
      const draw = (f: () => number): Float64Array => Float64Array.from({ length: slots }, f);
      return {
        priceUsdPerMwh: draw(() => (random.next() < 0.1 ? 0 : random.next() < 0.2 ? 3000 * (random.next() - 0.3) : 50 * random.normal())),
        carbonKgPerKwh: draw(() => random.next()),
        outdoorCelsius: draw(() => 20 * random.normal()),
        cloudCover: draw(() => random.next()),
        windMetresPerSecond: draw(() => 15 * random.next()),
      };
    },
  };
}

export function fleetOf({ seed, sites, slotSeconds, onLate, exportShare, work }: Scenario): FleetConfig {
  const random = randomStream(seed, 'fleet');
  const regions = testWorld().regions;
  const input: FleetInput = {
    slotSeconds,
    onLate,
    sites: Array.from({ length: sites }, (_, k) => ({
      name: `s${k}`,
      region: regions[k]!,
      model: { baseSeconds: work * random.next(), secondsPerStep: work * (0.01 + 0.3 * random.next()) },
      gpus: { count: 1 + random.integer(5), idleShare: random.next() },
      battery: {
        capacityKwh: random.next() < 0.2 ? 0 : 10 * random.next(),
        powerKw: 5 * random.next(),
        etaCharge: 0.5 + 0.5 * random.next(),
        etaDischarge: 0.5 + 0.5 * random.next(),
      },
      pv: { peakKw: 10 * random.next() },
      wind: { ratedKw: 10 * random.next() },
      exportShare,
    })),
  };
  return parseFleet(input);
}

export interface Outcome {
  fleet: FleetConfig;
  simulator: FleetSimulator;
  totals: DayTotals;
  record: DayRecord;
  /** Utility units by jobs that were late, and their number, from `dispatch` alone. */
  lateRevenue: number;
  /** Sums over jobs of what `dispatch` told. */
  credits: number;
}

/** Plays a scenario's day with random decisions and random setpoints. */
export function play(scenario: Scenario): Outcome {
  const fleet = fleetOf(scenario);
  const random = randomStream(scenario.seed, 'play');
  const manager = new LearnedManager(scenario.sites, energyControls);
  const simulator = new FleetSimulator({ fleet, world: wildWorld(scenario.seed), profile: testProfile, manager });
  const arrivalSeconds = Float64Array.from({ length: scenario.jobs }, () => 86_399 * random.next()).sort();
  const origins = arrivalSeconds.map(() => random.integer(scenario.sites));
  const jobs = replayJobs(fleet, { arrivalSeconds, origins }, scenario.seed);
  simulator.beginDay('2023-06-14', jobs, { record: true });
  let lateRevenue = 0;
  let credits = 0;
  while (simulator.slot < simulator.slots) {
    for (const control of energyControls) manager.setpoints[control].forEach((_, k, all) => (all[k] = 2 * random.next() - 1));
    simulator.beginSlot();
    const end = (simulator.slot + 1) * simulator.slotSeconds;
    for (let job = simulator.nextJob; job < jobs.length && arrivalSeconds[job]! < end; job++) {
      const before = simulator.totals.revenue;
      const steps = fleet.stepsChoices[random.integer(fleet.stepsChoices.length)]!;
      const outcome = simulator.dispatch(job, random.integer(scenario.sites), steps, 0.3 + 0.8 * random.next());
      credits += outcome.credit;
      if (completionSeconds(outcome, fleet.onLate) > jobs.deadlineSeconds[job]!) lateRevenue += Math.abs(simulator.totals.revenue - before);
    }
    simulator.settleSlot();
  }
  return { fleet, simulator, totals: simulator.endDay(), record: simulator.record!, lateRevenue, credits };
}
