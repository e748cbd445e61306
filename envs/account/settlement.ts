import type { SlotAccount } from './slotAccount.js';

/**
 * When and how the work of a slot is paid, in utility units. A job's credit is revenue - penalty - transfer - marginal
 * energy cost at dispatch; the residual is what the meters add to that (idle power, batteries, price changes).
 *
 * - `job`: the credits of the jobs dispatched in the slot.
 * - `slot`: those and the slot's residual. Summed over a day this is the day's utility exactly (queues not carried).
 * - `completion`: the credits of the jobs completed in the slot, and the residual; the same sum over a day.
 * - `sparse`: the credits of the slot's jobs, or nothing if any of them is late. Where the meters are paid too, such a slot
 *   pays what its jobs' energy costs, which the residual leaves out.
 */
export const settlements = ['job', 'slot', 'completion', 'sparse'] as const;
export type Settlement = (typeof settlements)[number];

/** What a settled slot pays; `metered` adds the residual to the settlements that leave it out. */
export function slotReward({ credit, energyCost, residual, completedCredit, late }: SlotAccount, settlement: Settlement, metered: boolean): number {
  if (settlement === 'slot') return credit + residual;
  if (settlement === 'completion') return completedCredit + residual;
  const failed = settlement === 'sparse' && late > 0;
  if (!metered) return failed ? 0 : credit;
  return residual + (failed ? -energyCost : credit);
}
