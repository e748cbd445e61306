import { correlation, mean, ranks, standardDeviation } from '../../src/math/statistics.js';
import type { HourlySeries } from '../hourly.js';
import { calendarHour } from '../synthetic/calendar.js';
import type { SeriesModel } from '../synthetic/model.js';
import { componentAutocorrelations, scaleTerms, seasonalBasis } from '../synthetic/model.js';
import { leastSquares, simplexFit } from './linear.js';
import { normalProbability, normalQuantile } from '../synthetic/normal.js';

/** Everything of a series' model but its table G, and the z that its profile leaves. */
export interface ProfileFit {
  readonly model: Omit<SeriesModel, 'scores' | 'values'>;
  readonly z: HourlySeries;
  readonly hours: readonly ProfileHour[];
}

/** Of one hour: a value's score is centre + scale z. */
export interface ProfileHour {
  readonly centre: number;
  readonly scale: number;
}

const lags = [1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720];
const lagWeights = lags.map((lag) => (lag === 1 || lag === 24 ? 4 : 1));

/** Fits profile and autocorrelation of one series on its normal scores. */
export function fitProfile(series: HourlySeries, timeZone: string): ProfileFit {
  const n = series.values.length;
  const scores = ranks(series.values).map((rank) => normalQuantile((rank - 0.5) / n));
  const calendar = Array.from({ length: n }, (_, i) => calendarHour(timeZone, series.firstHour + i));
  const basis = calendar.map(({ yearPhase, weekend }) => seasonalBasis(yearPhase, weekend));
  const z = new Float64Array(n);
  const means: number[][] = [];
  const logScale: number[][] = [];
  for (let hour = 0; hour < 24; hour++) {
    const at = calendar.flatMap(({ localHour }, i) => (localHour === hour ? [i] : []));
    const rows = at.map((i) => basis[i]!);
    const centre = leastSquares(rows, at.map((i) => scores[i]!));
    const residual = at.map((i, r) => scores[i]! - dot(centre, rows[r]!));
    const scaleRows = rows.map((row) => row.slice(0, scaleTerms));
    const spread = leastSquares(scaleRows, residual.map((value) => Math.log(Math.abs(value) + 0.02)));
    const raw = residual.map((value, r) => value / Math.exp(dot(spread, scaleRows[r]!)));
    spread[0]! += Math.log(standardDeviation(raw));
    at.forEach((i, r) => (z[i] = residual[r]! / Math.exp(dot(spread, scaleRows[r]!))));
    means.push(centre);
    logScale.push(spread);
  }
  const hours = calendar.map(({ localHour }, i) => ({
    centre: dot(means[localHour]!, basis[i]!),
    scale: Math.exp(dot(logScale[localHour]!, basis[i]!.slice(0, scaleTerms))),
  }));
  const weight = valuePerScore(series.values, hours);
  const target = lags.map((lag) => weightedCovariance(z, weight, lag) / weightedCovariance(z, weight, 0));
  const columns = componentAutocorrelations(0).map((_, k) => lags.map((lag) => componentAutocorrelations(lag)[k]!));
  const shares = simplexFit(columns, target, lagWeights);
  return { model: { mean: means, logScale, shares }, z: { firstHour: series.firstHour, values: z }, hours };
}

/**
 * What one unit of z is worth, in the series' own unit, at each hour. Hours in which it is worth more count for more in
 * the autocorrelation, so that it is that of values that is met and not that of scores.
 */
function valuePerScore(values: Float64Array, profile: readonly ProfileHour[]): Float64Array {
  const sorted = values.slice().sort();
  const at = (score: number): number => sorted[Math.round(Math.min(0.99, Math.max(0.01, normalProbability(score))) * (sorted.length - 1))]!;
  return Float64Array.from(profile, ({ centre, scale }) => (at(centre + scale / 2) - at(centre - scale / 2)) || 1e-9);
}

const everyHours = 7; // a sample of hours that meets each hour of the day and of the week alike

/** The score below which generated scores lie with each of the given (rising) probabilities. */
export function marginalScores(hours: readonly ProfileHour[], probabilities: readonly number[]): number[] {
  const sample = hours.filter((_, i) => i % everyHours === 0);
  const below = (score: number): number => mean(sample.map(({ centre, scale }) => normalProbability((score - centre) / scale)));
  return probabilities.map((probability) => {
    let low = -12;
    let high = 12;
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2;
      if (below(middle) < probability) low = middle;
      else high = middle;
    }
    return low;
  });
}

function weightedCovariance(z: Float64Array, weight: Float64Array, lag: number): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i + lag < z.length; i++) {
    const both = weight[i]! * weight[i + lag]!;
    sum += both * z[i]! * z[i + lag]!;
    total += both;
  }
  return sum / total;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Splits z into its centred daily mean and what is left. */
export function bands(z: Float64Array): { slow: Float64Array; fast: Float64Array } {
  const slow = new Float64Array(z.length);
  const half = 12;
  let sum = 0;
  let count = 0;
  for (let i = -half; i < z.length; i++) {
    if (i + half < z.length) {
      sum += z[i + half]!;
      count++;
    }
    if (i - half - 1 >= 0) {
      sum -= z[i - half - 1]!;
      count--;
    }
    if (i >= 0) slow[i] = sum / count;
  }
  return { slow, fast: z.map((value, i) => value - slow[i]!) };
}

/** Lower triangle with diagonal of the correlations between series, shrunk slightly so that it stays positive definite. */
export function correlations(series: readonly Float64Array[], shrink = 0.02): number[][] {
  return series.map((a, i) => series.slice(0, i + 1).map((b, j) => (i === j ? 1 : (1 - shrink) * correlation(a, b))));
}
