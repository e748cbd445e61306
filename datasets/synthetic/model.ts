import { fileURLToPath } from 'node:url';
import { readJson } from '../../src/io/files.js';
import type { Quantity } from '../conditions.js';

/*
 * The generator is a Gaussian copula with a seasonal profile. For each region and quantity
 *
 *     value(t) = G( mean(t) + scale(t) z(t) )
 *
 * with mean and scale functions of local hour, time of year and weekend, G a monotone table (so negative prices, spikes
 * and the bounds of cloud cover are kept), and z a standard Gaussian process: a sum of independent components, each with
 * its own share of the variance. Components of all regions and quantities are correlated with one another. Spiky
 * markets have spikes besides, on a clock of their own: their G holds prices up to the 99th percentile, and while a second
 * such process q exceeds a threshold, set by local hour and month, the price stands above it by a heavy-tailed excess that
 * grows with q.
 */

/** Time constants of the hourly autoregressive components, in hours. */
export const fastHours = [2, 12] as const;
/** Time constants of the components that step daily, in days. */
export const slowDays = [2, 8, 40] as const;
/** Periods of the daily cycles whose amplitude and phase wander, in hours, and their time constant in days. */
export const cycleHours = [24, 12] as const;
export const cycleDays = 4;

export interface SeriesModel {
  /** Per local hour, coefficients of `seasonalTerms`. */
  readonly mean: readonly (readonly number[])[];
  /** Per local hour, coefficients of the first `scaleTerms` of them, for the logarithm of the scale. */
  readonly logScale: readonly (readonly number[])[];
  /** Share of z's variance: fast components, slow ones, cycles, in that order; their sum is 1. */
  readonly shares: readonly number[];
  /** G as a table: rising scores and the values they stand for. */
  readonly scores: readonly number[];
  readonly values: readonly number[];
  /** Only the prices of spiky markets have them. */
  readonly spikes?: SpikeModel;
}

export interface SpikeModel {
  /** A spike lifts the price from here, the top of the table G. */
  readonly cap: number;
  /** Share of hours with a spike: `rate` times that of the local hour times that of the local month. */
  readonly rate: number;
  readonly byHour: readonly number[];
  readonly byMonth: readonly number[];
  /** Share of q's variance, as in `SeriesModel`. */
  readonly shares: readonly number[];
  /** Of the spikes, the fraction that exceeds the cap by as much as the excess beside it; rising, from 0 to 1. */
  readonly fractions: readonly number[];
  readonly excess: readonly number[];
}

export interface WorldModel {
  readonly provenance: unknown;
  readonly regions: Readonly<Record<string, Readonly<Record<Quantity, SeriesModel>>>>;
  /** Lower triangles of the correlations between all series, regions outermost, in the order of `regions` and `quantities`. */
  readonly fastCorrelation: readonly (readonly number[])[];
  readonly slowCorrelation: readonly (readonly number[])[];
}

export const seasonalTerms = 6;
export const scaleTerms = 3;

/** 1, the first and second annual harmonic, and whether it is a weekend. `yearPhase` in radians. */
export function seasonalBasis(yearPhase: number, weekend: boolean): number[] {
  return [1, Math.cos(yearPhase), Math.sin(yearPhase), Math.cos(2 * yearPhase), Math.sin(2 * yearPhase), weekend ? 1 : 0];
}

/** Autocorrelation, at a lag in hours, of each component, in the order of `shares`. */
export function componentAutocorrelations(lagHours: number): number[] {
  return [
    ...fastHours.map((tau) => Math.exp(-lagHours / tau)),
    ...slowDays.map((tau) => Math.exp(-lagHours / (24 * tau))),
    ...cycleHours.map((period) => Math.exp(-lagHours / (24 * cycleDays)) * Math.cos((2 * Math.PI * lagHours) / period)),
  ];
}

let shipped: WorldModel | undefined;

/** The fitted coefficients that come with the package; see its `provenance`. */
export function shippedModel(): WorldModel {
  shipped ??= readJson(fileURLToPath(new URL('./model.json', import.meta.url))) as WorldModel;
  return shipped;
}
