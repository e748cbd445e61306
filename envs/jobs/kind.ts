import type { JobBatch } from './batch.js';
import type { ClockFace } from './clocks.js';

/**
 * A kind of job on a fleet: the ways to run one (levels, which sites may have different numbers of) and what each takes
 * and earns. Times, powers and money are of the whole job, its bundle included; money is in utility units. Seconds are
 * Infinity where a site cannot run such a job at that level.
 *
 * A job has one or two sizes, such as images, or tokens of prompt and answer; its time is linear in them and its revenue
 * in one number. Tables have an entry for each `site * levels + level`, those of time a factor for each site besides.
 */
export interface JobKind {
  readonly name: string;
  /** Most levels of a site, and those of one. */
  readonly levels: number;
  levelsAt(site: number): number;
  /** The level that a policy takes which chooses only the site. */
  readonly usualLevel: number;
  /** Whether each next level takes longer for every job, so that the first that is late ends a site's list. */
  readonly ascending: boolean;
  /** Takes over a day's jobs; what is asked below is asked of jobs of this kind. */
  open(jobs: JobBatch): void;
  serves(site: number): boolean;
  /** The level that a decision's `steps` stand for at a site; -1 where they are no choice. */
  levelAt(site: number, steps: number): number;
  /** What a decision says for a level. */
  stepsAt(level: number): number;
  /** Sizes of a job, of which tables have a unit's figures. */
  size(job: number): number;
  otherSize(job: number): number;
  /** What it takes at the sites' current clocks, and at each clock that a job may choose, the fastest first. */
  readonly live: ClockFace;
  readonly faces: readonly ClockFace[];
  /** What a job's revenue is proportional to, and what a unit of that earns. */
  worth(job: number): number;
  readonly unitRevenue: Float64Array;
  /** Whether all jobs draw the same power at a site. */
  readonly steadyKw: boolean;
  /** GPU-seconds at the site's current clock, and at full clock. */
  seconds(job: number, site: number, level: number): number;
  fullClockSeconds(job: number, site: number, level: number): number;
  /** Power above idle of a GPU while it runs the job at the site's current clock, kW. */
  kw(job: number, site: number, level: number): number;
  /** Earned in time, and paid when late. */
  revenue(job: number, site: number, level: number): number;
  penalty(job: number): number;
  /** Paid if it runs away from its origin. */
  transferCost(job: number): number;
  /** What its deadline is a multiple of, s. */
  nominalSeconds(job: number): number;
}
