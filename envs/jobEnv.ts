import { checkAction, clampUnit } from './contract/action.js';
import type { BoxSpace, Environment, ResetOptions, Step } from './contract/environment.js';
import { Episodes } from './episodes.js';
import { featuresOf } from './observe/features.js';
import { boxSpace } from './observe/fleetObservation.js';
import type { Layout } from './observe/fleetObservation.js';
import { JobObserver } from './observe/jobObservation.js';
import { logitDecision } from './logitDispatch.js';
import { defaultPrices, PriceRule, usualPriceRange } from './jobs/priceRule.js';
import type { Decision } from './jobs/candidates.js';
import type { PriceCoefficients } from './jobs/priceRule.js';
import type { DayRecord } from './account/record.js';
import type { Settlement } from './account/settlement.js';
import { slotReward } from './account/settlement.js';
import { FleetSimulator } from './fleet.js';
import type { FleetOptions } from './fleetOptions.js';
import type { DayTotals } from './account/figures.js';

export interface JobDispatchOptions extends FleetOptions {
  /** UTC dates that episodes are drawn from. */
  readonly days: readonly string[];
  readonly seed?: number;
  /**
   * `logits` (default): one logit per site, of which the largest wins, and the level of denoising steps. `price`: one
   * shadow price per site, see `shadowPrices` and `bestCandidate`.
   */
  readonly encoding?: 'logits' | 'price';
  /**
   * Default `sparse`. `job` pays the job's credit at once; the others pay at the last job before a slot's end what the
   * slot pays.
   */
  readonly settlement?: Settlement;
  /** The rule that prices start from, and what an action of 1 adds to a site's, utility units per GPU-second. */
  readonly rule?: PriceCoefficients;
  readonly priceRange?: number;
  /** Lists of features to observe of each site besides, such as `priceOutlook`; see `extraFeatures`. */
  readonly features?: readonly string[];
  /** Rewards are utility units times this; default 1. */
  readonly rewardScale?: number;
}

export interface JobInfo {
  readonly day: string;
  readonly job: number;
  /** What was done. */
  readonly site: number;
  /** Denoising steps, or the level of a text job's choice. */
  readonly steps: number;
  /** Images that the job asked for, one request of its bundle; exogenous, as no action changes what arrives. */
  readonly images: number;
  /** The job's settled credit, utility units; see `settlement.ts`. */
  readonly credit: number;
  readonly late: boolean;
  /** With `executionNoise`: when all jobs that the step's reward and credit tell of are done, and the time now; s of the day. */
  readonly doneSeconds?: number;
  readonly nowSeconds?: number;
  /** At the end of the day. */
  readonly totals?: DayTotals;
  readonly record?: DayRecord;
}

/**
 * Scheduling job by job: a step is one job, the action its destination and denoising steps, each component in [-1, 1]
 * (clamped). A day is an episode and ends by truncation after its last job.
 */
export class JobDispatchEnv implements Environment<Partial<JobInfo>> {
  readonly fleet: FleetSimulator;
  readonly observationSpace: BoxSpace;
  readonly observationNames: readonly string[];
  readonly observationLayout: Layout;
  readonly actionSpace: BoxSpace;
  readonly actionNames: readonly string[];
  readonly settlement: Settlement;
  readonly encoding: 'logits' | 'price';

  private readonly observer: JobObserver;
  private readonly episodes: Episodes;
  private readonly rule: PriceRule;
  private readonly priceRange: number;
  private readonly rewardScale: number;
  private readonly priceAction: Float64Array;
  private readonly decision: Decision = { site: 0, steps: 0 };
  private day: string | undefined;
  private paidSlots = 0;

  constructor(options: JobDispatchOptions) {
    const { encoding = 'logits', settlement = 'sparse', rewardScale = 1 } = options;
    this.encoding = encoding;
    this.settlement = settlement;
    this.rewardScale = rewardScale;
    this.rule = new PriceRule(options.fleet.sites.length, options.rule ?? defaultPrices);
    this.priceRange = options.priceRange ?? usualPriceRange;
    this.fleet = new FleetSimulator(options);
    this.observer = new JobObserver(this.fleet, featuresOf(options.features ?? []));
    this.episodes = new Episodes(options.days, options.seed ?? 0);
    this.observationSpace = this.observer.space;
    this.observationNames = this.observer.names;
    this.observationLayout = this.observer.layout;
    const sites = options.fleet.sites.map(({ name }) => name);
    this.actionNames =
      encoding === 'price' ? sites.map((name) => `${name}.price`) : [...sites.map((name) => `${name}.logit`), 'steps'];
    this.actionSpace = boxSpace(this.actionNames.length, 1);
    this.priceAction = new Float64Array(sites.length);
  }

  /** Begins a day: `options.day` or a random one; `options.record` asks for its record. Throws InputError if it has no job. */
  reset(options: ResetOptions = {}): { observation: Float32Array; info: Partial<JobInfo> } {
    this.day = this.episodes.begin(this.fleet, options, { needsJobs: true });
    this.fleet.arrive(0);
    this.paidSlots = 0;
    return { observation: this.observer.observe(), info: { day: this.day, job: 0 } };
  }

  step(action: Float32Array): Step<JobInfo> {
    if (this.day === undefined) throw new Error('The environment must be reset before a step and after the end of an episode.');
    checkAction(action, this.actionSpace);
    const { fleet } = this;
    const job = fleet.nextJob;
    const { site, steps, clock } = this.decide(job, action);
    const outcome = fleet.dispatch(job, site, steps, clock);
    const { credit, late } = outcome;
    const truncated = fleet.nextJob === fleet.jobs.length;
    const totals = truncated ? fleet.endDay() : undefined;
    if (!truncated) fleet.arrive(fleet.nextJob);

    let reward = credit;
    let doneSeconds = outcome.endSeconds;
    const nowSeconds = truncated ? Infinity : fleet.jobs.arrivalSeconds[fleet.nextJob]!;
    if (this.settlement !== 'job') {
      for (reward = 0; this.paidSlots < fleet.slot; this.paidSlots++) {
        const account = fleet.slotAccounts[this.paidSlots]!;
        reward += slotReward(account, this.settlement, false);
        doneSeconds = Math.max(doneSeconds, account.doneSeconds);
      }
    }
    const info: JobInfo = {
      day: this.day,
      job,
      site: outcome.site,
      steps,
      images: fleet.jobs.images[job]!,
      credit,
      late,
      ...(fleet.fleet.executionNoise > 0 ? { doneSeconds, nowSeconds } : {}),
      ...(totals === undefined ? {} : { totals }),
      ...(truncated && fleet.record !== undefined ? { record: fleet.record } : {}),
    };
    if (truncated) this.day = undefined;
    return { observation: this.observer.observe(), reward: this.rewardScale * reward, terminated: false, truncated, info };
  }

  private decide(job: number, action: Float32Array): Decision {
    const { fleet, decision } = this;
    if (this.encoding === 'price') {
      const now = fleet.jobs.arrivalSeconds[job]!;
      for (let k = 0; k < fleet.siteCount; k++) this.priceAction[k] = clampUnit(action[k]!);
      this.rule.update(fleet, now, this.priceAction, this.priceRange);
      fleet.notePrices(this.rule.lambda);
      return this.rule.decide(fleet, job, decision);
    }
    return logitDecision(action, job, fleet, decision);
  }
}
