/** What became of one slot, in utility units: final once `FleetSimulator.settleSlot` has returned it, growing before. */
export interface SlotAccount {
  readonly slot: number;
  /** Jobs dispatched in the slot, and those of them that will be late. */
  readonly jobs: number;
  readonly late: number;
  /** What its jobs were credited at dispatch: revenue - penalty - transfer - marginal energy cost. */
  readonly credit: number;
  /** What of that was charged for energy. */
  readonly energyCost: number;
  /**
   * The part of the metered energy cost that was not charged to jobs at dispatch, with its sign turned: idle power, price
   * changes, batteries.
   */
  readonly residual: number;
  /** Credits of the jobs that complete in the slot; what completes after the day counts in its last slot. */
  readonly completedCredit: number;
  /** When all jobs dispatched in the slot are done with, s since the day's start; 0 without any. */
  readonly doneSeconds: number;
}

/** The accounts of a day's slots, as columns with one value per slot. */
export class SlotColumns {
  readonly jobs: Int32Array;
  readonly late: Int32Array;
  /** Jobs known in a slot to be late: at dispatch, or with `executionNoise` once their deadline has passed. */
  readonly lateSeen: Int32Array;
  readonly credit: Float64Array;
  readonly energyCost: Float64Array;
  readonly residual: Float64Array;
  readonly completedCredit: Float64Array;
  readonly doneSeconds: Float64Array;

  constructor(slots: number) {
    this.jobs = new Int32Array(slots);
    this.late = new Int32Array(slots);
    this.lateSeen = new Int32Array(slots);
    this.credit = new Float64Array(slots);
    this.energyCost = new Float64Array(slots);
    this.residual = new Float64Array(slots);
    this.completedCredit = new Float64Array(slots);
    this.doneSeconds = new Float64Array(slots);
  }

  clear(): void {
    for (const column of [this.jobs, this.late, this.lateSeen, this.credit, this.energyCost, this.residual, this.completedCredit, this.doneSeconds]) column.fill(0);
  }

  /** Each slot's account, as these columns have it. */
  accounts(): SlotAccount[] {
    return Array.from(this.jobs, (_, slot) => new ColumnsAccount(this, slot));
  }
}

class ColumnsAccount implements SlotAccount {
  readonly #columns: SlotColumns;

  constructor(
    columns: SlotColumns,
    readonly slot: number,
  ) {
    this.#columns = columns;
  }

  get jobs(): number {
    return this.#columns.jobs[this.slot]!;
  }

  get late(): number {
    return this.#columns.late[this.slot]!;
  }

  get credit(): number {
    return this.#columns.credit[this.slot]!;
  }

  get energyCost(): number {
    return this.#columns.energyCost[this.slot]!;
  }

  get residual(): number {
    return this.#columns.residual[this.slot]!;
  }

  get completedCredit(): number {
    return this.#columns.completedCredit[this.slot]!;
  }

  get doneSeconds(): number {
    return this.#columns.doneSeconds[this.slot]!;
  }
}
