import { mean, median } from '../../src/math/statistics.js';
import type { Measurement } from './measurer.js';

/** The one number a measurement is judged by: the median of its times in ms; Infinity for a failure. */
export function costOf(measurement: Measurement): number {
  return measurement.ok ? median(measurement.timesMs) : Infinity;
}

/** Everything measured in a session: one entry a configuration, in the order in which they were first measured. */
export class Tally {
  readonly indices: number[] = [];
  /** Mean of the measurements of each. */
  readonly costs: number[] = [];
  /** Number of measurements of each. */
  readonly counts: number[] = [];
  private readonly entries = new Map<number, { at: number; costs: number[] }>();

  add(index: number, measurement: Measurement): void {
    let entry = this.entries.get(index);
    if (entry === undefined) {
      entry = { at: this.indices.length, costs: [] };
      this.entries.set(index, entry);
      this.indices.push(index);
    }
    entry.costs.push(costOf(measurement));
    this.costs[entry.at] = mean(entry.costs);
    this.counts[entry.at] = entry.costs.length;
  }

  /** The entry of least cost; undefined while everything failed. */
  best(): number | undefined {
    let best: number | undefined;
    for (let at = 0; at < this.costs.length; at++) {
      if (this.costs[at]! < (best === undefined ? Infinity : this.costs[best]!)) best = at;
    }
    return best;
  }

  /** Entries by rising cost, the first `count`; failures are left out. */
  leaders(count: number): number[] {
    const order = this.costs.map((_, at) => at).filter((at) => this.costs[at]! < Infinity);
    return order.sort((a, b) => this.costs[a]! - this.costs[b]!).slice(0, count);
  }
}
