import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clairvoyantBound } from '../../../agents/bound/index.js';
import { createScheduler, runDay, schedulerNames } from '../../../agents/schedulers/index.js';
import type { FleetConfig, JobBatch } from '../../../envs/index.js';
import { FleetControlEnv, FleetSimulator, loadHighs, noBattery, parseFleet, replayJobs } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { play, scenario } from '../../envs/scenario.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const highs = await loadHighs();
const world = testWorld();
const day = '2023-03-01';
const boundOf = (fleet: FleetConfig, jobs: JobBatch, blockSeconds?: number): number =>
  clairvoyantBound({ fleet, world, day, jobs, ...(blockSeconds === undefined ? {} : { blockSeconds }) }, highs);

describe('the clairvoyant bound', () => {
  it('lies above every scheduler on a default day, and not far above', () => {
    const fleet = parseFleet({});
    const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
    const bound = boundOf(fleet, simulator.generateJobs(day, 1), 3600);
    const utility = new Map(schedulerNames.map((name) => [name, runDay(simulator, createScheduler(name, fleet), day, 1).totals.utility]));
    for (const reached of utility.values()) expect(reached).toBeLessThanOrEqual(bound);
    expect(utility.get('greedy-lambda')!).toBeGreaterThan(0.75 * bound);
  });

  it('lies above every scheduler on small fleets and is the same each time', () => {
    for (const [seed, onLate, carryQueues] of [[1, 'run', false], [2, 'abandon', false], [3, 'reject', true]] as const) {
      const fleet = parseFleet({ onLate, carryQueues, slotSeconds: 900, jobs: { perDay: 300 }, sites: [
        { name: 'a', region: 'US-CAL-CISO', gpus: { count: 1 } },
        { name: 'b', region: 'US-TEX-ERCO', gpus: { count: 2 } },
      ] });
      const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
      const bound = boundOf(fleet, simulator.generateJobs(day, seed));
      expect(boundOf(fleet, simulator.generateJobs(day, seed))).toBe(bound);
      for (const name of schedulerNames) {
        expect(runDay(simulator, createScheduler(name, fleet), day, seed).totals.utility, name).toBeLessThanOrEqual(bound);
      }
    }
  });

  it('lies above random decisions and setpoints at any price and weather', () => {
    fc.assert(
      fc.property(scenario, (drawn) => {
        const { fleet, simulator, totals } = play(drawn);
        const problem = { fleet, world: simulator.world, day: simulator.conditions.day, jobs: simulator.jobs, choosesSupply: true };
        expect(totals.utility).toBeLessThanOrEqual(clairvoyantBound(problem, highs));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('lies above an agent that sets batteries, clocks and supply temperatures at random', () => {
    const fleet = parseFleet({ slotSeconds: 900, jobs: { perDay: 200 }, management: { strategy: 'learned' }, sites: [
      { name: 'a', region: 'US-CAL-CISO', gpus: { count: 1 } },
      { name: 'b', region: 'US-MIDA-PJM', gpus: { count: 2 } },
    ] });
    const env = new FleetControlEnv({ fleet, world, profile: testProfile, days: [day] });
    const random = randomStream(5, 'actions');
    for (let seed = 0; seed < 4; seed++) {
      env.reset({ seed, options: { day } });
      const bound = boundOf(fleet, env.fleet.jobs);
      for (;;) {
        const { info } = env.step(new Float32Array(env.actionSpace.size).map(() => 2 * random.next() - 1));
        if (info.totals === undefined) continue;
        expect(info.totals.utility).toBeLessThanOrEqual(bound);
        break;
      }
    }
  });

  it('lies above the best of all assignments of a few jobs, and close to it', () => {
    const gaps: number[] = [];
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 4 }), fc.boolean(), (seed, count, crowded) => {
        const { fleet, jobs } = tiny(seed, count, crowded);
        const best = bestAssignment(fleet, jobs);
        const bound = boundOf(fleet, jobs);
        expect(best).toBeLessThanOrEqual(bound);
        if (!crowded) gaps.push((bound - best) / Math.abs(best));
      }),
      { seed: 2, numRuns: 30 },
    );
    expect(Math.max(...gaps)).toBeLessThan(0.05);
  });
});

/** A few jobs on two sites whose clocks are fixed and which have no batteries: (site, steps) is all there is to decide. */
function tiny(seed: number, count: number, crowded: boolean): { fleet: FleetConfig; jobs: JobBatch } {
  const random = randomStream(seed, 'tiny');
  const clock = { minShare: 1 };
  const fleet = noBattery(parseFleet({ slotSeconds: 3600, stepsChoices: [10, 20, 30], sites: [
    { name: 'a', region: 'US-CAL-CISO', gpus: { count: 1, clock }, model: { baseSeconds: 0.4, secondsPerStep: 0.05 } },
    { name: 'b', region: 'US-TEX-ERCO', gpus: { count: 1, clock }, model: { quality: { ceiling: 1 } } },
  ] }));
  const span = crowded ? 120 : 80_000;
  const arrivalSeconds = Float64Array.from({ length: count }, () => 1000 + span * random.next()).sort();
  const origins = arrivalSeconds.map(() => random.integer(2));
  return { fleet, jobs: replayJobs(fleet, { arrivalSeconds, origins }, seed) };
}

/** The most that any assignment of jobs to sites and steps is worth, each simulated. */
function bestAssignment(fleet: FleetConfig, jobs: JobBatch): number {
  const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
  const ways = fleet.sites.length * fleet.stepsChoices.length;
  let best = -Infinity;
  for (let code = 0; code < ways ** jobs.length; code++) {
    simulator.beginDay(day, jobs);
    for (let job = 0, rest = code; job < jobs.length; job++, rest = Math.floor(rest / ways)) {
      simulator.arrive(job);
      simulator.dispatch(job, rest % fleet.sites.length, fleet.stepsChoices[Math.floor((rest % ways) / fleet.sites.length)]!);
    }
    best = Math.max(best, simulator.endDay().utility);
  }
  return best;
}
