import type { World } from '../../../datasets/index.js';
import type { FleetConfig, JobBatch, PriceCoefficients } from '../../../envs/index.js';
import { defaultPrices, FleetSimulator, jobsPerDay, ThresholdManager } from '../../../envs/index.js';
import { InputError } from '../../../src/io/errors.js';
import { randomStream } from '../../../src/math/random.js';
import type { Scheduler } from '../../schedulers/index.js';
import { createScheduler, RuleScheduler, schedulerNames } from '../../schedulers/index.js';
import { isBounded } from '../clairvoyant.js';
import { anneal } from './anneal.js';
import { ForeseeingManager } from './foreseeingManager.js';
import type { ClockCost } from './schedule.js';
import { Schedule } from './schedule.js';
import { StoragePlan } from './storagePlan.js';

/** Between rounds storage is planned anew for the loads that have come to be. */
const rounds = 10;
/** Moves of all rounds, for each job and at most. */
const movesPerJob = 300;
const mostMoves = 2_000_000;
/** Temperatures at the start and at the end, relative to what a job earns. */
const hottest = 0.15;
const coldest = 0.005;
/** Prices of GPU time, relative to the rule's, that searches may start from beside the schedulers. */
const scales = [0.5, 0.75, 1.5, 2];
/** Jobs times GPUs of a site that queues are kept for. */
const mostEntries = 5e7;

export interface HindsightProblem {
  readonly fleet: FleetConfig;
  readonly world: World;
  /** Weights of arrivals by local hour, which the rule looks at. */
  readonly profile: ArrayLike<number>;
  /** UTC date. */
  readonly day: string;
  readonly jobs: JobBatch;
  /** Coefficients of the scheduler `prices`. */
  readonly rule?: PriceCoefficients;
  /** Of the search. */
  readonly seed?: number;
}

/**
 * The utility of a policy that nobody could have known: the best found by a search that knows all jobs and conditions of
 * the day. With the bound it brackets what the best policy with perfect foresight reaches.
 *
 * It starts from the best of the schedulers and improves each job's site, steps and clock by simulated annealing; storage is
 * planned for the loads that come to be, by dynamic programming with the true prices. Every candidate is played in the
 * simulator itself, and the most that any earned is returned, so it is at least what each scheduler earns and can never
 * exceed the bound. With `executionNoise` it knows how long each job takes. Where clocks are the sites', they stay as they
 * were with the scheduler it starts from; supply temperatures stay as set. The same for the same problem and seed.
 *
 * Throws InputError for a day that the world does not cover, and for a fleet that it does not know, see `isSearched`.
 */
export function hindsightUtility(problem: HindsightProblem): number {
  if (!isSearched(problem.fleet)) throw new InputError(unsearched);
  const search = new HindsightSearch(problem);
  const start = search.bestStart();
  const { schedule } = start;
  let best = Math.max(start.utility, start.own);
  const { jobs, seed = 0 } = problem;
  if (jobs.length === 0) return best;
  const moves = { view: search.replayed, clocks: start.clocks === null ? search.jobClocks.length : 1, random: randomStream(seed, 'hindsight') };
  const moveCount = Math.ceil(Math.min(mostMoves, movesPerJob * jobs.length) / rounds);
  const temperature = (round: number): number => start.unit * hottest * (coldest / hottest) ** (round / rounds);
  for (let round = 0; round < rounds; round++) {
    search.plan.update(schedule.energy.kwh);
    anneal(schedule, search.plan.tabulate(), moves, { moves: moveCount, hot: temperature(round), cold: temperature(round + 1) });
    // Free of what rounding has gathered.
    schedule.reset();
    best = Math.max(best, search.play(start));
  }
  return best;
}

/** What a fleet must be for `isSearched`. */
export const unsearched =
  'The hindsight search expected sites without a named device, no text jobs, days that start afresh (carryQueues: false), and at most 5e7 jobs a day x GPUs of a site.';

/** Whether the search knows the fleet: it is bounded, its days do not hang together, and its queues can be kept in memory. */
export const isSearched = (fleet: FleetConfig): boolean =>
  isBounded(fleet) && !fleet.carryQueues && jobsPerDay(fleet) * fleet.sites.reduce((most, { gpus }) => Math.max(most, gpus.count), 0) <= mostEntries;

/** A scheduler's day: what it earned, what its decisions earn with storage planned for them, and the decisions. */
interface Start {
  readonly own: number;
  utility: number;
  readonly schedule: Schedule;
  /** Per slot, clocks of the sites; null where clocks are the jobs'. */
  readonly clocks: readonly ClockCost[] | null;
  /** What a job earns or loses, the unit of temperatures. */
  readonly unit: number;
}

class HindsightSearch {
  /** Where decisions are replayed, with storage as planned. */
  readonly replayed: FleetSimulator;
  readonly plan: StoragePlan;
  readonly jobClocks: readonly ClockCost[];
  readonly #problem: HindsightProblem;
  readonly #manager = new ForeseeingManager();
  readonly #simulator: FleetSimulator;

  constructor(problem: HindsightProblem) {
    const { fleet, world, profile, day, jobs } = problem;
    this.#problem = problem;
    // Where an agent learns to manage energy, thresholds do it for the schedulers.
    this.#simulator = new FleetSimulator({ fleet, world, profile, ...(fleet.management.strategy === 'learned' ? { manager: new ThresholdManager() } : {}) });
    this.replayed = new FleetSimulator({ fleet, world, profile, manager: this.#manager });
    this.replayed.beginDay(day, jobs);
    this.plan = new StoragePlan(this.replayed);
    this.jobClocks = this.replayed.desk.image.faces.map(({ share, stretch, kw }) => ({ share, stretch, kw: kw! }));
  }

  /** The scheduler whose decisions earn most. */
  bestStart(): Start {
    const { fleet, rule = defaultPrices } = this.#problem;
    const count = fleet.sites.length;
    const scaled = scales.map((scale) => {
      const { linear, quadratic, arrivals, margin } = rule;
      return new RuleScheduler('prices', count, { linear: scale * linear, quadratic: scale * quadratic, arrivals: scale * arrivals, margin });
    });
    let best: Start | undefined;
    let own = -Infinity;
    for (const scheduler of [...schedulerNames.map((name) => createScheduler(name, fleet, rule)), ...scaled]) {
      const start = this.#startWith(scheduler);
      own = Math.max(own, start.own);
      if (best === undefined || start.utility > best.utility) best = start;
    }
    return { ...best!, own };
  }

  /** Plays a schedule with storage planned for its loads; returns its utility. */
  play({ schedule, clocks }: Pick<Start, 'schedule' | 'clocks'>): number {
    const { replayed, plan } = this;
    const { day, jobs } = this.#problem;
    plan.update(schedule.energy.kwh);
    this.#manager.after = plan.after;
    this.#manager.clocks = clocks?.map(({ share }) => share) ?? null;
    replayed.beginDay(day, jobs);
    for (let job = 0; job < jobs.length; job++) {
      replayed.arrive(job);
      const site = schedule.site[job]!;
      replayed.dispatch(job, site, replayed.desk.image.stepsAt(schedule.level[job]!), this.jobClocks[clocks === null ? schedule.clock[job]! : 0]!.share[site]!);
    }
    return replayed.endDay().utility;
  }

  #startWith(scheduler: Scheduler): Start {
    const { day, jobs, fleet } = this.#problem;
    const simulator = this.#simulator;
    const ways = Array.from(jobs.arrivalSeconds, () => ({ site: 0, level: 0, clock: 0 }));
    const perSite = fleet.clockScope === 'site';
    scheduler.reset(0);
    simulator.beginDay(day, jobs, { record: perSite });
    ways.forEach((way, job) => {
      simulator.arrive(job);
      const { site, steps, clock } = scheduler.decide(job, simulator);
      const out = simulator.dispatch(job, site, steps, clock);
      way.site = out.site;
      way.level = out.level;
      way.clock = perSite ? simulator.slot : this.jobClocks.findIndex(({ share }) => share[out.site] === simulator.clockShare[out.site]);
    });
    const { utility: own, revenue, penalty } = simulator.endDay();
    const clocks = perSite ? this.#siteClocks(simulator.record!.sites.map(({ clockShare }) => clockShare)) : null;
    const schedule = new Schedule(this.replayed, clocks ?? this.jobClocks);
    ways.forEach(({ site, level, clock }, job) => {
      schedule.site[job] = site;
      schedule.level[job] = level;
      schedule.clock[job] = clock;
    });
    schedule.reset();
    const unit = (revenue + penalty) / Math.max(1, jobs.length);
    return { own, utility: this.play({ schedule, clocks }), schedule, clocks, unit: unit > 0 ? unit : 1 };
  }

  /** What the recorded clocks of the sites mean, slot by slot. */
  #siteClocks(shares: readonly (readonly number[])[]): ClockCost[] {
    const { replayed } = this;
    return Array.from({ length: replayed.slots }, (_, slot) => {
      shares.forEach((ofSite, k) => replayed.setClock(k, ofSite[slot]!));
      return { share: replayed.clockShare.slice(), stretch: replayed.slowdown.slice(), kw: replayed.dynamicKw.slice() };
    });
  }
}
