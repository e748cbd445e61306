import { describe, expect, it } from 'vitest';
import type { JobBatch } from '../../../envs/index.js';
import { defaultFleet, generateJobs, nominalSeconds, parseFleet, replayJobs } from '../../../envs/index.js';
import { InputError } from '../../../src/io/errors.js';
import { mean } from '../../../src/math/statistics.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const fleet = defaultFleet();
const jobsOf = (seed: number, config = fleet): JobBatch => generateJobs(config, testWorld(), testProfile, '2023-06-14', seed);

describe('jobs of a day', () => {
  it('are a function of seed, day and episode', () => {
    expect(jobsOf(1)).toEqual(jobsOf(1));
    expect(jobsOf(1).arrivalSeconds).not.toEqual(jobsOf(2).arrivalSeconds);
    const other = generateJobs(fleet, testWorld(), testProfile, '2023-06-14', 1, 1);
    expect(other.arrivalSeconds).not.toEqual(jobsOf(1).arrivalSeconds);
  });

  it('number a Poisson variable of the expected mean, in order, from all origins alike', () => {
    const counts = Array.from({ length: 200 }, (_, seed) => jobsOf(seed).length);
    expect(Math.abs(mean(counts) - 3638)).toBeLessThan(4 * Math.sqrt(3638 / 200));
    const { arrivalSeconds, origin } = jobsOf(3);
    expect(arrivalSeconds.every((time, i) => time < 86_400 && (i === 0 || time >= arrivalSeconds[i - 1]!))).toBe(true);
    for (const k of [0, 1, 2]) expect(origin.filter((o) => o === k).length / origin.length).toBeCloseTo(1 / 3, 1);
  });

  it('arrive at each origin with the profile of its local time: a quarter evenly, the rest by the profile', () => {
    const onlyAtThree = Array.from({ length: 24 }, (_, hour) => Number(hour === 15));
    const { arrivalSeconds, origin, length } = generateJobs(fleet, testWorld(), onlyAtThree, '2023-06-14', 1);
    // 15:00 in summer is 22:00 UTC in Los Angeles, 20:00 in Chicago, 19:00 in New York.
    for (const [k, utcHour] of [22, 20, 19].entries()) {
      let there = 0;
      for (let i = 0; i < length; i++) if (origin[i] === k && Math.floor(arrivalSeconds[i]! / 3600) === utcHour) there++;
      expect(there / (length / 3)).toBeCloseTo(0.75 + 0.25 / 24, 1);
    }
  });

  it('have images and slacks of the stated distributions', () => {
    const { images, short, deadlineSeconds, arrivalSeconds, length } = jobsOf(5);
    [1, 2, 4, 8].forEach((n, i) => expect(images.filter((m) => m === n).length / length).toBeCloseTo([0.58, 0.08, 0.19, 0.15][i]!, 1));
    expect(nominalSeconds(fleet, 2)).toBeCloseTo(16 * 2 * (0.8 + 20 * 0.16), 9);
    for (let i = 0; i < length; i++) {
      const slack = (deadlineSeconds[i]! - arrivalSeconds[i]!) / nominalSeconds(fleet, images[i]!);
      expect(slack).toBeGreaterThanOrEqual(short[i] === 1 ? 2.5 : 6);
      expect(slack).toBeLessThanOrEqual(short[i] === 1 ? 4 : 12);
    }
  });

  it('follow demand weights', () => {
    const { sites } = fleet;
    const lopsided = parseFleet({ ...fleet, sites: sites.map((site, k) => ({ ...site, demandWeight: k })) });
    const { origin } = jobsOf(1, lopsided);
    expect(origin.includes(0)).toBe(false);
    expect(origin.filter((o) => o === 2).length / origin.length).toBeCloseTo(2 / 3, 1);
  });

  it('replay a trace and refuse a bad one', () => {
    const batch = replayJobs(fleet, { arrivalSeconds: [5, 5, 70], origins: [0, 2, 1], images: [3, 1, 1] }, 1);
    expect([...batch.arrivalSeconds]).toEqual([5, 5, 70]);
    expect([...batch.origin]).toEqual([0, 2, 1]);
    expect([...batch.images]).toEqual([3, 1, 1]);
    for (const bad of [
      { arrivalSeconds: [5, 4], origins: [0, 0] },
      { arrivalSeconds: [90_000], origins: [0] },
      { arrivalSeconds: [NaN], origins: [0] },
      { arrivalSeconds: [5], origins: [3] },
      { arrivalSeconds: [5], origins: [] },
      { arrivalSeconds: [5], origins: [0], images: [1.5] },
    ]) {
      expect(() => replayJobs(fleet, bad, 1)).toThrow(InputError);
    }
  });

  it('refuse a profile or a day that is none', () => {
    expect(() => generateJobs(fleet, testWorld(), [1, 2], '2023-06-14', 1)).toThrow(InputError);
    expect(() => generateJobs(fleet, testWorld(), new Float64Array(24), '2023-06-14', 1)).toThrow(InputError);
    expect(() => generateJobs(fleet, testWorld(), testProfile, '2023-02-30', 1)).toThrow('expected a UTC date');
  });
});
