import type { FleetSimulator } from '../../envs/index.js';
import { expectedArrivals, nominalSeconds } from '../../envs/index.js';

/**
 * What a planner takes to come: `persistence`, prices, renewables and the rate of arrivals stay as they are; `day-ahead`,
 * prices and renewables as known a day ahead, arrivals at their usual rate for the time of day; `perfect`, the same and
 * the very jobs that will arrive.
 */
export const forecastKinds = ['persistence', 'day-ahead', 'perfect'] as const;
export type ForecastKind = (typeof forecastKinds)[number];

/** Jobs alike: of one origin, one size, and short or long deadlines. */
export interface DemandClass {
  readonly origin: number;
  readonly images: number;
  /** Share of the arrivals at that origin. */
  readonly share: number;
  /** Mean time from arrival to deadline, s. */
  readonly slackSeconds: number;
}

/** From now on, in blocks of equal length. */
export interface Forecast {
  /** Jobs of each class (column) that arrive in each block (row). */
  readonly jobs: Float64Array;
  /** Per site, one value a block. */
  readonly priceUsdPerKwh: readonly Float64Array[];
  readonly renewableKw: readonly Float64Array[];
}

/** The classes of a fleet's jobs; the short one of each origin and size comes first. */
export function demandClasses({ fleet, siteCount }: FleetSimulator): DemandClass[] {
  const { images, imageProbabilities, deadline } = fleet.jobs;
  const { shortShare, shortSlackMin, shortSlackMax, longSlackMin, longSlackMax } = deadline;
  const classes: DemandClass[] = [];
  for (let origin = 0; origin < siteCount; origin++) {
    images.forEach((count, i) => {
      const probability = imageProbabilities[i]!;
      const nominal = nominalSeconds(fleet, count);
      classes.push({ origin, images: count, share: probability * shortShare, slackSeconds: (nominal * (shortSlackMin + shortSlackMax)) / 2 });
      classes.push({ origin, images: count, share: probability * (1 - shortShare), slackSeconds: (nominal * (longSlackMin + longSlackMax)) / 2 });
    });
  }
  return classes;
}

/** Forecasts of a fleet's current day, made at the start of the slot that is open. */
export class Forecaster {
  private readonly classes: readonly DemandClass[];
  /** Usual arrivals by slot (row) and origin (column); of the current day. */
  private usual = new Float64Array(0);

  constructor(
    readonly kind: ForecastKind,
    private readonly fleet: FleetSimulator,
    readonly blocks: number,
    readonly slotsPerBlock: number,
  ) {
    this.classes = demandClasses(fleet);
  }

  beginDay(): void {
    const { fleet, world, profile, conditions, siteCount, slots } = this.fleet;
    const quarters = expectedArrivals(fleet, world, profile, conditions.day);
    const perQuarter = slots / (quarters.length / siteCount);
    this.usual = Float64Array.from({ length: slots * siteCount }, (_, i) => {
      const [slot, origin] = [Math.floor(i / siteCount), i % siteCount];
      if (perQuarter >= 1) return quarters[Math.floor(slot / perQuarter) * siteCount + origin]! / perQuarter;
      let sum = 0;
      for (let q = 0; q < 1 / perQuarter; q++) sum += quarters[(slot / perQuarter + q) * siteCount + origin]!;
      return sum;
    });
  }

  forecast(): Forecast {
    const { fleet, kind } = this;
    const now = (series: Float64Array): Float64Array => new Float64Array(this.blocks).fill(series[fleet.slot]!);
    const known = (series: Float64Array): Float64Array => Float64Array.from({ length: this.blocks }, (_, block) => this.blockMean(series, block));
    const of = kind === 'persistence' ? now : known;
    return {
      jobs: kind === 'perfect' ? this.comingJobs() : this.expectedJobs(),
      priceUsdPerKwh: fleet.conditions.sites.map((site) => of(site.priceUsdPerKwh)),
      renewableKw: fleet.conditions.sites.map((site) => of(site.renewableKw)),
    };
  }

  private blockMean(series: Float64Array, block: number): number {
    const { fleet, slotsPerBlock } = this;
    let sum = 0;
    for (let i = 0; i < slotsPerBlock; i++) sum += series[Math.min(fleet.foreseenSlots - 1, fleet.slot + block * slotsPerBlock + i)]!;
    return sum / slotsPerBlock;
  }

  private expectedJobs(): Float64Array {
    const { fleet, classes, slotsPerBlock } = this;
    const { sites } = fleet.fleet;
    const weight = sites.reduce((sum, site) => sum + site.demandWeight, 0);
    const jobs = new Float64Array(this.blocks * classes.length);
    for (let block = 0; block < this.blocks; block++) {
      for (let i = 0; i < slotsPerBlock; i++) {
        const slot = fleet.slot + block * slotsPerBlock + i;
        if (slot >= fleet.slots) return jobs;
        classes.forEach(({ origin, share }, c) => {
          const lasting = (fleet.jobsPerSlot * sites[origin]!.demandWeight) / weight;
          const arrivals = this.kind === 'persistence' ? lasting : this.usual[slot * fleet.siteCount + origin]!;
          jobs[block * classes.length + c]! += arrivals * share;
        });
      }
    }
    return jobs;
  }

  private comingJobs(): Float64Array {
    const { fleet, classes } = this;
    const { jobs: batch, slotSeconds } = fleet;
    const blockSeconds = this.slotsPerBlock * slotSeconds;
    const jobs = new Float64Array(this.blocks * classes.length);
    const sizes = fleet.fleet.jobs.images;
    for (let job = fleet.nextJob; job < batch.length; job++) {
      const block = Math.floor((batch.arrivalSeconds[job]! - fleet.slot * slotSeconds) / blockSeconds);
      if (block >= this.blocks) break;
      const size = sizes.indexOf(batch.images[job]!);
      // A size that the fleet does not know comes from a trace; it counts as its nearest.
      const nearest = size >= 0 ? size : sizes.reduce((best, count, i) => (Math.abs(count - batch.images[job]!) < Math.abs(sizes[best]! - batch.images[job]!) ? i : best), 0);
      jobs[block * classes.length + 2 * (batch.origin[job]! * sizes.length + nearest) + (batch.short[job] === 1 ? 0 : 1)]!++;
    }
    return jobs;
  }
}
