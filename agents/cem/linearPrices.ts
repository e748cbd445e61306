import type { Decision, FleetSimulator, PriceCoefficients } from '../../envs/index.js';
import { backlogUnits, backlogUnitSeconds, jobsPerDay, PriceRule } from '../../envs/index.js';
import type { Scheduler } from '../schedulers/index.js';

/**
 * What a site's shadow price is linear in, each of the order of 1. With a parameter of its own for each site: a constant;
 * its backlog in units of 300 s per GPU, at most 3; the square of the backlog in units, at most 16, times .3.
 */
export const siteFeatures = ['constant', 'backlog', 'backlogSquared'] as const;

/**
 * With one parameter for all sites: how much dearer a GPU-second will be over the next hour than now, in price units; the
 * running average of arrivals relative to their mean less 1, halved.
 */
export const sharedFeatures = ['outlook', 'arrivals'] as const;
const width = siteFeatures.length + sharedFeatures.length;

/** A parameter of 1 is this much, utility units per GPU-second: about what a tuned greedy scheduler asks for 300 s of backlog. */
export const priceUnit = 0.002;

const outlookSeconds = 3600;

/** The features of every site at time `now`, site by site: its own, then the shared ones. */
export class PriceFeatures {
  readonly values: Float64Array;
  private readonly outlook: Float64Array;
  private slot = -1;
  private conditions: FleetSimulator['conditions'] | null = null;

  constructor(private readonly sites: number) {
    this.values = new Float64Array(sites * width);
    this.outlook = new Float64Array(sites);
  }

  observe(fleet: FleetSimulator, now: number): Float64Array {
    if (fleet.slot !== this.slot || fleet.conditions !== this.conditions) this.lookAhead(fleet);
    const arrivals = ((fleet.jobsPerSlot * fleet.slots) / jobsPerDay(fleet.fleet) - 1) / 2;
    for (let k = 0, i = 0; k < this.sites; k++) {
      const backlog = backlogUnits(fleet, k, now);
      const longer = Math.min(fleet.backlogSeconds(k, now) / backlogUnitSeconds, 4);
      this.values[i++] = 0.5;
      this.values[i++] = backlog;
      this.values[i++] = 0.3 * longer * longer;
      this.values[i++] = this.outlook[k]!;
      this.values[i++] = arrivals;
    }
    return this.values;
  }

  /** The outlook changes with the slot only. */
  private lookAhead(fleet: FleetSimulator): void {
    const { slot, slotSeconds, foreseenSlots, conditions } = fleet;
    const end = Math.min(foreseenSlots, slot + Math.max(1, Math.round(outlookSeconds / slotSeconds)));
    for (let k = 0; k < this.sites; k++) {
      const { priceUsdPerKwh } = conditions.sites[k]!;
      let sum = 0;
      for (let s = slot; s < end; s++) sum += priceUsdPerKwh[s]!;
      const dearerUsd = sum / (end - slot) - priceUsdPerKwh[slot]!;
      const kwhPerSecond = (fleet.dynamicKw[k]! * fleet.itFactor[k]! * (1 + fleet.coolingRatio[k]!)) / 3600;
      this.outlook[k] = (dearerUsd * kwhPerSecond) / fleet.fleet.utilityUnitUsd / priceUnit;
    }
    this.slot = slot;
    this.conditions = conditions;
  }
}

/** The weight of each site's features, as `PriceFeatures` lays them out: of its own parameters and the shared ones. */
export function featureWeights(sites: number, theta: Float32Array): Float32Array {
  const shared = theta.subarray(sites * siteFeatures.length);
  return Float32Array.from({ length: sites * width }, (_, i) => {
    const [site, feature] = [Math.floor(i / width), i % width];
    return priceUnit * (feature < siteFeatures.length ? theta[site * siteFeatures.length + feature]! : shared[feature - siteFeatures.length]!);
  });
}

/** Parameters of a rule for so many sites: each site's own, site by site, then the shared ones. */
export const parameterCount = (sites: number): number => sites * siteFeatures.length + sharedFeatures.length;

/**
 * Prices of GPU time that are linear in features of site and time on top of a rule's, and each job where it is then best.
 * With all parameters at zero this is the rule.
 */
export class LinearPrices implements Scheduler {
  readonly name = 'linear-prices';
  readonly #features: PriceFeatures;
  readonly #rule: PriceRule;
  readonly #shift: Float64Array;
  readonly #theta: Float32Array;
  readonly #decision: Decision = { site: 0, steps: 0, clock: 1 };
  #weights: Float32Array = new Float32Array();

  /** `theta` (`parameterCount` values) is read at the start of each day. */
  constructor(sites: number, rule: PriceCoefficients, theta: Float32Array) {
    this.#features = new PriceFeatures(sites);
    this.#rule = new PriceRule(sites, rule);
    this.#shift = new Float64Array(sites);
    this.#theta = theta;
  }

  reset(_seed: number): void {
    this.#weights = featureWeights(this.#shift.length, this.#theta);
  }

  decide(job: number, fleet: FleetSimulator): Decision {
    const now = fleet.jobs.arrivalSeconds[job]!;
    const values = this.#features.observe(fleet, now);
    for (let k = 0, i = 0; k < this.#shift.length; k++) {
      let price = 0;
      for (let f = 0; f < width; f++, i++) price += this.#weights[i]! * values[i]!;
      this.#shift[k] = price;
    }
    this.#rule.update(fleet, now, this.#shift, 1);
    return this.#rule.decide(fleet, job, this.#decision);
  }
}
