import type { Highs } from 'highs';
import type { Decision, FleetSimulator } from '../../envs/index.js';
import { backlogUnits, choose } from '../../envs/index.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { DemandClass, ForecastKind } from './forecast.js';
import { demandClasses, Forecaster } from './forecast.js';
import { refuseText } from '../refuseText.js';
import { planPrices } from './plan.js';

export interface MpcOptions {
  /** Length of the plan's blocks, s (whole slots), how many there are, and how often the plan is made anew, s. */
  readonly blockSeconds: number;
  readonly blocks: number;
  readonly replanSeconds: number;
  /** A job pays the mean price of this long from when it would start: its load is carried on by the queue. */
  readonly averagedSeconds: number;
  /** Price of backlog beside the plan's price, utility units per GPU-second and 300 s of backlog. */
  readonly backlogPerGpuSecond: number;
}

/** Chosen on validation days of 2022. */
export const usualMpc: MpcOptions = { blockSeconds: 900, blocks: 12, replanSeconds: 900, averagedSeconds: 3600, backlogPerGpuSecond: 0.002 };

/**
 * Model predictive scheduling: every few minutes a linear program (HiGHS) plans the coming hours on a forecast, see
 * `planPrices`; until the next one, each job takes the site and steps that are best at the price of GPU time that the
 * plan found for the site and the time at which the job would start, on top of a price on backlog, which stands for what
 * a plan of averages does not see.
 */
export class MpcScheduler implements Scheduler {
  readonly name: string;
  private fleet: FleetSimulator | undefined;
  private forecaster!: Forecaster;
  private classes!: readonly DemandClass[];
  private prices: Float64Array = new Float64Array(0);
  lambda = new Float64Array(0);
  readonly margin = 0;
  readonly choosesClocks = true;
  private plannedAt = 0;
  private day = '';
  private readonly decision: Decision = { site: 0, steps: 0, clock: 1 };

  constructor(
    readonly kind: ForecastKind,
    private readonly highs: Highs,
    private readonly options: MpcOptions = usualMpc,
  ) {
    this.name = `mpc-${kind}`;
  }

  reset(_seed: number): void {
    this.day = '';
  }

  decide(job: number, fleet: FleetSimulator): Decision {
    const now = fleet.jobs.arrivalSeconds[job]!;
    const { blocks, blockSeconds, replanSeconds, averagedSeconds, backlogPerGpuSecond } = this.options;
    const slotsPerBlock = Math.max(1, Math.round(blockSeconds / fleet.slotSeconds));
    const seconds = slotsPerBlock * fleet.slotSeconds;
    if (this.fleet !== fleet) {
      refuseText(this.name, fleet.fleet);
      this.fleet = fleet;
      this.forecaster = new Forecaster(this.kind, fleet, blocks, slotsPerBlock);
      this.classes = demandClasses(fleet);
      this.lambda = new Float64Array(fleet.siteCount);
      this.day = '';
    }
    const slotStart = fleet.slot * fleet.slotSeconds;
    const fresh = this.day !== fleet.conditions.day;
    if (fresh) {
      this.day = fleet.conditions.day;
      this.forecaster.beginDay();
    }
    if (fresh || slotStart >= this.plannedAt + replanSeconds) {
      this.plannedAt = slotStart;
      const prices = planPrices(fleet, this.classes, this.forecaster.forecast(), { blocks, blockSeconds: seconds }, this.highs);
      this.prices = movingMean(prices, blocks, Math.max(1, Math.round(averagedSeconds / seconds)));
    }
    const origin = fleet.jobs.origin[job]!;
    for (let k = 0; k < fleet.siteCount; k++) {
      const start = Math.max(now + fleet.delaySeconds[origin * fleet.siteCount + k]!, fleet.earliestFree(k));
      const block = Math.min(blocks - 1, Math.floor((start - this.plannedAt) / seconds));
      this.lambda[k] = this.prices[k * blocks + block]! + backlogPerGpuSecond * backlogUnits(fleet, k, now);
    }
    choose(fleet, job, this, this.decision, null);
    return this.decision;
  }
}

/** Means over `width` values from each one on, within rows of `length`; the last value goes on. */
function movingMean(values: Float64Array, length: number, width: number): Float64Array {
  return values.map((_, i) => {
    const end = (Math.floor(i / length) + 1) * length - 1;
    let sum = 0;
    for (let step = 0; step < width; step++) sum += values[Math.min(end, i + step)]!;
    return sum / width;
  });
}
