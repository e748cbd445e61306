import { autocorrelation, mean, standardDeviation } from '../../src/math/statistics.js';
import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import { knownPlaces } from '../places.js';
import type { RealSeries } from '../realWorld.js';
import { Generator } from '../synthetic/generate.js';
import { shippedModel } from '../synthetic/model.js';
import { hourMs, localHour } from '../time.js';

/** What a series is compared by; `clipped` ones are of values held to their own 5th and 95th percentile. */
export interface Portrait {
  readonly mean: number;
  readonly sd: number;
  readonly clippedSd: number;
  readonly lag1: number;
  readonly lag24: number;
  readonly clippedLag1: number;
  readonly clippedLag24: number;
  readonly q05: number;
  readonly q95: number;
  /** Mean of clipped values by local hour. */
  readonly profile: Float64Array;
}

/** `localHours` says of each value at which local hour it is; see `localHoursOf`. */
export function portrait(values: Float64Array, localHours: Uint8Array): Portrait {
  const sorted = values.slice().sort();
  const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))]!;
  const [low, high] = [at(0.05), at(0.95)];
  const clipped = values.map((value) => Math.min(high, Math.max(low, value)));
  const sums = new Float64Array(24);
  const counts = new Float64Array(24);
  clipped.forEach((value, i) => {
    sums[localHours[i]!]! += value;
    counts[localHours[i]!]!++;
  });
  return {
    mean: mean(values),
    sd: standardDeviation(values),
    clippedSd: standardDeviation(clipped),
    lag1: autocorrelation(values, 1),
    lag24: autocorrelation(values, 24),
    clippedLag1: autocorrelation(clipped, 1),
    clippedLag24: autocorrelation(clipped, 24),
    q05: at(0.05),
    q95: at(0.95),
    profile: sums.map((sum, hour) => sum / counts[hour]!),
  };
}

export const localHoursOf = (timeZone: string, firstHour: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => localHour(timeZone, (firstHour + i) * hourMs));

/** Portraits of several generated windows, averaged figure by figure. */
export function meanPortrait(portraits: readonly Portrait[]): Portrait {
  const of = (figure: Exclude<keyof Portrait, 'profile'>): number => mean(portraits.map((each) => each[figure]));
  return {
    mean: of('mean'),
    sd: of('sd'),
    clippedSd: of('clippedSd'),
    lag1: of('lag1'),
    lag24: of('lag24'),
    clippedLag1: of('clippedLag1'),
    clippedLag24: of('clippedLag24'),
    q05: of('q05'),
    q95: of('q95'),
    profile: portraits[0]!.profile.map((_, hour) => mean(portraits.map((each) => each.profile[hour]!))),
  };
}

/** How far a generator is from a real series, figure by figure; 0 is perfect. */
export interface Distance {
  /** Means apart, in real standard deviations (of clipped values). */
  readonly mean: number;
  /** |ratio - 1| of standard deviations. */
  readonly sd: number;
  readonly clippedSd: number;
  /** Autocorrelations apart. */
  readonly lag1: number;
  readonly lag24: number;
  readonly clippedLag1: number;
  readonly clippedLag24: number;
  /** 5 and 95 % quantiles apart, in real standard deviations (of clipped values). */
  readonly q05: number;
  readonly q95: number;
  /** Root mean square difference of the centred hour-of-day profiles, in real standard deviations (of clipped values). */
  readonly profile: number;
}

export function distance(real: Portrait, generated: Portrait): Distance {
  const unit = real.clippedSd;
  const centred = (of: Portrait): Float64Array => of.profile.map((value) => value - mean(of.profile));
  const [a, b] = [centred(real), centred(generated)];
  return {
    mean: Math.abs(generated.mean - real.mean) / unit,
    sd: Math.abs(generated.sd / real.sd - 1),
    clippedSd: Math.abs(generated.clippedSd / real.clippedSd - 1),
    lag1: Math.abs(generated.lag1 - real.lag1),
    lag24: Math.abs(generated.lag24 - real.lag24),
    clippedLag1: Math.abs(generated.clippedLag1 - real.clippedLag1),
    clippedLag24: Math.abs(generated.clippedLag24 - real.clippedLag24),
    q05: Math.abs(generated.q05 - real.q05) / unit,
    q95: Math.abs(generated.q95 - real.q95) / unit,
    profile: Math.sqrt(mean(a.map((value, hour) => (value - b[hour]!) ** 2))) / unit,
  };
}

/**
 * What a faithful generator keeps to. Two years of prices or of carbon are one draw of a process with a memory of
 * months, so these get more room than weather. In spiky markets a handful of hours decides the standard deviation and the
 * autocorrelation of all, so these are compared on clipped values, and the plain standard deviation with more room.
 */
export const tolerances: Readonly<Record<'weather' | 'carbon' | 'price' | 'spikyPrice', Distance>> = {
  weather: { mean: 0.12, sd: 0.06, clippedSd: 0.06, lag1: 0.08, lag24: 0.08, clippedLag1: 0.08, clippedLag24: 0.08, q05: 0.15, q95: 0.15, profile: 0.06 },
  carbon: { mean: 0.2, sd: 0.08, clippedSd: 0.08, lag1: 0.04, lag24: 0.08, clippedLag1: 0.04, clippedLag24: 0.08, q05: 0.2, q95: 0.25, profile: 0.08 },
  price: { mean: 0.25, sd: 0.2, clippedSd: 0.2, lag1: 0.06, lag24: 0.12, clippedLag1: 0.06, clippedLag24: 0.12, q05: 0.25, q95: 0.55, profile: 0.1 },
  spikyPrice: { mean: 0.25, sd: 0.35, clippedSd: 0.2, lag1: Infinity, lag24: Infinity, clippedLag1: 0.08, clippedLag24: 0.12, q05: 0.25, q95: 0.55, profile: 0.1 },
};

/** The figures that exceed their tolerance, as sentences; none for a faithful generator. */
export function excesses(found: Distance, allowed: Distance): string[] {
  return (Object.keys(found) as (keyof Distance)[])
    .filter((figure) => !(found[figure] <= allowed[figure]))
    .map((figure) => `${figure} is off by ${found[figure].toPrecision(3)}, allowed ${allowed[figure]}`);
}

/** Real and generated portraits of every fitted series: generated ones over as many windows as there are seeds. */
export interface Comparison {
  readonly region: string;
  readonly quantity: Quantity;
  readonly real: Portrait;
  readonly generated: Portrait;
  readonly distance: Distance;
  readonly allowed: Distance;
}

/**
 * Compares the shipped generator with real series over the hours these cover: prices in one window per seed, the rest,
 * which varies far less from window to window, in the first third of them.
 */
export function compare(real: RealSeries['series'], seeds: readonly number[]): Comparison[] {
  const model = shippedModel();
  const series = Object.keys(model.regions).flatMap((region) =>
    quantities.map((quantity) => {
      const { firstHour, values } = real[quantity].get(region)!;
      const localHours = localHoursOf(knownPlaces[region]!.timeZone, firstHour, values.length);
      return { region, quantity, firstHour, values, localHours, windows: [] as Portrait[] };
    }),
  );
  // Seed by seed: the series of a seed share their noise.
  for (const [i, seed] of seeds.entries()) {
    const generator = new Generator(model, seed);
    for (const { region, quantity, firstHour, values, localHours, windows } of series) {
      if (quantity !== 'price' && i >= seeds.length / 3) continue;
      windows.push(portrait(generator.hours(region, quantity, firstHour, values.length), localHours));
    }
  }
  return series.map(({ region, quantity, values, localHours, windows }) => {
    const ofReal = portrait(values, localHours);
    const generated = meanPortrait(windows);
    const spiky = model.regions[region]![quantity].spikes !== undefined;
    const allowed = tolerances[quantity === 'carbon' ? 'carbon' : quantity !== 'price' ? 'weather' : spiky ? 'spikyPrice' : 'price'];
    return { region, quantity, real: ofReal, generated, distance: distance(ofReal, generated), allowed };
  });
}
