import { mean, standardDeviation, studentT95 } from './statistics.js';

/**
 * Statistics for comparing learning methods from few runs: the figures of Agarwal, Schwarzer, Castro, Courville and
 * Bellemare, "Deep reinforcement learning at the edge of the statistical precipice" (NeurIPS 2021), as their rliable defines
 * them, with intervals after Student instead of its percentile bootstrap, which is too narrow for a handful of runs.
 * Scores are given as strata: `scores[task][run]`; what is drawn are the runs, within each task on its own.
 */
export type Strata = readonly (readonly number[])[];

/** A point estimate with its two-sided 95 % interval; both ends are the value where nothing was drawn. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mean, or interquartile mean: the mean of what is left once a quarter of the values, rounded down, is cut off at either
 * end (SciPy's `trim_mean(values, 0.25)`, rliable's `aggregate_iqm`).
 */
export type Statistic = 'mean' | 'interquartile mean';

/** Variance that one thing that was drawn (runs, days) adds to an estimate, and the degrees of freedom it is known with. */
interface Spread {
  readonly variance: number;
  readonly freedom: number;
}

/**
 * Student's interval of an estimate whose variance is a sum, with Satterthwaite's degrees of freedom (Biometrics Bulletin
 * 1946), rounded down so that it errs on the wide side, and cut to the values that are possible.
 */
function student(value: number, spreads: readonly Spread[], [least, most]: readonly [number, number] = [-Infinity, Infinity]): Estimate {
  const total = spreads.reduce((sum, { variance }) => sum + variance, 0);
  if (total === 0) return { value, low: value, high: value };
  const freedom = total ** 2 / spreads.reduce((sum, spread) => sum + spread.variance ** 2 / spread.freedom, 0);
  // Rounding must not turn 9 degrees of freedom into 8.
  const half = studentT95(Math.max(1, Math.floor(freedom + 1e-9))) * Math.sqrt(total);
  return { value, low: Math.max(least, value - half), high: Math.min(most, value + half) };
}

/** Of the mean of some values; none for a single one, which is taken as it is. */
function spreadOf(values: readonly number[]): Spread[] {
  return values.length < 2 ? [] : [{ variance: standardDeviation(values) ** 2 / values.length, freedom: values.length - 1 }];
}

/** A statistic of all scores of all tasks taken together, which runs of each task it averages, and how far runs let it vary. */
function locate(strata: Strata, statistic: Statistic): { value: number; kept: number[][]; spreads: Spread[] } {
  const sorted = strata.flatMap((runs, task) => runs.map((score, run) => ({ score, task, run }))).sort((a, b) => a.score - b.score);
  const cut = statistic === 'mean' ? 0 : Math.floor(sorted.length / 4);
  const inner = sorted.slice(cut, sorted.length - cut);
  const kept = strata.map((_, task) => inner.filter((one) => one.task === task).map(({ run }) => run));
  if (inner.length === 0) return { value: NaN, kept, spreads: [] };
  const [lowest, highest] = [inner[0]!.score, inner.at(-1)!.score];
  const spreads = strata.flatMap((runs, task) => {
    if (runs.length < 2) return [];
    // Yuen (Biometrika 1974): what is cut off counts as the last value that is not; h - 1 degrees of freedom of h values kept.
    const winsorised = runs.map((score) => Math.min(highest, Math.max(lowest, score)));
    const squares = standardDeviation(winsorised) ** 2 * (runs.length - 1);
    const freedom = Math.max(1, kept[task]!.length - 1);
    return [{ variance: (squares * (freedom + 1)) / (freedom * inner.length ** 2), freedom }];
  });
  return { value: mean(inner.map(({ score }) => score)), kept, spreads };
}

/** The statistic of all scores of all tasks taken together, with its interval over runs. NaN for no scores. */
export function estimate(strata: Strata, statistic: Statistic, limits?: readonly [least: number, most: number]): Estimate {
  const { value, spreads } = locate(strata, statistic);
  return student(value, spreads, limits);
}

/** Scores of the runs of one method (rows) on days (columns) that all runs share. */
export type DayScores = readonly (readonly number[])[];

/** The statistic of the runs' means over days: what `locate` gives, and its mean over the same runs on each day. */
function locateByDay(scores: DayScores, statistic: Statistic) {
  const { value, kept, spreads } = locate([scores.map((days) => mean(days))], statistic);
  return { value, spreads, days: scores[0]!.map((_, day) => mean(kept[0]!.map((run) => scores[run]![day]!))) };
}

/**
 * Difference X - Y of a statistic of the runs' means over days, with an interval over runs and days, both of which are
 * drawn. Days are paired: column `j` of both sides is the same day with the same jobs, so that only what a day does to the
 * difference counts. The variance is that of each side's runs plus that of the daily differences; what a run does on a day
 * of its own is in both, so that the interval errs on the wide side. A side of one run (a scheduler), and a single day, are
 * taken as they are.
 */
export function differenceByDay(x: DayScores, y: DayScores, statistic: Statistic): Estimate {
  const [a, b] = [locateByDay(x, statistic), locateByDay(y, statistic)];
  return student(a.value - b.value, [...a.spreads, ...b.spreads, ...spreadOf(a.days.map((score, day) => score - b.days[day]!))]);
}

/**
 * A statistic of the runs' means over days as a share of the mean of something that each day has, with an interval over runs
 * and days: the ratio's error is that of the daily remainders score - share x whole (Cochran, Sampling Techniques, 1977, 6.3).
 */
export function shareByDay(scores: DayScores, wholes: readonly number[], statistic: Statistic): Estimate {
  const whole = mean(wholes);
  const { value, spreads, days } = locateByDay(scores, statistic);
  const share = value / whole;
  const ofRuns = spreads.map(({ variance, freedom }) => ({ variance: variance / whole ** 2, freedom }));
  return student(share, [...ofRuns, ...spreadOf(days.map((score, day) => (score - share * wholes[day]!) / whole))]);
}

/**
 * Mean of scores of runs (rows) on days that all runs share (columns), null where there is none, with an interval over
 * both: the variance of the runs' means plus that of the days' means. Taking each score for a draw of its own would count
 * one day as many as there are runs. A side of one is taken as it is.
 */
export function crossedMean(scores: readonly (readonly (number | null)[])[]): Estimate {
  const found = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  const means = (lines: readonly (readonly (number | null)[])[]): number[] => lines.map(found).filter((line) => line.length > 0).map((line) => mean(line));
  const columns = (scores[0] ?? []).map((_, day) => scores.map((run) => run[day]!));
  return student(mean(found(scores.flat())), [...spreadOf(means(scores)), ...spreadOf(means(columns))]);
}

/**
 * Probability that a run of X beats one of Y on a task drawn at random: the Mann-Whitney statistic over n m pairs, ties
 * counted half, averaged over tasks (Agarwal et al., section 4.3), with the interval of Brunner and Munzel (Biometrical
 * Journal 2000) over runs. Tasks must be the same. Where one side wins every pair its variance, and so the interval, is nil.
 */
export function probabilityOfImprovement(x: Strata, y: Strata): Estimate {
  const wins = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
  const tasks = x.map((runs, task) => {
    const ofX = runs.map((a) => mean(y[task]!.map((b) => wins(a, b))));
    const ofY = y[task]!.map((b) => mean(runs.map((a) => wins(a, b))));
    return { value: mean(ofX), spreads: [...spreadOf(ofX), ...spreadOf(ofY)] };
  });
  const spreads = tasks.flatMap((task) => task.spreads.map(({ variance, freedom }) => ({ variance: variance / tasks.length ** 2, freedom })));
  return student(mean(tasks.map(({ value }) => value)), spreads, [0, 1]);
}

/**
 * Performance profile: for each threshold, the share of all scores above it (rliable's run-score distribution), with its
 * interval over runs. `scores[run][k]` are the scores of one run, for instance its test days; a run counts as a whole,
 * because the scores of one policy are not independent of each other.
 */
export function performanceProfile(scores: DayScores, thresholds: readonly number[]): Estimate[] {
  return thresholds.map((threshold) => {
    const shares = scores.map((run) => run.filter((score) => score > threshold).length / run.length);
    return estimate([shares], 'mean', [0, 1]);
  });
}

/** Sample-efficiency curve: the interquartile mean of the runs' scores at each point of training, with its interval over runs. `curves[run][point]`. */
export function sampleEfficiency(curves: Strata): Estimate[] {
  const points = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length: points }, (_, point) => estimate([curves.map((curve) => curve[point]!)], 'interquartile mean'));
}
