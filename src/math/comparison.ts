import type { RandomStream } from './random.js';
import { mean, quantile, standardDeviation, studentT95 } from './statistics.js';

/**
 * Statistics for comparing learning methods from few runs, after Agarwal, Schwarzer, Castro, Courville and Bellemare,
 * "Deep reinforcement learning at the edge of the statistical precipice" (NeurIPS 2021), as their rliable defines them.
 * Scores are given as strata: `scores[task][run]`. Runs are what is resampled, within each task on its own.
 */
export type Strata = readonly (readonly number[])[];

/** A point estimate with its two-sided bootstrap interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Default 2000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * Interquartile mean: the mean of what is left once a quarter of the values, rounded down, is cut off at either end
 * (SciPy's `trim_mean(values, 0.25)`, rliable's `aggregate_iqm`). NaN for no values.
 */
export function interquartileMean(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}

/** The statistic of all scores of all tasks taken together, with its stratified percentile bootstrap interval. */
export function stratifiedEstimate(
  strata: Strata,
  statistic: (scores: Float64Array) => number,
  random: RandomStream,
  options: BootstrapOptions = {},
): Estimate {
  const pooled = new Float64Array(strata.reduce((size, runs) => size + runs.length, 0));
  const of = (pick: (runs: readonly number[], run: number) => number): number => {
    let at = 0;
    for (const runs of strata) for (let run = 0; run < runs.length; run++) pooled[at++] = pick(runs, run);
    return statistic(pooled);
  };
  const value = of((runs, run) => runs[run]!);
  return { value, ...percentiles(() => of((runs) => runs[random.integer(runs.length)]!), options) };
}

/**
 * Probability that a run of X beats one of Y on a task drawn at random: the Mann-Whitney statistic over n m pairs, ties
 * counted half, averaged over tasks (Agarwal et al., section 4.3). Both sides are resampled; tasks must be the same.
 */
export const probabilityOfImprovement = (x: Strata, y: Strata, random: RandomStream, options: BootstrapOptions = {}): Estimate =>
  pairedEstimate([x, y], shareOfWins, random, options);

/** Difference X - Y of a statistic of the runs, averaged over tasks. Both sides are resampled; tasks must be the same. */
export const differenceEstimate = (
  sides: readonly [x: Strata, y: Strata],
  statistic: (scores: ArrayLike<number>) => number,
  random: RandomStream,
  options: BootstrapOptions = {},
): Estimate => pairedEstimate(sides, (a, b) => statistic(a) - statistic(b), random, options);

function pairedEstimate(
  [x, y]: readonly [x: Strata, y: Strata],
  perTask: (x: readonly number[], y: readonly number[]) => number,
  random: RandomStream,
  options: BootstrapOptions,
): Estimate {
  const of = (resample: (runs: readonly number[]) => readonly number[]): number =>
    mean(x.map((runs, task) => perTask(resample(runs), resample(y[task]!))));
  return { value: of((runs) => runs), ...percentiles(() => of((runs) => runs.map(() => runs[random.integer(runs.length)]!)), options) };
}

/**
 * Mean of scores of runs (rows) on days that all runs share (columns), null where there is none, with an interval over
 * both: runs and days are each resampled whole and independently (Owen, "The pigeonhole bootstrap", Annals of Applied
 * Statistics 2007). Taking each score for a draw of its own would count one day as many as there are runs. A side of one
 * is taken as it is.
 */
export function crossedMean(scores: readonly (readonly (number | null)[])[], random: RandomStream, options: BootstrapOptions = {}): Estimate {
  const days = scores[0]?.length ?? 0;
  const meanOf = (run: (i: number) => number, day: (j: number) => number): number => {
    const found: number[] = [];
    const columns = Array.from({ length: days }, (_, j) => day(j));
    for (let i = 0; i < scores.length; i++) {
      const row = scores[run(i)]!;
      for (const column of columns) if (row[column] !== null) found.push(row[column]!);
    }
    return mean(found);
  };
  const value = meanOf((i) => i, (j) => j);
  // A resample that holds no score at all says nothing of the mean.
  const draw = (): number => {
    const found = meanOf(() => random.integer(scores.length), () => random.integer(days));
    return Number.isNaN(found) ? value : found;
  };
  return { value, ...percentiles(draw, options) };
}

/**
 * Difference of two means with its two-sided 95 % interval after Welch, which does not take variances to be equal.
 * Degrees of freedom are rounded down, so that it errs on the wide side. A side of one value counts as known exactly; with
 * two such sides nothing is known of the spread and the interval is infinite.
 */
export function welchDifference(x: readonly number[], y: readonly number[]): Estimate {
  const value = mean(x) - mean(y);
  if (x.length < 2 && y.length < 2) return { value, low: -Infinity, high: Infinity };
  const squaredErrors = [x, y].map((side) => standardDeviation(side) ** 2 / side.length);
  const total = squaredErrors[0]! + squaredErrors[1]!;
  if (total === 0) return { value, low: value, high: value };
  const spread = [x, y].reduce((sum, side, i) => sum + (side.length < 2 ? 0 : squaredErrors[i]! ** 2 / (side.length - 1)), 0);
  const half = studentT95(Math.floor(total ** 2 / spread)) * Math.sqrt(total);
  return { value, low: value - half, high: value + half };
}

/**
 * Performance profile: for each threshold, the share of all scores above it (rliable's run-score distribution).
 * `scores[run][k]` are the scores of one run, for instance its test days. A run is resampled as a whole, because the
 * scores of one policy are not independent of each other.
 */
export function performanceProfile(
  scores: Strata,
  thresholds: readonly number[],
  random: RandomStream,
  { resamples = 2000, confidence = 0.95 }: BootstrapOptions = {},
): Estimate[] {
  const count = scores.reduce((sum, run) => sum + run.length, 0) / scores.length;
  const above = thresholds.map((threshold) => scores.map((run) => run.filter((score) => score > threshold).length));
  const draws = Array.from({ length: resamples }, () => scores.map(() => random.integer(scores.length)));
  return above.map((perRun) => {
    const shares = draws.map((runs) => mean(runs.map((run) => perRun[run]!)) / count);
    return { value: mean(perRun) / count, ...interval(shares, confidence) };
  });
}

/**
 * Sample-efficiency curve: a statistic (rliable takes the interquartile mean) of the runs' scores at each point of
 * training, with its interval. `curves[run][point]`; runs are resampled whole, the same for every point.
 */
export function sampleEfficiency(
  curves: Strata,
  random: RandomStream,
  { resamples = 1000, confidence = 0.95 }: BootstrapOptions = {},
  statistic: (scores: ArrayLike<number>) => number = interquartileMean,
): Estimate[] {
  const points = Math.min(...curves.map((curve) => curve.length));
  const draws = Array.from({ length: resamples }, () => curves.map(() => random.integer(curves.length)));
  return Array.from({ length: points }, (_, point) => {
    const at = curves.map((curve) => curve[point]!);
    const resampled = draws.map((runs) => statistic(runs.map((run) => at[run]!)));
    return { value: statistic(at), ...interval(resampled, confidence) };
  });
}

/** Share of pairs in which x is larger, ties counted half: U / (n m). */
function shareOfWins(x: readonly number[], y: readonly number[]): number {
  let wins = 0;
  for (const a of x) for (const b of y) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (x.length * y.length);
}

function percentiles(draw: () => number, { resamples = 2000, confidence = 0.95 }: BootstrapOptions): { low: number; high: number } {
  return interval(Array.from({ length: resamples }, draw), confidence);
}

const interval = (values: readonly number[], confidence: number): { low: number; high: number } => ({
  low: quantile(values, (1 - confidence) / 2),
  high: quantile(values, (1 + confidence) / 2),
});
