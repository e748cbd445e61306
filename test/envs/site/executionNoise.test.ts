import { describe, expect, it } from 'vitest';
import { greedyScheduler, runDay } from '../../../agents/schedulers/index.js';
import { clairvoyantBound } from '../../../agents/bound/index.js';
import { loadHighs } from '../../../envs/control/highs.js';
import type { FleetInput, JobBatch } from '../../../envs/index.js';
import { FleetControlEnv, FleetSimulator, generateJobs, JobDispatchEnv, parseFleet } from '../../../envs/index.js';
import { mean, standardDeviation } from '../../../src/math/statistics.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const day = '2023-06-14';
const parts = { world: testWorld(), profile: testProfile };
const fleetOf = (executionNoise: number, input: FleetInput = {}) =>
  parseFleet({ jobs: { perDay: 400, bundleRequests: 100 }, executionNoise, ...input });
const jobsOf = (executionNoise: number): JobBatch => generateJobs(fleetOf(executionNoise, { jobs: {} }), parts.world, parts.profile, day, 1);

describe('execution noise', () => {
  it('changes how long jobs take, on average not, and nothing else about them', () => {
    const [exact, noisy] = [jobsOf(0), jobsOf(0.3)];
    expect({ ...noisy, serviceFactor: exact.serviceFactor }).toEqual(exact);
    expect(new Set(exact.serviceFactor)).toEqual(new Set([1]));
    const logs = [...noisy.serviceFactor].map(Math.log);
    expect(standardDeviation(logs)).toBeCloseTo(0.3, 1);
    expect(Math.abs(mean([...noisy.serviceFactor]) - 1)).toBeLessThan((4 * 0.3) / Math.sqrt(noisy.length));
  });

  it('does not show in the queues before a job is done', () => {
    const fleet = fleetOf(0.5, { sites: [{ gpus: { count: 1 } }], management: { clockUtilisation: 0 } });
    const seen = (factors: number[], now: number): [free: number, backlog: number] => {
      const simulator = new FleetSimulator({ ...parts, fleet });
      const jobs = simulator.generateJobs(day, 1);
      jobs.serviceFactor.set(factors);
      jobs.images.fill(1);
      jobs.arrivalSeconds.set([0, 0]);
      simulator.beginDay(day, jobs);
      for (const job of [0, 1]) {
        simulator.arrive(job);
        simulator.dispatch(job, 0, 6);
      }
      return [simulator.earliestFree(0, now), simulator.backlogSeconds(0, now)];
    };
    // A job is expected to take 176 s at full clock.
    expect(seen([0.5, 1], 80)).toEqual(seen([2, 3], 80));
    expect(seen([2, 3], 80)).toEqual([352, 272]);
    expect(seen([0.5, 1], 100)).toEqual([88 + 176, 164]);
    expect(seen([2, 3], 200)).toEqual([200 + 176, 176]);
  });

  it('tells of a step only what is known when its jobs are done', () => {
    const fleet = fleetOf(0.4);
    const slots = new FleetControlEnv({ ...parts, fleet, days: [day] });
    slots.reset({ seed: 1 });
    const action = new Float32Array(slots.actionSpace.size);
    let ahead = 0;
    for (let slot = 0; slot < 288; slot++) {
      const { info } = slots.step(action);
      expect(info.nowSeconds).toBe((slot + 1) * 300);
      if (info.doneSeconds! > info.nowSeconds!) ahead++;
    }
    expect(ahead).toBeGreaterThan(0);
    const single = new JobDispatchEnv({ ...parts, fleet, days: [day] });
    single.reset({ seed: 1 });
    expect(single.step(new Float32Array(single.actionSpace.size)).info.doneSeconds).toBeGreaterThan(0);
    const exact = new FleetControlEnv({ ...parts, fleet: fleetOf(0), days: [day] });
    exact.reset({ seed: 1 });
    expect(exact.step(action).info).not.toHaveProperty('doneSeconds');
  });

  it('leaves the bound above what a policy reaches', async () => {
    const fleet = fleetOf(0.2, { slotSeconds: 3600, jobs: { perDay: 100, bundleRequests: 100 } });
    const simulator = new FleetSimulator({ ...parts, fleet });
    const { totals } = runDay(simulator, greedyScheduler(3, 0.002), day, 1);
    const bound = clairvoyantBound({ fleet, world: parts.world, day, jobs: simulator.generateJobs(day, 1) }, await loadHighs());
    expect(totals.utility).toBeLessThanOrEqual(bound);
    expect(totals.utility).toBeGreaterThan(0.5 * bound);
  });

  it('cannot go with rejecting jobs that will be late', () => {
    expect(() => fleetOf(0.1, { onLate: 'reject' })).toThrow('onLate: expected run or abandon');
  });
});
