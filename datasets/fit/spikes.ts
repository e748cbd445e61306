import { mean, standardDeviation } from '../../src/math/statistics.js';
import type { HourlySeries } from '../hourly.js';
import { calendarHour } from '../synthetic/calendar.js';
import type { SpikeModel } from '../synthetic/model.js';
import { componentAutocorrelations } from '../synthetic/model.js';
import { normalProbability, normalQuantile } from '../synthetic/normal.js';
import { simplexFit } from './linear.js';

const rate = 0.01;
const lags = [1, 2, 3, 4, 5, 6, 8, 12, 18, 24, 36, 48, 72, 96, 168, 336, 720];
const fractions = [0, 0.0125, 0.025, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** A market is spiky if capping its prices at their 99th percentile takes away this share of their variance, or more. */
const spikyShare = 0.3;

/** Fits spikes, the hours whose price exceeds its 99th percentile; undefined for a market that is not spiky. */
export function fitSpikes(series: HourlySeries, timeZone: string): SpikeModel | undefined {
  const falling = series.values.slice().sort().reverse();
  const spikes = Math.round(rate * falling.length);
  const cap = falling[spikes]!;
  const kept = standardDeviation(series.values.map((price) => Math.min(price, cap))) / standardDeviation(series.values);
  if (kept ** 2 > 1 - spikyShare) return undefined;
  const is = Uint8Array.from(series.values, (price) => (price > cap ? 1 : 0));
  const calendar = Array.from(is, (_, i) => calendarHour(timeZone, series.firstHour + i));
  const byHour = relativeRate(is, calendar.map(({ localHour }) => localHour), 24);
  const byMonth = relativeRate(is, calendar.map(({ month }) => month), 12);
  const product = calendar.map(({ localHour, month }) => byHour[localHour]! * byMonth[month]!);
  const norm = mean(product);
  const expected = Float64Array.from(product, (value) => (rate * value) / norm);
  const weighted = mean(expected.map((value) => value * value)) / rate;
  const target = lags.map((lag) => {
    let both = 0;
    let chance = 0;
    for (let i = 0; i + lag < is.length; i++) {
      both += is[i]! * is[i + lag]!;
      chance += expected[i]! * expected[i + lag]!;
    }
    return latentCorrelation(both / chance, weighted);
  });
  const columns = componentAutocorrelations(0).map((_, k) => lags.map((lag) => componentAutocorrelations(lag)[k]!));
  return {
    cap,
    rate: rate / norm,
    byHour,
    byMonth,
    shares: simplexFit(columns, target, lags.map((lag) => (lag <= 3 || lag === 24 ? 4 : 1))),
    fractions,
    excess: fractions.map((fraction) => falling[Math.round(fraction * (spikes - 1))]! - cap),
  };
}

/** Share of marked hours in each class over the share in all, smoothed over neighbours (classes go round). */
function relativeRate(is: Uint8Array, of: readonly number[], classes: number): number[] {
  const counts = new Float64Array(classes);
  const totals = new Float64Array(classes);
  of.forEach((index, i) => {
    counts[index]! += is[i]!;
    totals[index]!++;
  });
  const overall = mean(is);
  const raw = Array.from(counts, (count, i) => count / totals[i]! / overall);
  return raw.map((value, i) => 0.05 + 0.95 * (0.5 * value + 0.25 * raw[(i + 1) % classes]! + 0.25 * raw[(i + classes - 1) % classes]!));
}

/** The correlation of two standard normals that makes joint exceedances `lift` times as frequent as by chance. */
function latentCorrelation(lift: number, probability: number): number {
  let low = 0;
  let high = 0.999;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (jointExceedance(probability, middle) / probability ** 2 < lift) low = middle;
    else high = middle;
  }
  return low;
}

/** P(X > c and Y > c) for standard normals of a correlation, each exceeding c with the given probability. */
function jointExceedance(probability: number, correlation: number): number {
  const c = normalQuantile(1 - probability);
  const steps = 200;
  const width = 6 / steps;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const x = c + (i + 0.5) * width;
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    sum += density * normalProbability((correlation * x - c) / Math.sqrt(1 - correlation * correlation)) * width;
  }
  return sum;
}
