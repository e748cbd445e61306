/** Loads at which the cost of a slot is tabulated, evenly from none to all GPUs at full power; linear in between. */
export const tabulatedLoads = 49;

/** What GPU energy costs by site and slot, utility units, up to a constant of each slot. */
export class CostTable {
  readonly #slots: number;
  readonly #costs: Float64Array;
  readonly #stepKwh: Float64Array;
  readonly #pastPerKwh: Float64Array;

  /**
   * `costs`: by site, slot and load; `stepKwh`: of each site, from one load to the next; `pastPerKwh`: of each site, for all
   * time after the day.
   */
  constructor(slots: number, costs: Float64Array, stepKwh: Float64Array, pastPerKwh: Float64Array) {
    this.#slots = slots;
    this.#costs = costs;
    this.#stepKwh = stepKwh;
    this.#pastPerKwh = pastPerKwh;
  }

  /** What `kwh` above idle cost in a slot; the slot after the last stands for all time after the day. */
  cost(site: number, slot: number, kwh: number): number {
    if (slot === this.#slots) return this.#pastPerKwh[site]! * kwh;
    const step = this.#stepKwh[site]!;
    // GPUs that draw as much when they idle.
    if (step === 0) return 0;
    const place = kwh / step;
    const index = Math.max(0, Math.min(tabulatedLoads - 2, Math.floor(place)));
    const at = (site * this.#slots + slot) * tabulatedLoads + index;
    const low = this.#costs[at]!;
    return low + (place - index) * (this.#costs[at + 1]! - low);
  }
}
