import type { ServedFleet } from '../config/served.js';
import type { FleetView } from '../view.js';

/** What is asked for a job; without a clock, the highest. */
export interface ClockedDecision {
  readonly site: number;
  readonly steps: number;
  readonly clock?: number | undefined;
}

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
  /** What it was expected to take, s. */
  expectedSeconds: number;
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
  expectedSeconds: NaN,
  kw: NaN,
  costPerSecond: NaN,
  revenue: NaN,
  penalty: NaN,
  transferCost: NaN,
  energyCost: NaN,
  credit: NaN,
});

/** A view that knows when a GPU of a site is free, which with `executionNoise` is more than a policy may know. */
export interface ForeseeingView extends FleetView {
  setClock(site: number, share: number): void;
  freeSeconds(site: number): number;
}

/** What is asked for a job; without a clock, the highest. */
export interface ClockedDecision {
  readonly site: number;
  readonly steps: number;
  readonly clock?: number | undefined;
}

/**
 * What becomes of a job that is sent to `site`, into `out`: `start = max(arrival + transfer delay, free)`, and energy charged
 * at the margin of the moment. Where transfer is not allowed it runs at its origin; a site that does not serve such jobs
 * hands it to the nearest that does. Where clocks are the jobs', its site's clock is set to the decision's, or to the highest.
 * Throws for an unknown site or a number of steps that is no choice.
 */
export function foresee(view: ForeseeingView, job: number, { site, steps, clock }: ClockedDecision, out: Outcome): void {
  const { jobs, fleet, desk } = view;
  const kind = desk.kindOf(job);
  const origin = jobs.origin[job]!;
  const deadline = jobs.deadlineSeconds[job]!;
  let at = fleet.transfer.allowed ? site : origin;
  if (desk.selective) at = desk.siteFor(job, at);
  const level = kind.levelAt(at, steps);
  if (view.gpuCount[at] === undefined || !(level >= 0)) throw new Error(`No site ${site} with ${steps} steps.`);
  if (fleet.clockScope === 'job') view.setClock(at, clock ?? 1);
  const expectedSeconds = kind.seconds(job, at, level);
  const kw = kind.kw(job, at, level);
  const seconds = expectedSeconds * jobs.serviceFactor[job]!;
  const entry = jobs.arrivalSeconds[job]! + view.delaySeconds[origin * view.siteCount + at]!;
  const start = Math.max(entry, view.freeSeconds(at));
  const late = start + seconds > deadline;
  let end = start + seconds;
  if (late && fleet.onLate !== 'run') end = fleet.onLate === 'reject' ? start : Math.max(start, deadline);
  const costPerSecond = view.marginalCost(at, kw);
  const revenue = late ? 0 : kind.revenue(job, at, level);
  const penalty = late ? kind.penalty(job) : 0;
  const transfer = at === origin ? 0 : kind.transferCost(job);
  const energy = costPerSecond * (end - start);
  out.job = job;
  out.site = at;
  out.level = level;
  out.late = late;
  out.entrySeconds = entry;
  out.startSeconds = start;
  out.endSeconds = end;
  out.expectedSeconds = expectedSeconds;
  out.kw = kw;
  out.costPerSecond = costPerSecond;
  out.revenue = revenue;
  out.penalty = penalty;
  out.transferCost = transfer;
  out.energyCost = energy;
  out.credit = revenue - penalty - transfer - energy;
}

/** When a job is complete, s since the day's start; Infinity if it is stopped at its deadline or never started. */
export const completionSeconds = ({ late, endSeconds }: Readonly<Outcome>, onLate: ServedFleet['onLate']): number =>
  late && onLate !== 'run' ? Infinity : endSeconds;
