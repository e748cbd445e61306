import type { DayRecord, DayTotals, FleetSimulator } from '../../envs/index.js';
import type { Scheduler } from './scheduler.js';

/**
 * A scheduler's day on the jobs that (day, seed) give, the same for every policy. The record is filled if asked for.
 * Throws InputError for a day that the world does not cover.
 */
export function runDay(
  fleet: FleetSimulator,
  scheduler: Scheduler,
  day: string,
  seed: number,
  { record = false } = {},
): { totals: DayTotals; record: DayRecord | undefined } {
  const jobs = fleet.generateJobs(day, seed);
  scheduler.reset(seed);
  fleet.beginDay(day, jobs, { record });
  for (let job = 0; job < jobs.length; job++) {
    fleet.arrive(job);
    const { site, steps, clock } = scheduler.decide(job, fleet);
    if (scheduler.lambda !== undefined) fleet.notePrices(scheduler.lambda);
    fleet.dispatch(job, site, steps, clock);
  }
  return { totals: fleet.endDay(), record: fleet.record };
}
