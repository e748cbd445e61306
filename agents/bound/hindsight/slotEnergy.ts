import type { CostTable } from './costTable.js';

/** GPU energy above idle by site and slot, and a change of it that is being weighed. */
export class SlotEnergy {
  /** kWh by site (row) and slot; each row's last bin is what runs past the day. */
  readonly kwh: Float64Array;
  readonly #bins: number;
  readonly #slotSeconds: number;
  /** What is being weighed, and from which bin of each site to which. */
  readonly #change: Float64Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(sites: number, slots: number, slotSeconds: number) {
    this.#bins = slots + 1;
    this.#slotSeconds = slotSeconds;
    this.kwh = new Float64Array(sites * this.#bins);
    this.#change = new Float64Array(sites * this.#bins);
    this.#first = new Int32Array(sites).fill(this.#bins);
    this.#last = new Int32Array(sites).fill(-1);
  }

  /** Adds `kw` from a time to another to the change; takes it away where that is earlier. Seconds since the day's start. */
  shift(site: number, from: number, to: number, kw: number): void {
    if (to === from) return;
    const most = this.#bins - 1;
    const early = Math.min(most, Math.floor(Math.min(from, to) / this.#slotSeconds));
    const late = Math.min(most, Math.floor(Math.max(from, to) / this.#slotSeconds));
    if (early < this.#first[site]!) this.#first[site] = early;
    if (late > this.#last[site]!) this.#last[site] = late;
    if (early === late) {
      const i = site * this.#bins + early;
      this.#change[i] = this.#change[i]! + ((to - from) * kw) / 3600;
    } else if (to > from) this.#spread(site, from, to, kw);
    else this.#spread(site, to, from, -kw);
  }

  #spread(site: number, start: number, end: number, kw: number): void {
    const slotSeconds = this.#slotSeconds;
    const row = site * this.#bins;
    const most = this.#bins - 1;
    let slot = Math.floor(start / slotSeconds);
    for (let from = start; from < end; slot++) {
      const to = slot < most ? Math.min(end, (slot + 1) * slotSeconds) : end;
      const i = row + Math.min(slot, most);
      this.#change[i] = this.#change[i]! + ((to - from) * kw) / 3600;
      from = to;
    }
  }

  /** What the change at a site costs, utility units. */
  costOfChange(site: number, costs: CostTable): number {
    const row = site * this.#bins;
    let sum = 0;
    for (let slot = this.#first[site]!; slot <= this.#last[site]!; slot++) {
      const change = this.#change[row + slot]!;
      if (change === 0) continue;
      const kwh = this.kwh[row + slot]!;
      sum += costs.cost(site, slot, kwh + change) - costs.cost(site, slot, kwh);
    }
    return sum;
  }

  /** Makes the change at a site true, or not, and begins another. */
  close(site: number, made: boolean): void {
    const row = site * this.#bins;
    for (let slot = this.#first[site]!; slot <= this.#last[site]!; slot++) {
      if (made) this.kwh[row + slot] = this.kwh[row + slot]! + this.#change[row + slot]!;
      this.#change[row + slot] = 0;
    }
    this.#first[site] = this.#bins;
    this.#last[site] = -1;
  }
}
