import type { TextRequests, World } from '../../datasets/index.js';
import { azureText, drawRequest, localHour } from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import { mean } from '../../src/math/statistics.js';
import type { FleetConfig } from '../config/fleetConfig.js';
import { daySeconds, parseDay } from '../site/day.js';
import type { JobBatch } from './batch.js';
import { nominalSeconds } from './image.js';
import { nominalTextSeconds } from './text.js';

/** Local hours start on whole quarters of a UTC hour in every time zone; the arrival rate is constant in between. */
const segments = 96;
const segmentSeconds = daySeconds / segments;

/** What the deadline of any job is a multiple of, seconds. */
function nominalSecondsOf(fleet: FleetConfig, jobs: JobBatch, job: number): number {
  if (jobs.text?.isText[job] !== 1) return nominalSeconds(fleet, jobs.images[job]!);
  return nominalTextSeconds(fleet, jobs.text.generatedTokens[job]!);
}

/**
 * The jobs of a day: a Poisson process per origin whose rate is `evenShare + (1 - evenShare) profile[hour] / mean(profile)`
 * times the mean rate, in the origin's local time: the fleet expects `jobs.perDay`.
 * `profile` has one weight in [0, 1] per local hour. Text jobs follow `text` in the same way; they are drawn apart, so that
 * image jobs are the same with and without them. The batch is a function of these arguments only.
 */
export function generateJobs(
  fleet: FleetConfig,
  world: World,
  profile: ArrayLike<number>,
  day: string,
  seed: number,
  episode = 0,
  text: TextRequests = azureText,
): JobBatch {
  const random = randomStream(seed, `jobs/${day}/${episode}`);
  const { arrivals, origins } = poissonArrivals(expectedArrivals(fleet, world, profile, day), fleet.sites.length, random);
  const images = completeJobs(fleet, arrivals, origins, random);
  if (fleet.jobs.text.perDay === 0) return images;
  const textRandom = random.stream('text');
  const even = { perDay: fleet.jobs.text.perDay, evenShare: 0 };
  const asked = poissonArrivals(expectedArrivals(fleet, world, text.weightByLocalHour, day, even), fleet.sites.length, textRandom);
  return mergeJobs(images, textJobs(fleet, asked.arrivals, asked.origins, textRandom, text));
}

function poissonArrivals(allExpected: Float64Array, sites: number, random: RandomStream): { arrivals: number[]; origins: number[] } {
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
  return { arrivals, origins };
}

/**
 * Expected arrivals of a day by quarter of an hour (row) and origin (column); of image jobs unless told how many.
 * Throws InputError for what is no profile or no date.
 */
export function expectedArrivals(
  fleet: FleetConfig,
  world: World,
  profile: ArrayLike<number>,
  day: string,
  { perDay, evenShare }: { readonly perDay: number; readonly evenShare: number } = fleet.jobs,
): Float64Array {
  checkProfile(profile);
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
 * Expected arrivals over the hour from a second of the day on, relative to the day's mean, jobs of both kinds; at the day's
 * end its first hours stand for the next day's. 1 for a fleet that expects none.
 */
export function arrivalsAhead(
  fleet: FleetConfig,
  world: World,
  { profile, textRequests }: { readonly profile: ArrayLike<number>; readonly textRequests: TextRequests },
  day: string,
): (now: number) => number {
  const perSegment = new Float64Array(segments);
  const sites = fleet.sites.length;
  const add = (expected: Float64Array): void => expected.forEach((count, i) => (perSegment[Math.floor(i / sites)]! += count));
  add(expectedArrivals(fleet, world, profile, day));
  const { perDay } = fleet.jobs.text;
  if (perDay > 0) add(expectedArrivals(fleet, world, textRequests.weightByLocalHour, day, { perDay, evenShare: 0 }));
  const average = mean(perSegment);
  const anHour = 3600 / segmentSeconds;
  const ahead = perSegment.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < anHour; j++) sum += perSegment[(i + j) % segments]!;
    return average > 0 ? sum / anHour / average : 1;
  });
  return (now) => ahead[Math.min(segments - 1, Math.floor(now / segmentSeconds))]!;
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

/** Jobs that arrived at known times, with their service factors; what they ask for, and by when, is still to be filled in. */
function arrivedJobs(fleet: FleetConfig, arrivals: ArrayLike<number>, origins: ArrayLike<number>, random: RandomStream): JobBatch {
  const { length } = arrivals;
  return {
    length,
    arrivalSeconds: Float64Array.from(arrivals),
    origin: Uint16Array.from(origins),
    images: new Uint16Array(length),
    deadlineSeconds: new Float64Array(length),
    short: new Uint8Array(length),
    serviceFactor: serviceFactors(fleet.executionNoise, length, random),
  };
}

function completeJobs(
  fleet: FleetConfig,
  arrivals: ArrayLike<number>,
  origins: ArrayLike<number>,
  random: RandomStream,
  images?: ArrayLike<number>,
): JobBatch {
  const batch = arrivedJobs(fleet, arrivals, origins, random);
  const { images: choices, imageProbabilities } = fleet.jobs;
  for (let i = 0; i < batch.length; i++) {
    batch.images[i] = images?.[i] ?? choices[pick(imageProbabilities, random.next())]!;
    setDeadline(fleet, batch, i, random);
  }
  return batch;
}

/**
 * Text jobs that arrived at known times. `tokens` are what they ask for, in order; without them the fleet's own lengths, or
 * those of `requests` drawn at random.
 */
export function textJobs(
  fleet: FleetConfig,
  arrivals: ArrayLike<number>,
  origins: ArrayLike<number>,
  random: RandomStream,
  requests: TextRequests,
  tokens?: { readonly prompt: ArrayLike<number>; readonly generated: ArrayLike<number> },
): JobBatch {
  const length = arrivals.length;
  const text = { isText: new Uint8Array(length).fill(1), promptTokens: new Float64Array(length), generatedTokens: new Float64Array(length) };
  const batch = { ...arrivedJobs(fleet, arrivals, origins, random), text };
  const fixed = fleet.jobs.text;
  for (let i = 0; i < length; i++) {
    const drawn = tokens === undefined ? drawRequest(requests, random) : i;
    const from = tokens ?? { prompt: requests.promptTokens, generated: requests.generatedTokens };
    text.promptTokens[i] = fixed.promptTokens ?? from.prompt[drawn]!;
    text.generatedTokens[i] = fixed.generatedTokens ?? from.generated[drawn]!;
    setDeadline(fleet, batch, i, random);
  }
  return batch;
}

/** Draws whether a job's deadline is short, and its slack. */
function setDeadline(fleet: FleetConfig, batch: JobBatch, job: number, random: RandomStream): void {
  const { deadline } = fleet.jobs;
  const short = random.next() < deadline.shortShare;
  const low = short ? deadline.shortSlackMin : deadline.longSlackMin;
  const high = short ? deadline.shortSlackMax : deadline.longSlackMax;
  const slack = low + (high - low) * random.next();
  batch.short[job] = Number(short);
  batch.deadlineSeconds[job] = batch.arrivalSeconds[job]! + slack * nominalSecondsOf(fleet, batch, job);
}

/** Two days' jobs as one, in order of arrival. */
export function mergeJobs(a: JobBatch, b: JobBatch): JobBatch {
  const length = a.length + b.length;
  const order = Array.from({ length }, (_, i) => i);
  const of = (i: number): [JobBatch, number] => (i < a.length ? [a, i] : [b, i - a.length]);
  const arrival = (i: number): number => {
    const [batch, job] = of(i);
    return batch.arrivalSeconds[job]!;
  };
  order.sort((i, j) => arrival(i) - arrival(j) || i - j);
  const column = (value: (batch: JobBatch, job: number) => number) => (_: number, i: number) => value(...of(order[i]!));
  return {
    length,
    arrivalSeconds: new Float64Array(length).map(column((batch, job) => batch.arrivalSeconds[job]!)),
    origin: new Uint16Array(length).map(column((batch, job) => batch.origin[job]!)),
    images: new Uint16Array(length).map(column((batch, job) => batch.images[job]!)),
    deadlineSeconds: new Float64Array(length).map(column((batch, job) => batch.deadlineSeconds[job]!)),
    short: new Uint8Array(length).map(column((batch, job) => batch.short[job]!)),
    serviceFactor: new Float64Array(length).map(column((batch, job) => batch.serviceFactor[job]!)),
    text: {
      isText: new Uint8Array(length).map(column((batch, job) => batch.text?.isText[job] ?? 0)),
      promptTokens: new Float64Array(length).map(column((batch, job) => batch.text?.promptTokens[job] ?? 0)),
      generatedTokens: new Float64Array(length).map(column((batch, job) => batch.text?.generatedTokens[job] ?? 0)),
    },
  };
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
