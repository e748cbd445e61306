import { mean, median } from '../../../src/math/statistics.js';
import type { Measurement } from './measurer.js';

/** The one number a measurement is judged by: the median of its costs; Infinity for a failure. */
export function costOf(measurement: Measurement): number {
  return measurement.ok ? median(measurement.costs) : Infinity;
}

/** Relative noise assumed before there are repeats, which counts as much as so many of them. */
const assumed = { deviation: 0.01, repeats: 2 };
/** Standard errors by which a cost is doubted. */
const doubt = 2;
/** Measurements after which a configuration is not measured again. */
const enough = 8;

/** Everything measured in a session: one entry a configuration, in the order in which they were first measured. */
export class Tally {
  readonly indices: number[] = [];
  /** Mean of the measurements of each. */
  readonly costs: number[] = [];
  /** Number of measurements of each. */
  readonly counts: number[] = [];
  readonly #entries = new Map<number, { at: number; costs: number[] }>();
  /** Sum over the entries of the squared relative deviations from the entry's mean, and its degrees of freedom. */
  #squares = 0;
  #repeats = 0;

  add(index: number, measurement: Measurement): void {
    let entry = this.#entries.get(index);
    if (entry === undefined) {
      entry = { at: this.indices.length, costs: [] };
      this.#entries.set(index, entry);
      this.indices.push(index);
    } else {
      this.#repeats++;
    }
    this.#squares -= squaredDeviations(entry.costs);
    entry.costs.push(costOf(measurement));
    this.#squares += squaredDeviations(entry.costs);
    this.costs[entry.at] = mean(entry.costs);
    this.counts[entry.at] = entry.costs.length;
  }

  /** Relative standard deviation of one measurement, pooled over the entries. */
  get #noise(): number {
    return Math.sqrt((Math.max(0, this.#squares) + assumed.repeats * assumed.deviation ** 2) / (this.#repeats + assumed.repeats));
  }

  /** An entry's cost if it is better (-1) or worse (1) than it looks by two standard errors. */
  #bound(at: number, side: -1 | 1, noise: number): number {
    return this.costs[at]! * (1 + (side * doubt * noise) / Math.sqrt(this.counts[at]!));
  }

  /**
   * The entry of least cost; undefined while everything failed. Once entries have been measured again, the one whose upper
   * bound is least: a good mean of several measurements beats a lucky single one.
   */
  best(): number | undefined {
    const noise = this.#repeats === 0 ? 0 : this.#noise;
    let best: number | undefined;
    let least = Infinity;
    for (let at = 0; at < this.costs.length; at++) {
      const upper = this.#bound(at, 1, noise);
      if (upper < least) [best, least] = [at, upper];
    }
    return best;
  }

  /**
   * The best entry and those that could prove better, because their lower bound is below its upper one (after LUCB,
   * Kalyanakrishnan et al. 2012): the `count` of least cost among those not yet measured eight times. None while the best
   * one has no rival.
   */
  contenders(count: number): number[] {
    const best = this.best();
    if (best === undefined) return [];
    const noise = this.#noise;
    const upper = this.#bound(best, 1, noise);
    const rivals = this.costs.map((_, at) => at).filter((at) => this.#bound(at, -1, noise) < upper);
    if (rivals.length < 2) return [];
    return rivals
      .filter((at) => this.counts[at]! < enough)
      .sort((a, b) => this.costs[a]! - this.costs[b]!)
      .slice(0, count);
  }
}

function squaredDeviations(costs: readonly number[]): number {
  const centre = mean(costs);
  return Number.isFinite(centre) ? costs.reduce((sum, cost) => sum + (cost / centre - 1) ** 2, 0) : 0;
}

/** Performance relative to the best: 1 for the fastest, 0 for a failure. */
export function performanceOf(costs: readonly number[]): Float64Array {
  const best = costs.reduce((least, cost) => Math.min(least, cost), Infinity);
  return Float64Array.from(costs, (cost) => (cost === Infinity ? 0 : best / cost));
}
