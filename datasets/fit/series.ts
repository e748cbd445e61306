import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { correlation, mean, ranks, standardDeviation } from '../../src/math/statistics.js';
import type { HourlySeries } from '../hourly.js';
import { calendarHour } from '../synthetic/calendar.js';
import type { SeriesModel } from '../synthetic/model.js';
import { componentAutocorrelations, fastHours, scaleTerms, seasonalBasis } from '../synthetic/model.js';
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
function bands(z: Float64Array): { slow: Float64Array; fast: Float64Array } {
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

/** z of one series and the shares of its variance, component by component. */
export interface FittedScores {
  readonly z: Float64Array;
  readonly shares: readonly number[];
}

/**
 * Correlations between the fast components of all series, and between their slow ones (lower triangles with diagonal).
 * Each is first taken from the band of z that its components make up; both are then scaled so that the model has the
 * correlation of z itself, which the overlap of bands would weaken; and the matrices made positive definite again.
 */
export function correlations(series: readonly FittedScores[]): { fast: number[][]; slow: number[][] } {
  const split = series.map(({ z }) => bands(z));
  const fast = series.map((_, i) => series.map((_, j) => (i === j ? 1 : correlation(split[i]!.fast, split[j]!.fast))));
  const slow = series.map((_, i) => series.map((_, j) => (i === j ? 1 : correlation(split[i]!.slow, split[j]!.slow))));
  for (let i = 0; i < series.length; i++) {
    for (let j = 0; j < i; j++) {
      const common = series[i]!.shares.map((share, k) => Math.sqrt(share * series[j]!.shares[k]!));
      const sum = (from: number, to?: number): number => common.slice(from, to).reduce((total, value) => total + value, 0);
      const modelled = sum(0, fastHours.length) * fast[i]![j]! + sum(fastHours.length) * slow[i]![j]!;
      const factor = Math.min(3, Math.max(0, correlation(series[i]!.z, series[j]!.z) / modelled));
      for (const matrix of [fast, slow]) {
        const scaled = Math.max(-0.97, Math.min(0.97, matrix[i]![j]! * factor));
        matrix[i]![j] = scaled;
        matrix[j]![i] = scaled;
      }
    }
  }
  return { fast: positiveDefinite(fast), slow: positiveDefinite(slow) };
}

/** The lower triangle of a nearby correlation matrix without small eigenvalues: they are raised, the diagonal restored. */
function positiveDefinite(matrix: readonly (readonly number[])[], least = 0.02): number[][] {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(matrix as number[][]), { assumeSymmetric: true });
  const raised = realEigenvalues.map((value) => Math.max(least, value));
  const whole = eigenvectorMatrix.mmul(Matrix.diag(raised)).mmul(eigenvectorMatrix.transpose());
  return matrix.map((_, i) =>
    Array.from({ length: i + 1 }, (_, j) => (i === j ? 1 : whole.get(i, j) / Math.sqrt(whole.get(i, i) * whole.get(j, j)))),
  );
}
