/**
 * What became of one slot, in utility units. It grows while its jobs are dispatched and, for what completes in it, before;
 * once `FleetSimulator.settleSlot` has returned it, only `completedCredit` of the day's last slot still does.
 */
export interface SlotAccount {
  readonly slot: number;
  /** Jobs dispatched in the slot, and those of them that will be late. */
  jobs: number;
  late: number;
  /** What its jobs were credited at dispatch: revenue - penalty - transfer - marginal energy cost. */
  credit: number;
  /**
   * The part of the metered energy cost that was not charged to jobs at dispatch, with its sign turned: idle power, price
   * changes, batteries.
   */
  residual: number;
  /** Credits of the jobs that complete in the slot; what completes after the day counts in its last slot. */
  completedCredit: number;
  /** When all jobs dispatched in the slot are done with, s since the day's start; 0 without any. */
  doneSeconds: number;
  /** Jobs known in this slot to be late: at dispatch, or with `executionNoise` once their deadline has passed. */
  lateSeen: number;
}

export const emptySlots = (slots: number): SlotAccount[] =>
  Array.from({ length: slots }, (_, slot) => ({ slot, jobs: 0, late: 0, credit: 0, residual: 0, completedCredit: 0, doneSeconds: 0, lateSeen: 0 }));

export function clearSlots(accounts: readonly SlotAccount[]): void {
  for (const account of accounts) {
    account.jobs = 0;
    account.late = 0;
    account.credit = 0;
    account.residual = 0;
    account.completedCredit = 0;
    account.doneSeconds = 0;
    account.lateSeen = 0;
  }
}
