import type { FleetView } from '../view.js';
import type { Decision } from './candidates.js';
import { choose } from './candidates.js';

/** Backlog is priced in units of this many seconds per GPU, up to so many of them. */
export const backlogUnitSeconds = 300;
export const mostBacklogUnits = 3;

/** Coefficients of the price of GPU time, utility units per GPU-second. */
export interface PriceCoefficients {
  /** For each unit of backlog u (300 s of work per GPU, at most 3), and for its square. */
  readonly linear: number;
  readonly quadratic: number;
  /** For expected arrivals of the next hour relative to the day's mean, less 1. */
  readonly arrivals: number;
  /** Share of a job's expected time that is kept before its deadline, see `ShadowPrices`. */
  readonly margin: number;
}

/** Found on validation days of 2022 for the default fleet; see `tunePrices` for others. */
export const defaultPrices: PriceCoefficients = { linear: 0.001, quadratic: 0.002, arrivals: 0.001, margin: 0 };

/** Backlog of a site in priced units: min(backlog / 300 s, 3). */
export function backlogUnits(view: FleetView, site: number, now: number): number {
  return Math.min(view.backlogSeconds(site, now) / backlogUnitSeconds, mostBacklogUnits);
}

/** What an action of 1 adds to a site's price unless it is set, utility units per GPU-second. */
export const usualPriceRange = 0.003;

/**
 * The price of GPU time at each site by the rule: `linear u + quadratic u^2 + arrivals (r - 1)`, u the site's backlog in
 * units, r the arrivals expected over the next hour relative to the day's mean. A queue makes later jobs wait, or late;
 * a busier hour makes GPU time dearer before its queue is there.
 */
export class PriceRule {
  readonly lambda: Float64Array;
  readonly margin: number;
  readonly choosesClocks: boolean;
  readonly #coefficients: PriceCoefficients;

  /** `choosesClocks`: see `ShadowPrices`. */
  constructor(sites: number, coefficients: PriceCoefficients, choosesClocks = true) {
    this.lambda = new Float64Array(sites);
    this.margin = coefficients.margin;
    this.choosesClocks = choosesClocks;
    this.#coefficients = coefficients;
  }

  /** The price at one site, utility units per GPU-second. */
  price(view: FleetView, site: number, now: number): number {
    const { linear, quadratic, arrivals } = this.#coefficients;
    const u = linear === 0 && quadratic === 0 ? 0 : backlogUnits(view, site, now);
    const ahead = arrivals === 0 ? 0 : arrivals * (view.arrivalsAhead(now) - 1);
    return linear * u + quadratic * u * u + ahead;
  }

  /** Sets `lambda` for a moment of the day, `range` times the shift of each site added. */
  update(view: FleetView, now: number, shift: ArrayLike<number> | null = null, range = 0): void {
    const { lambda } = this;
    for (let k = 0; k < lambda.length; k++) lambda[k] = this.price(view, k, now) + (shift === null ? 0 : range * shift[k]!);
  }

  /** The best response of a job at the prices as last updated. */
  decide(view: FleetView, job: number, out: Decision): Decision {
    choose(view, job, this, out, null);
    return out;
  }
}

/** No price on GPU time: a job's own revenue and energy alone. */
export const noPrices = (sites: number): PriceRule => new PriceRule(sites, { linear: 0, quadratic: 0, arrivals: 0, margin: 0 });
