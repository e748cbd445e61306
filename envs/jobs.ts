import type { World } from '../datasets/index.js';
import { localHour } from '../datasets/index.js';
import { InputError } from '../src/io/errors.js';
import { randomStream } from '../src/math/random.js';
import type { RandomStream } from '../src/math/random.js';
import { mean } from '../src/math/statistics.js';
import type { FleetConfig } from './config.js';
import { daySeconds, parseDay } from './day.js';

/** The jobs of one day, in order of arrival; one value per job in each array. */
export interface JobBatch {
  readonly length: number;
  /** Seconds since the day's start. */
  readonly arrivalSeconds: Float64Array;
  /** Index of the site where the job arrives. */
  readonly origin: Uint8Array;
  /** Images of one request of the job's bundle. */
  readonly images: Uint16Array;
  /** Latest completion in time, seconds since the day's start. */
  readonly deadlineSeconds: Float64Array;
  /** 1 for a job of the short-deadline class, 0 for a long one. */
  readonly short: Uint8Array;
  /** How long each job takes relative to what is expected; all 1 without `executionNoise`. */
  readonly serviceFactor: Float64Array;
}

/** Local hours start on whole quarters of a UTC hour in every time zone; the arrival rate is constant in between. */
const segments = 96;
const segmentSeconds = daySeconds / segments;

/** Service time at full clock that deadlines are multiples of: the nominal model at the nominal steps, seconds. */
export function nominalSeconds(fleet: FleetConfig, images: number): number {
  const { nominalBaseSeconds, nominalSecondsPerStep, nominalSteps } = fleet.jobs.deadline;
  return fleet.jobs.bundleRequests * images * (nominalBaseSeconds + nominalSteps * nominalSecondsPerStep);
}

/**
 * The jobs of a day: a Poisson process per origin whose rate is `evenShare + (1 - evenShare) profile[hour] / mean(profile)`
 * times the mean rate, in the origin's local time: the fleet expects `jobs.perDay`.
 * `profile` has one weight in [0, 1] per local hour. The batch is a function of the fleet, seed, day and episode only.
 */
export function generateJobs(
  fleet: FleetConfig,
  world: World,
  profile: ArrayLike<number>,
  day: string,
  seed: number,
  episode = 0,
): JobBatch {
  const random = randomStream(seed, `jobs/${day}/${episode}`);
  const sites = fleet.sites.length;
  const allExpected = expectedArrivals(fleet, world, profile, day);

  const arrivals: number[] = [];
  const origins: number[] = [];
  let need = random.exponential(1);
  for (let segment = 0; segment < segments; segment++) {
    const expected = allExpected.subarray(segment * sites, (segment + 1) * sites);
    const total = expected.reduce((a, b) => a + b, 0);
    // Gaps of the unit-rate process, mapped through the inverse of the cumulative rate.
    let passed = 0;
    while (total > 0 && passed + need <= total) {
      passed += need;
      arrivals.push((segment + passed / total) * segmentSeconds);
      origins.push(pick(expected, random.next() * total));
      need = random.exponential(1);
    }
    need -= total - passed;
  }
  return completeJobs(fleet, arrivals, origins, random);
}

/**
 * Expected arrivals of a day by quarter of an hour (row) and origin (column).
 * Throws InputError for what is no profile or no date.
 */
export function expectedArrivals(fleet: FleetConfig, world: World, profile: ArrayLike<number>, day: string): Float64Array {
  checkProfile(profile);
  const { perDay, evenShare } = fleet.jobs;
  const meanWeight = mean(profile);
  const rate = Float64Array.from(profile, (weight) => evenShare + (1 - evenShare) * (weight / meanWeight));
  const totalWeight = fleet.sites.reduce((sum, site) => sum + site.demandWeight, 0);
  const zones = fleet.sites.map((site) => world.place(site.region).timeZone);
  const startMs = parseDay(day);
  const expected = new Float64Array(segments * zones.length);
  for (let segment = 0; segment < segments; segment++) {
    fleet.sites.forEach(({ demandWeight }, k) => {
      const hour = localHour(zones[k]!, startMs + segment * segmentSeconds * 1000);
      expected[segment * zones.length + k] = (perDay * demandWeight * rate[hour]!) / (totalWeight * segments);
    });
  }
  return expected;
}

/**
 * Jobs that arrived at known times, such as a trace's: what the trace does not tell is drawn as for generated jobs.
 * `arrivalSeconds` ascends within the day; `origins` are site indices; `images` defaults to the fleet's distribution.
 * Throws InputError for a time out of order or outside the day, an unknown origin, or an image count that is not a
 * whole number from 1 to 1024.
 */
export function replayJobs(
  fleet: FleetConfig,
  trace: { arrivalSeconds: ArrayLike<number>; origins: ArrayLike<number>; images?: ArrayLike<number> },
  seed: number,
): JobBatch {
  const { arrivalSeconds, origins, images } = trace;
  for (let i = 0; i < arrivalSeconds.length; i++) {
    const arrival = arrivalSeconds[i]!;
    if (!(arrival >= (i === 0 ? 0 : arrivalSeconds[i - 1]!) && arrival < daySeconds)) {
      throw new InputError(`Trace, job ${i}: found arrival second ${arrival}, expected ascending values from 0 to below ${daySeconds}.`);
    }
    if (!Number.isInteger(origins[i]) || origins[i]! < 0 || origins[i]! >= fleet.sites.length) {
      throw new InputError(`Trace, job ${i}: found origin ${origins[i]}, expected a site index from 0 to ${fleet.sites.length - 1}.`);
    }
    if (images !== undefined && !(Number.isInteger(images[i]) && images[i]! >= 1 && images[i]! <= 1024)) {
      throw new InputError(`Trace, job ${i}: found ${images[i]} images, expected a whole number from 1 to 1024.`);
    }
  }
  return completeJobs(fleet, arrivalSeconds, origins, randomStream(seed, 'jobs/replay'), images);
}

function completeJobs(
  fleet: FleetConfig,
  arrivals: ArrayLike<number>,
  origins: ArrayLike<number>,
  random: RandomStream,
  images?: ArrayLike<number>,
): JobBatch {
  const length = arrivals.length;
  const batch = {
    length,
    arrivalSeconds: Float64Array.from(arrivals),
    origin: Uint8Array.from(origins),
    images: new Uint16Array(length),
    deadlineSeconds: new Float64Array(length),
    short: new Uint8Array(length),
    serviceFactor: serviceFactors(fleet.executionNoise, length, random),
  };
  const { deadline, images: choices, imageProbabilities } = fleet.jobs;
  for (let i = 0; i < length; i++) {
    batch.images[i] = images?.[i] ?? choices[pick(imageProbabilities, random.next())]!;
    const short = random.next() < deadline.shortShare;
    const low = short ? deadline.shortSlackMin : deadline.longSlackMin;
    const high = short ? deadline.shortSlackMax : deadline.longSlackMax;
    const slack = low + (high - low) * random.next();
    batch.short[i] = Number(short);
    batch.deadlineSeconds[i] = batch.arrivalSeconds[i]! + slack * nominalSeconds(fleet, batch.images[i]!);
  }
  return batch;
}

/** Index at which the running sum of `weights` passes `at`. */
function pick(weights: ArrayLike<number>, at: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length - 1; i++) {
    sum += weights[i]!;
    if (at < sum) return i;
  }
  return weights.length - 1;
}

function checkProfile(profile: ArrayLike<number>): void {
  const valid = profile.length === 24 && Array.from(profile).every((weight) => weight >= 0 && weight <= 1) && mean(profile) > 0;
  if (!valid) throw new InputError('Arrival profile: expected 24 weights between 0 and 1, one per local hour, not all zero.');
}

/** Lognormal with mean 1, from a stream of their own, so that the jobs are the same with noise and without. */
function serviceFactors(sigma: number, length: number, random: RandomStream): Float64Array {
  const factors = new Float64Array(length).fill(1);
  if (sigma === 0) return factors;
  const noise = random.stream('execution');
  return factors.map(() => Math.exp(sigma * noise.normal() - (sigma * sigma) / 2));
}
