import type { FleetView } from '../view.js';

/**
 * What becomes of a job that is sent to a site. Times are seconds since the day's start; money is in utility units, and
 * `credit` is revenue - penalty - transferCost - energyCost.
 */
export interface Outcome {
  job: number;
  /** Where it really runs, and at which level of its kind. */
  site: number;
  level: number;
  late: boolean;
  /** When it is there; from when to when it keeps a GPU busy. */
  entrySeconds: number;
  startSeconds: number;
  endSeconds: number;
  /** When it is complete; Infinity if it is stopped or never started. */
  completionSeconds: number;
  /** What it was expected to take, and what it takes at full clock, s. */
  expectedSeconds: number;
  fullClockSeconds: number;
  /** Power of its GPU above idle, kW, and what a second of it costs. */
  kw: number;
  costPerSecond: number;
  revenue: number;
  penalty: number;
  transferCost: number;
  energyCost: number;
  credit: number;
}

/** An outcome to be written into. Its numbers begin as fractions, so that their fields are of one kind from the start. */
export const emptyOutcome = (): Outcome => ({
  job: 0,
  site: 0,
  level: 0,
  late: false,
  entrySeconds: NaN,
  startSeconds: NaN,
  endSeconds: NaN,
  completionSeconds: NaN,
  expectedSeconds: NaN,
  fullClockSeconds: NaN,
  kw: NaN,
  costPerSecond: NaN,
  revenue: NaN,
  penalty: NaN,
  transferCost: NaN,
  energyCost: NaN,
  credit: NaN,
});

/**
 * Where a job runs that is sent to `site`, and at which level: where transfer is not allowed at its origin, and if that
 * does not serve such jobs, at the nearest site that does. Throws for an unknown site or a level that is no choice.
 */
export function assign(view: FleetView, job: number, site: number, steps: number, out: Outcome): void {
  const { desk } = view;
  let at = view.fleet.transfer.allowed ? site : view.jobs.origin[job]!;
  if (desk.selective) at = desk.siteFor(job, at);
  const level = desk.kindOf(job).levelAt(at, steps);
  if (view.gpuCount[at] === undefined || !(level >= 0)) throw new Error(`No site ${site} with ${steps} steps.`);
  out.job = job;
  out.site = at;
  out.level = level;
}

/**
 * What becomes of an assigned job whose site has a GPU free at `freeSeconds`, if it takes `serviceFactor` times what is
 * expected: `start = max(arrival + transfer delay, free)`. Energy is charged at the margin of the moment.
 */
export function foresee(view: FleetView, out: Outcome, freeSeconds: number, serviceFactor: number): void {
  const { jobs, fleet } = view;
  const { job, site, level } = out;
  const kind = view.desk.kindOf(job);
  const origin = jobs.origin[job]!;
  const deadline = jobs.deadlineSeconds[job]!;
  const expectedSeconds = kind.seconds(job, site, level);
  const kw = kind.kw(job, site, level);
  const seconds = expectedSeconds * serviceFactor;
  const entry = jobs.arrivalSeconds[job]! + view.delaySeconds[origin * view.siteCount + site]!;
  const start = Math.max(entry, freeSeconds);
  const late = start + seconds > deadline;
  const stopped = late && fleet.onLate !== 'run';
  let end = start + seconds;
  if (stopped) end = fleet.onLate === 'reject' ? start : Math.max(start, deadline);
  const costPerSecond = view.marginalCost(site, kw);
  const revenue = late ? 0 : kind.revenue(job, site, level);
  const penalty = late ? kind.penalty(job) : 0;
  const transfer = site === origin ? 0 : kind.transferCost(job);
  const energy = costPerSecond * (end - start);
  out.late = late;
  out.entrySeconds = entry;
  out.startSeconds = start;
  out.endSeconds = end;
  out.completionSeconds = stopped ? Infinity : end;
  out.expectedSeconds = expectedSeconds;
  out.fullClockSeconds = kind.fullClockSeconds(job, site, level);
  out.kw = kw;
  out.costPerSecond = costPerSecond;
  out.revenue = revenue;
  out.penalty = penalty;
  out.transferCost = transfer;
  out.energyCost = energy;
  out.credit = revenue - penalty - transfer - energy;
}
