import type { SiteConfig } from '../../envs/index.js';
import { coolingRatio, dynamicPowerShare, itPowerFactor, slowdown } from '../../envs/index.js';

/** Intervals into which ranges of clocks and supply temperatures are cut; fine enough that rounding them costs nothing. */
const intervals = 2000;
const coolingIntervals = 50;
/** Clocks at which the energy of work is bounded tightly. */
const tangents = 8;

/**
 * A lower limit of the dynamic energy of work, whatever the clocks: `energy >= kwPerGpu x work - idleWorth x time`, with
 * energy in kWh, work in GPU-hours at full clock and time in GPU-hours available.
 */
export interface EnergyLine {
  readonly kwPerGpu: number;
  readonly idleWorth: number;
}

/**
 * Lines below the dynamic energy that a site needs for its work. An hour of work at full clock takes s(f) hours and
 * E(f) = s(f) x power(f) kWh at clock f. For a worth w >= 0 of time, E + w s >= min over clocks of (E + w s) = h, so
 * jobs at any mix of clocks need `h x work - w x time`. The minimum is taken over intervals of f at their better ends:
 * s falls with f and E rises.
 */
export function energyLines({ clock, powerKw, idleShare }: SiteConfig['gpus']): EnergyLine[] {
  const fullKw = powerKw * (1 - idleShare);
  const at = (step: number, steps: number): { time: number; energy: number } => {
    const share = clock.minShare + ((1 - clock.minShare) * step) / steps;
    const time = slowdown(share, clock);
    return { time, energy: time * fullKw * dynamicPowerShare(share, clock) };
  };
  const fine = Array.from({ length: intervals + 1 }, (_, i) => at(i, intervals));
  const worths = new Set([0]);
  for (let i = 0; i < tangents; i++) {
    const [low, high] = [at(i, tangents), at(i + 1, tangents)];
    const saved = low.time - high.time;
    const worth = (high.energy - low.energy) / saved;
    // Where a faster clock hardly saves time, the quotient is rounding; a tangent less still leaves a bound.
    if (saved > 1e-9 * low.time && worth > 0) worths.add(worth);
  }
  return [...worths].map((idleWorth) => {
    let kwPerGpu = Infinity;
    for (let i = 0; i < intervals; i++) kwPerGpu = Math.min(kwPerGpu, fine[i]!.energy + idleWorth * fine[i + 1]!.time);
    return { kwPerGpu, idleWorth };
  });
}

/**
 * Least and most power, cooling included, per power of IT at 25 degrees Celsius that a site can have at an outdoor
 * temperature: at its set supply temperature, or over its whole range if a policy may choose it. Over small intervals
 * of supply temperature both factors are taken at the end that suits; the chiller's share falls with it.
 */
export function loadFactors(cooling: SiteConfig['cooling'], outdoorCelsius: number, choosesSupply: boolean): [least: number, most: number] {
  const { supplyCelsius, supplyMinCelsius, supplyMaxCelsius } = cooling;
  const [from, to] = choosesSupply ? [supplyMinCelsius, supplyMaxCelsius] : [supplyCelsius, supplyCelsius];
  const steps = from === to ? 1 : coolingIntervals;
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < steps; i++) {
    const ends = [i, i + 1].map((step) => from + ((to - from) * step) / steps);
    for (const a of ends) {
      for (const b of ends) {
        const factor = itPowerFactor(a, cooling) * (1 + coolingRatio(b, outdoorCelsius, cooling));
        least = Math.min(least, factor);
        most = Math.max(most, factor);
      }
    }
  }
  return [least, most];
}
