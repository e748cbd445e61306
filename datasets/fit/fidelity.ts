import { autocorrelation, correlation, mean, quantile, standardDeviation } from '../../src/math/statistics.js';
import { hourMs, localHour } from '../time.js';

/** What a series is compared by; `clipped` ones are of values held to their own 2nd and 98th percentile. */
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

export function portrait(values: Float64Array, firstHour: number, timeZone: string): Portrait {
  const sorted = values.slice().sort();
  const at = (p: number): number => quantile(sorted, p);
  const [low, high] = [at(0.02), at(0.98)];
  const clipped = values.map((value) => Math.min(high, Math.max(low, value)));
  const sums = new Float64Array(24);
  const counts = new Float64Array(24);
  clipped.forEach((value, i) => {
    const hour = localHour(timeZone, (firstHour + i) * hourMs);
    sums[hour]! += value;
    counts[hour]!++;
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

/** How far a generator is from a real series; 0 is perfect. */
export interface Distance {
  /** Means apart, in real (clipped) standard deviations. */
  readonly mean: number;
  /** |ratio - 1| of standard deviations. */
  readonly sd: number;
  readonly clippedSd: number;
  /** Autocorrelations apart. */
  readonly lag1: number;
  readonly lag24: number;
  readonly clippedLag1: number;
  readonly clippedLag24: number;
  /** 5 and 95 % quantiles apart, in real (clipped) standard deviations. */
  readonly q05: number;
  readonly q95: number;
  /** Root mean square of the centred hour-of-day profiles' difference, in real (clipped) standard deviations. */
  readonly profile: number;
  /** 1 - correlation of the profiles. */
  readonly profileShape: number;
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
    profileShape: 1 - correlation(a, b),
  };
}
