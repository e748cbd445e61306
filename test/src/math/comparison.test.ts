import { describe, expect, it } from 'vitest';
import {
  crossedMean,
  differenceByDay,
  estimate,
  performanceProfile,
  probabilityOfImprovement,
  sampleEfficiency,
  shareByDay,
} from '../../../src/math/comparison.js';
import { randomStream } from '../../../src/math/random.js';

/** The scores of rliable's own tests (tests/rliable/metrics_test.py), a row a task. */
const x = [[1, 2, 1, 2], [2, 2, 1, 1]];
const y = [[1, 2, 3], [1, 2, 3]];
const interquartileMean = (values: readonly number[]): number => estimate([values], 'interquartile mean').value;

/** How often an interval covers zero, over drawings of what it is taken of. */
function coverage(trials: number, draw: () => { low: number; high: number }): number {
  const covered = Array.from({ length: trials }, draw).filter(({ low, high }) => low <= 0 && high >= 0);
  return covered.length / trials;
}

describe('comparison of methods', () => {
  it("agrees with the values of rliable's tests", () => {
    expect(interquartileMean(x.flat())).toBe(1.5);
    expect(interquartileMean(y.flat())).toBe(2);
    expect(probabilityOfImprovement(x, y).value).toBeCloseTo(1 / 3, 12);
  });

  it('agrees with values computed by hand', () => {
    // trim_mean cuts floor(n / 4) at either end: one of 6, two of 8, none of 3.
    expect(interquartileMean([100, 1, 2, 3, 4, -50])).toBe(2.5);
    expect(interquartileMean([8, 1, 7, 2, 6, 3, 5, 40])).toBe(5.25);
    expect(interquartileMean([0, 1, 5])).toBe(2);
    expect(interquartileMean([])).toBeNaN();
    // Mean 2, standard error sqrt(1/3), 2 degrees of freedom.
    expect(estimate([[1, 2, 3]], 'mean').high).toBeCloseTo(2 + 4.3027 * Math.sqrt(1 / 3), 10);
    // Yuen: 1, 1, 2, 3, 4, 4, squares 9.5 about their mean, over 4 x 3; 3 degrees of freedom.
    expect(estimate([[100, 1, 2, 3, 4, -50]], 'interquartile mean').high).toBeCloseTo(2.5 + 3.1824 * Math.sqrt(9.5 / 12), 10);
    expect(estimate([[0.001, 0.002]], 'mean', [0, 1]).low).toBe(0);
    expect(probabilityOfImprovement([[3, 4]], [[1, 3]]).value).toBe(0.875);
    // Placements of either side 0.75, 1 and 1, 0.75: variances 1/64 each; 2 degrees of freedom.
    expect(probabilityOfImprovement([[3, 4]], [[1, 3]]).low).toBeCloseTo(0.875 - 4.3027 * Math.sqrt(1 / 32), 10);
  });

  it('keeps the strata apart', () => {
    // Between tasks scores differ by 1000, within them by nothing.
    expect(estimate([[0, 0, 0], [1000, 1000, 1000]], 'mean')).toEqual({ value: 500, low: 500, high: 500 });
    // Two tasks of the same spread as one: twice the runs, half the variance, twice the degrees of freedom.
    expect(estimate([[1, 2, 3], [11, 12, 13]], 'mean').high).toBeCloseTo(7 + 2.7764 * Math.sqrt(1 / 6), 10);
  });

  it.each([
    ['mean', 3],
    ['mean', 6],
    ['interquartile mean', 5],
    ['interquartile mean', 6],
    ['interquartile mean', 10],
    ['interquartile mean', 40],
  ] as const)('the interval of the %s of %i runs covers the truth as often as it says', (statistic, runs) => {
    const random = randomStream(7, `coverage/${statistic}/${runs}`);
    const share = coverage(2000, () => estimate([Array.from({ length: runs }, () => random.normal())], statistic));
    expect(share).toBeGreaterThan(0.925);
    expect(share).toBeLessThan(0.98);
  });

  it('covers the probability of improvement of a few runs', () => {
    const random = randomStream(3, 'wins');
    const draw = () => Array.from({ length: 6 }, () => random.normal());
    const share = coverage(2000, () => {
      const { low, high } = probabilityOfImprovement([draw()], [draw()]);
      return { low: low - 0.5, high: high - 0.5 };
    });
    expect(share).toBeGreaterThan(0.93);
  });

  it('profiles the share of scores above a threshold, runs counted whole', () => {
    const scores = [[0.2, 0.4], [0.6, 0.8]];
    const profile = performanceProfile(scores, [0, 0.2, 0.5, 0.9]);
    expect(profile.map((point) => point.value)).toEqual([1, 0.75, 0.5, 0]);
    expect(profile[0]).toEqual({ value: 1, low: 1, high: 1 });
    expect(profile[2]).toEqual({ value: 0.5, low: 0, high: 1 });
  });

  it('follows the interquartile mean over training', () => {
    const curves = [[0, 1, 9], [0, 3, 9], [0, 5, 9]];
    const points = sampleEfficiency(curves);
    expect(points.map((point) => point.value)).toEqual([0, 3, 9]);
    expect(points[1]!.low).toBeLessThan(3);
    expect(points[2]).toEqual({ value: 9, low: 9, high: 9 });
  });
});

describe('runs and days', () => {
  /** Scores of runs that differ by `ofRun`, on days whose effects are given, with noise of each run on each day. */
  const scoresOn = (random: ReturnType<typeof randomStream>, runs: number, days: readonly number[], ofRun: number, noise: number): number[][] =>
    Array.from({ length: runs }, () => {
      const own = ofRun * random.normal();
      return days.map((day) => day + own + noise * random.normal());
    });

  it.each([
    ['learner and scheduler', 10, 1, 0.3],
    ['two learners', 6, 6, 0.3],
    ['few and many', 10, 5, 0.3],
    ['seeds that hardly differ', 10, 1, 0.02],
  ] as const)('covers the difference of %s (%i and %i runs) on 14 days', (_, runsOfX, runsOfY, ofRun) => {
    for (const statistic of ['mean', 'interquartile mean'] as const) {
      const random = randomStream(11, `difference/${runsOfX}/${runsOfY}/${ofRun}/${statistic}`);
      const share = coverage(1000, () => {
        // What a day does to both is large; what it does to their difference is what counts.
        const days = Array.from({ length: 14 }, () => 50 * random.normal());
        const shifted = days.map((day) => day + random.normal());
        return differenceByDay(scoresOn(random, runsOfX, shifted, ofRun, 0.3), scoresOn(random, runsOfY, days, runsOfY === 1 ? 0 : ofRun, 0.3), statistic);
      });
      expect(share, statistic).toBeGreaterThan(0.93);
      expect(share, statistic).toBeLessThan(0.985);
    }
  });

  it('adds the variance of runs and of daily differences', () => {
    // Means 2, 4 and 3: squared standard error of the runs 1, one degree of freedom; daily differences -1, 1: squared error 1, one degree.
    const difference = differenceByDay([[1, 3], [3, 5]], [[3, 3]], 'mean');
    expect(difference.value).toBe(0);
    expect(difference.high).toBeCloseTo(4.3027 * Math.sqrt(2), 10);
    // A day that costs both the same cancels.
    expect(differenceByDay([[1, 101]], [[0, 100]], 'mean')).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('covers a share of what differs from day to day', () => {
    const random = randomStream(4, 'share');
    const share = coverage(1000, () => {
      const wholes = Array.from({ length: 14 }, () => 10 + 2 * random.normal());
      const { low, high } = shareByDay(scoresOn(random, 6, wholes.map((whole) => 0.8 * whole + 0.3 * random.normal()), 0.1, 0.1), wholes, 'interquartile mean');
      return { low: low - 0.8, high: high - 0.8 };
    });
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.985);
    expect(shareByDay([[8, 16]], [10, 20], 'mean')).toEqual({ value: 0.8, low: 0.8, high: 0.8 });
  });

  it('covers the mean of runs that share their days, which taking all scores for independent does not', () => {
    const random = randomStream(5, 'crossed');
    let pooled = 0;
    const share = coverage(1000, () => {
      const scores = scoresOn(random, 8, Array.from({ length: 20 }, () => random.normal()), 0.2, 0.2);
      const { low, high } = estimate([scores.flat()], 'mean');
      if (low <= 0 && high >= 0) pooled++;
      return crossedMean(scores);
    });
    expect(share).toBeGreaterThan(0.93);
    expect(pooled / 1000).toBeLessThan(0.7);
  });

  it('leaves out what is not there, and takes a single run as it is', () => {
    expect(crossedMean([[1, null, 3]]).value).toBe(2);
    expect(crossedMean([[2, 2], [2, 2]])).toEqual({ value: 2, low: 2, high: 2 });
    expect(crossedMean([[1, null], [null, 3]]).value).toBe(2);
  });
});
