import { autocorrelation, correlation, ranks, standardDeviation } from '../../src/math/statistics.js';
import type { HourlySeries } from '../hourly.js';
import { calendarHour } from '../synthetic/calendar.js';
import type { SeriesModel } from '../synthetic/model.js';
import { componentAutocorrelations, scaleTerms, seasonalBasis } from '../synthetic/model.js';
import { leastSquares, simplexFit } from './linear.js';
import { normalQuantile } from './normal.js';

/** Everything of a series' model but its table G, and the z that its profile leaves. */
export interface ProfileFit {
  readonly model: Omit<SeriesModel, 'scores' | 'values'>;
  readonly z: HourlySeries;
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
  const mean: number[][] = [];
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
    mean.push(centre);
    logScale.push(spread);
  }
  const target = lags.map((lag) => autocorrelation(z, lag));
  const columns = componentAutocorrelations(0).map((_, k) => lags.map((lag) => componentAutocorrelations(lag)[k]!));
  const shares = simplexFit(columns, target, lagWeights);
  return { model: { mean, logScale, shares }, z: { firstHour: series.firstHour, values: z } };
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
