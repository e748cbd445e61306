import type { RandomStream } from './random.js';

/** Arithmetic mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n - 1); 0 for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** Quantile by linear interpolation between order statistics (Hyndman and Fan type 7); NaN for no values. */
export function quantile(values: ArrayLike<number>, probability: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return NaN;
  const at = probability * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Pearson correlation; 0 when either side is constant. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - mx;
    const dy = y[i]! - my;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

/** Autocorrelation at a lag in samples (biased estimator, the usual one). */
export function autocorrelation(values: ArrayLike<number>, lag: number): number {
  const centre = mean(values);
  let cross = 0;
  let square = 0;
  for (let i = 0; i < values.length; i++) {
    const here = values[i]! - centre;
    square += here * here;
    if (i + lag < values.length) cross += here * (values[i + lag]! - centre);
  }
  return square === 0 ? 0 : cross / square;
}

/** Ranks from 1, ties sharing their mean rank. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j < order.length && values[order[j]!] === values[order[i]!]) j++;
    for (let k = i; k < j; k++) result[order[k]!] = (i + j + 1) / 2;
    i = j;
  }
  return result;
}

/** Spearman's rank correlation. */
export const rankCorrelation = (x: ArrayLike<number>, y: ArrayLike<number>): number => correlation(ranks(x), ranks(y));

/** Mean absolute percentage error, in percent. */
export function meanAbsolutePercentageError(measured: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < measured.length; i++) sum += Math.abs(predicted[i]! / measured[i]! - 1);
  return (100 * sum) / measured.length;
}

/**
 * Two-sided 95 % quantile of Student's t, by Cornish-Fisher's expansion with exact values for few degrees of freedom
 * (error below 0.001).
 */
export function studentT95(degreesOfFreedom: number): number {
  const exact = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622];
  if (degreesOfFreedom < 1) return Infinity;
  if (degreesOfFreedom <= exact.length) return exact[degreesOfFreedom - 1]!;
  const z = 1.959964;
  const n = degreesOfFreedom;
  return z + (z ** 3 + z) / (4 * n) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * n * n);
}

/** Mean with the half-width of its two-sided 95 % Student interval. Infinite half-width for a single value. */
export function meanWithInterval(values: ArrayLike<number>): { mean: number; ci95: number } {
  const n = values.length;
  return { mean: mean(values), ci95: n < 2 ? Infinity : (studentT95(n - 1) * standardDeviation(values)) / Math.sqrt(n) };
}

/** Percentile bootstrap interval of a statistic over resampled values. */
export function bootstrapInterval(
  values: ArrayLike<number>,
  statistic: (sample: Float64Array) => number,
  random: RandomStream,
  { resamples = 2000, confidence = 0.95 } = {},
): { low: number; high: number } {
  const sample = new Float64Array(values.length);
  const results = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < sample.length; i++) sample[i] = values[random.integer(values.length)]!;
    results[r] = statistic(sample);
  }
  return { low: quantile(results, (1 - confidence) / 2), high: quantile(results, (1 + confidence) / 2) };
}
