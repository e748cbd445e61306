import { InputError } from '../src/io/errors.js';
import type { BoxSpace, Environment, ResetOptions, Step } from './contract/environment.js';
import { checkAction, clampUnit } from './contract/action.js';
import { Episodes } from './episodes.js';
import { featuresOf } from './observe/features.js';
import { boxSpace, FleetObserver } from './observe/fleetObservation.js';
import type { Layout } from './observe/fleetObservation.js';
import { energyControls, LearnedManager } from './control/learned.js';
import type { EnergyControl } from './control/learned.js';
import { builtInManager } from './control/builtIn.js';
import { defaultPrices, PriceRule, usualPriceRange } from './jobs/priceRule.js';
import type { Decision } from './jobs/candidates.js';
import type { PriceCoefficients } from './jobs/priceRule.js';
import type { DayRecord } from './account/record.js';
import type { Settlement } from './account/settlement.js';
import { slotReward } from './account/settlement.js';
import { ShareDispatch } from './shareDispatch.js';
import { FleetSimulator } from './fleet.js';
import type { FleetOptions } from './fleetOptions.js';
import type { DayTotals } from './account/figures.js';

export interface FleetControlOptions extends FleetOptions {
  /** UTC dates that episodes are drawn from. */
  readonly days: readonly string[];
  readonly seed?: number;
  /**
   * `price` (default): what is added to the rule's price of GPU time at each site over the slot, see `PriceRule`; each job
   * takes what is then best. `shares`: per site the logit of its share of each origin's jobs, and a level
   * of denoising steps.
   */
  readonly dispatch?: 'price' | 'shares';
  /** Energy controls in the action; default: all of them if the fleet's strategy is `learned`, else none. */
  readonly controls?: readonly EnergyControl[];
  /** Default `sparse`. The meter's residual is added to every settlement when energy is controlled. */
  readonly settlement?: Settlement;
  /** The rule that prices start from. */
  readonly rule?: PriceCoefficients;
  /** What an action of 1 adds to a site's price, utility units per GPU-second; default .003. */
  readonly priceRange?: number;
  /** Lists of features to observe of each site besides, such as `priceOutlook`; see `extraFeatures`. */
  readonly features?: readonly string[];
  /** Rewards are utility units times this; default 1. */
  readonly rewardScale?: number;
}

export interface SlotInfo {
  readonly day: string;
  readonly slot: number;
  /** Jobs dispatched in the slot, and how many of them will be late. */
  readonly jobs: number;
  readonly late: number;
  /** Images those jobs asked for, one request of each bundle counted; exogenous, as no action changes what arrives. */
  readonly images: number;
  /** Whether a sparse settlement pays nothing. */
  readonly failed: boolean;
  /** Settled credit of the jobs dispatched in the slot, utility units; see `settlement.ts`. */
  readonly settled: number;
  /** What the meters add to it; `settled + residual` sums to the day's utility. */
  readonly residual: number;
  /** With `executionNoise`: when the last of its jobs is done, so that all of this is known, and the time now; s of the day. */
  readonly doneSeconds?: number;
  readonly nowSeconds?: number;
  /** At the end of the day. */
  readonly totals?: DayTotals;
  readonly record?: DayRecord;
}

/**
 * The joint problem, one slot a step: dispatch by shadow prices or shares, and optionally batteries, clocks and supply
 * temperatures. The action has one part per site (`actionNames`), each component in [-1, 1] (clamped); a day is an
 * episode and ends by truncation.
 */
export class FleetControlEnv implements Environment<Partial<SlotInfo>> {
  readonly fleet: FleetSimulator;
  readonly observationSpace: BoxSpace;
  readonly observationNames: readonly string[];
  readonly observationLayout: Layout;
  readonly actionSpace: BoxSpace;
  readonly actionNames: readonly string[];
  readonly actionLayout: Layout;
  readonly controls: readonly EnergyControl[];
  readonly settlement: Settlement;

  private readonly observer: FleetObserver;
  private readonly episodes: Episodes;
  private readonly learned: LearnedManager | undefined;
  private readonly shares: ShareDispatch | undefined;
  private readonly rule: PriceRule;
  private readonly priceRange: number;
  private readonly rewardScale: number;
  private readonly priceAction: Float64Array;
  private readonly decision: Decision = { site: 0, steps: 0 };
  private day: string | undefined;

  constructor(options: FleetControlOptions) {
    const { fleet, dispatch = 'price', settlement = 'sparse', rewardScale = 1 } = options;
    const sites = fleet.sites.length;
    this.controls = options.controls ?? (fleet.management.strategy === 'learned' ? energyControls : []);
    this.settlement = settlement;
    this.rewardScale = rewardScale;
    this.rule = new PriceRule(sites, options.rule ?? defaultPrices);
    this.priceRange = options.priceRange ?? usualPriceRange;
    if (this.controls.length > 0) {
      if (options.manager !== undefined) throw new InputError('Energy controls: found a manager too, expected one or the other.');
      this.learned = new LearnedManager(sites, this.controls);
    }
    const manager = this.learned ?? options.manager ?? builtInManager(fleet);
    this.fleet = new FleetSimulator({ ...options, manager });
    this.observer = new FleetObserver(this.fleet, featuresOf(options.features ?? []));
    this.episodes = new Episodes(options.days, options.seed ?? 0);
    this.shares = dispatch === 'shares' ? new ShareDispatch(this.fleet) : undefined;
    this.observationSpace = this.observer.space;
    this.observationNames = this.observer.names;
    this.observationLayout = this.observer.layout;
    const dispatchNames =
      dispatch === 'price' ? ['price'] : [...fleet.sites.map(({ name }) => `shareOf.${name}`), 'steps'];
    const siteNames = [...dispatchNames, ...this.controls];
    this.actionLayout = { globalSize: 0, siteSize: siteNames.length, sites };
    this.actionNames = fleet.sites.flatMap((site) => siteNames.map((name) => `${site.name}.${name}`));
    this.actionSpace = boxSpace(this.actionNames.length, 1);
    this.priceAction = new Float64Array(sites);
  }

  /** Begins a day: `options.day` or a random one; `options.record` asks for its record. */
  reset(options: ResetOptions = {}): { observation: Float32Array; info: Partial<SlotInfo> } {
    this.day = this.episodes.begin(this.fleet, options);
    this.shares?.reset();
    return { observation: this.observer.observe(), info: { day: this.day, slot: 0 } };
  }

  step(action: Float32Array): Step<SlotInfo> {
    if (this.day === undefined) throw new Error('The environment must be reset before a step and after the end of an episode.');
    checkAction(action, this.actionSpace);
    const { fleet } = this;
    const { slot } = fleet;
    this.apply(action);
    fleet.beginSlot();
    const end = (slot + 1) * fleet.slotSeconds;
    let images = 0;
    while (fleet.nextJob < fleet.jobs.length && fleet.jobs.arrivalSeconds[fleet.nextJob]! < end) {
      const job = fleet.nextJob;
      const { site, steps, clock } = this.decide(job);
      fleet.dispatch(job, site, steps, clock);
      images += fleet.jobs.images[job]!;
    }
    const account = fleet.settleSlot();

    const truncated = fleet.slot === fleet.slots;
    const { late } = account;
    const info: SlotInfo = {
      day: this.day,
      slot,
      jobs: account.jobs,
      late,
      images,
      failed: late > 0,
      settled: account.credit,
      residual: account.residual,
      ...(fleet.fleet.executionNoise > 0 ? { doneSeconds: account.doneSeconds, nowSeconds: end } : {}),
      ...(truncated ? { totals: fleet.endDay(), ...(fleet.record === undefined ? {} : { record: fleet.record }) } : {}),
    };
    if (truncated) this.day = undefined;
    const reward = this.rewardScale * slotReward(account, this.settlement, this.learned !== undefined);
    return { observation: this.observer.observe(), reward, terminated: false, truncated, info };
  }

  private apply(action: Float32Array): void {
    const { siteSize } = this.actionLayout;
    const firstControl = siteSize - this.controls.length;
    for (let k = 0; k < this.fleet.siteCount; k++) {
      const at = k * siteSize;
      if (this.shares === undefined) this.priceAction[k] = clampUnit(action[at]!);
      else this.shares.set(k, action, at);
      for (let c = 0; c < this.controls.length; c++) {
        this.learned!.setpoints[this.controls[c]!][k] = clampUnit(action[at + firstControl + c]!);
      }
    }
  }

  private decide(job: number): Decision {
    if (this.shares !== undefined) return this.shares.decide(job, this.decision);
    const now = this.fleet.jobs.arrivalSeconds[job]!;
    this.rule.update(this.fleet, now, this.priceAction, this.priceRange);
    this.fleet.notePrices(this.rule.lambda);
    return this.rule.decide(this.fleet, job, this.decision);
  }
}
