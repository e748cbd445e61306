import { describe, expect, it } from 'vitest';
import {
  crossedMean,
  differenceEstimate,
  interquartileMean,
  performanceProfile,
  probabilityOfImprovement,
  sampleEfficiency,
  stratifiedEstimate,
  welchDifference,
} from '../../../src/math/comparison.js';
import { randomStream } from '../../../src/math/random.js';
import { mean } from '../../../src/math/statistics.js';

const random = () => randomStream(1, 'bootstrap');
/** The scores of rliable's own tests (tests/rliable/metrics_test.py), a row a task. */
const x = [[1, 2, 1, 2], [2, 2, 1, 1]];
const y = [[1, 2, 3], [1, 2, 3]];

describe('comparison of methods', () => {
  it("agrees with the values of rliable's tests", () => {
    expect(interquartileMean(x.flat())).toBe(1.5);
    expect(interquartileMean(y.flat())).toBe(2);
    expect(probabilityOfImprovement(x, y, random()).value).toBeCloseTo(1 / 3, 12);
  });

  it('agrees with values computed by hand', () => {
    // trim_mean cuts floor(n / 4) at either end: one of 6, two of 8, none of 3.
    expect(interquartileMean([100, 1, 2, 3, 4, -50])).toBe(2.5);
    expect(interquartileMean([8, 1, 7, 2, 6, 3, 5, 40])).toBe(5.25);
    expect(interquartileMean([0, 1, 5])).toBe(2);
    expect(probabilityOfImprovement([[3, 4]], [[1, 3]], random()).value).toBe(0.875);
    expect(differenceEstimate([[[3, 5], [1, 1]], [[1, 1], [2, 0]]], mean, random()).value).toBe(1.5);
    // Means 2 and 6, squared standard errors 1/3 and 4/3; 25/9 / (1/18 + 16/18) = 2.94 degrees of freedom, taken as 2.
    const welch = welchDifference([1, 2, 3], [4, 6, 8]);
    expect(welch.value).toBe(-4);
    expect(welch.high).toBeCloseTo(-4 + 4.3027 * Math.sqrt(5 / 3), 10);
    // One sample against a constant: mean 2, standard error sqrt(1/3), 2 degrees of freedom.
    expect(welchDifference([1, 2, 3], [5]).low).toBeCloseTo(-3 - 4.3027 * Math.sqrt(1 / 3), 10);
    expect(welchDifference([1], [2]).low).toBe(-Infinity);
  });

  it('has intervals that enumeration of all resamples gives', () => {
    // Two runs a task: each task's mean is 0, 1 or 2 with probability 1/4, 1/2, 1/4, so that the mean of two tasks is
    // below 0.5 with probability 1/16 and below 1 with 5/16.
    const tasks = [[0, 2], [0, 2]];
    const at = (confidence: number) => stratifiedEstimate(tasks, mean, random(), { resamples: 20_000, confidence });
    expect(at(0.9)).toEqual({ value: 1, low: 0, high: 2 });
    expect(at(0.8)).toEqual({ value: 1, low: 0.5, high: 1.5 });
    expect(at(0.3)).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('keeps the strata apart', () => {
    // Between tasks scores differ by 1000, within them by nothing: resampling within tasks changes nothing.
    expect(stratifiedEstimate([[0, 0, 0], [1000, 1000, 1000]], mean, random())).toEqual({ value: 500, low: 500, high: 500 });
  });

  it('covers the truth about as often as it says, given many runs', () => {
    const draw = randomStream(7, 'normal');
    let covered = 0;
    const trials = 300;
    for (let trial = 0; trial < trials; trial++) {
      const runs = Array.from({ length: 40 }, () => draw.normal());
      const { low, high } = stratifiedEstimate([runs], interquartileMean, draw, { resamples: 300 });
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.9);
    expect(covered / trials).toBeLessThan(0.99);
  });

  it('profiles the share of scores above a threshold, resampling runs whole', () => {
    const scores = [[0.2, 0.4], [0.6, 0.8]];
    const profile = performanceProfile(scores, [0, 0.2, 0.5, 0.9], random());
    expect(profile.map((point) => point.value)).toEqual([1, 0.75, 0.5, 0]);
    expect(profile[0]).toEqual({ value: 1, low: 1, high: 1 });
    expect(profile[2]).toEqual({ value: 0.5, low: 0, high: 1 });
  });

  it('follows the interquartile mean over training', () => {
    const curves = [[0, 1, 9], [0, 3, 9], [0, 5, 9]];
    const points = sampleEfficiency(curves, random());
    expect(points.map((point) => point.value)).toEqual([0, 3, 9]);
    expect(points[1]!.low).toBeLessThan(3);
    expect(points[2]).toEqual({ value: 9, low: 9, high: 9 });
  });

  it('repeats itself with the same stream', () => {
    expect(stratifiedEstimate(x, interquartileMean, random())).toEqual(stratifiedEstimate(x, interquartileMean, random()));
  });
});

describe('crossedMean', () => {
  it('covers the mean of runs that share their days, which taking all scores for independent does not', () => {
    const random = randomStream(5, 'crossed');
    const [runs, days, trials] = [8, 20, 200];
    const covered = { crossed: 0, pooled: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const ofDay = Array.from({ length: days }, () => random.normal());
      const scores = Array.from({ length: runs }, () => {
        const ofRun = 0.2 * random.normal();
        return ofDay.map((day) => day + ofRun + 0.2 * random.normal());
      });
      const options = { resamples: 400 };
      const crossed = crossedMean(scores, random, options);
      const pooled = crossedMean([scores.flat()], random, options);
      if (crossed.low <= 0 && crossed.high >= 0) covered.crossed++;
      if (pooled.low <= 0 && pooled.high >= 0) covered.pooled++;
    }
    expect(covered.crossed / trials).toBeGreaterThan(0.88);
    expect(covered.pooled / trials).toBeLessThan(0.7);
  });

  it('leaves out what is not there, and takes a single run as it is', () => {
    const random = randomStream(1, 'crossed');
    expect(crossedMean([[1, null, 3]], random).value).toBe(2);
    expect(crossedMean([[2, 2], [2, 2]], random)).toEqual({ value: 2, low: 2, high: 2 });
  });
});
