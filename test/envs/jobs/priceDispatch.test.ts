import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choose, defaultPrices, FleetSimulator, jobClocks, noPrices, parseFleet, PriceRule } from '../../../envs/index.js';
import { GpuQueues } from '../../../envs/site/gpuQueues.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const share = fc.double({ min: -1, max: 1, noNaN: true });

describe('the price-driven decision', () => {
  it.each(['job', 'site'] as const)('is the best of what is in time, as every way tried on its own says; clocks of each %s', (clockScope) => {
    const fleet = parseFleet({ clockScope, jobs: { perDay: 600 } });
    const make = (): FleetSimulator => new FleetSimulator({ fleet, world: testWorld(), profile: testProfile });
    const simulator = make();
    const probe = make();
    fc.assert(
      fc.property(fc.nat(1000), fc.array(share, { minLength: 3, maxLength: 3 }), fc.integer({ min: 0, max: 120 }), (seed, action, before) => {
        const jobs = simulator.generateJobs('2023-06-14', seed);
        const job = Math.min(before, jobs.length - 1);
        // A history that overloads the fleet: everything to the slow site until the job comes.
        const prepare = (target: FleetSimulator): void => {
          target.beginDay('2023-06-14', jobs);
          for (let j = 0; j <= job; j++) {
            target.arrive(j);
            if (j < job) target.dispatch(j, j % 4 === 0 ? 1 : 2, 42);
          }
        };
        prepare(simulator);
        const rule = new PriceRule(3, defaultPrices);
        rule.update(simulator, jobs.arrivalSeconds[job]!, action, 0.004);
        const { lambda } = rule;
        const { site, steps, clock } = rule.decide(simulator, job, { site: 0, steps: 0 });

        const clocks = clockScope === 'job' ? jobClocks : [1];
        const candidates = [0, 1, 2].flatMap((k) =>
          fleet.stepsChoices.flatMap((s) =>
            clocks.map((c) => {
              prepare(probe);
              const { startSeconds, endSeconds: completion, late, credit } = probe.dispatch(job, k, s, c);
              return { site: k, steps: s, clock: c, completion, late, value: credit - lambda[k]! * (completion - startSeconds) };
            }),
          ),
        );
        const chosen = candidates.find((c) => c.site === site && c.steps === steps && (clockScope === 'site' || c.clock === clock))!;
        const feasible = candidates.filter((c) => !c.late);
        if (feasible.length === 0 && clockScope === 'site') expect(chosen.completion).toBe(Math.min(...candidates.map((c) => c.completion)));
        else if (feasible.length === 0) expect(chosen.value).toBeCloseTo(Math.max(...candidates.map((c) => c.value)), 6);
        else {
          expect(chosen.late).toBe(false);
          expect(chosen.value).toBeCloseTo(Math.max(...feasible.map((c) => c.value)), 6);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps jobs at home where transfers are not allowed', () => {
    const fleet = parseFleet({ transfer: { allowed: false } });
    const simulator = new FleetSimulator({ fleet, world: testWorld(), profile: testProfile });
    const jobs = simulator.generateJobs('2023-06-14', 1);
    simulator.beginDay('2023-06-14', jobs);
    for (let job = 0; job < 200; job++) {
      simulator.arrive(job);
      const decision = { site: 0, steps: 0, clock: 1 };
      choose(simulator, job, noPrices(3), decision, null);
      const { site, steps } = decision;
      expect(site).toBe(jobs.origin[job]);
      simulator.dispatch(job, site, steps);
    }
  });
});

describe('GPU queues', () => {
  it('always hand out the earliest-free GPU, as sorting does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.tuple(fc.nat(500), fc.nat(100)), { maxLength: 120 }), (count, work) => {
        const queues = new GpuQueues(Int32Array.of(2, count));
        const free = new Array<number>(count).fill(0);
        let now = 0;
        for (const [seconds, gap] of work) {
          now += gap;
          free.sort((a, b) => a - b);
          expect(queues.earliestFree(1)).toBe(free[0]);
          const end = Math.max(now, free[0]!) + seconds;
          free[0] = end;
          queues.occupy(1, end);
          expect(queues.backlogSeconds(1, now)).toBeCloseTo(free.reduce((sum, at) => sum + Math.max(0, at - now), 0) / count, 9);
        }
        expect(queues.earliestFree(0)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
