import type { Decision, FleetSimulator } from '../../envs/index.js';

/** Decides jobs one by one, from what the fleet looks like when each arrives. */
export interface Scheduler {
  readonly name: string;
  /** Called before each day; a scheduler's own randomness restarts from `seed`. */
  reset(seed: number): void;
  /** Where `job` (the next one) goes and with how many steps. The object returned is reused by the next call. */
  decide(job: number, fleet: FleetSimulator): Decision;
  /** Prices of GPU time that it decided by last, utility units per GPU-second; only of schedulers that have any. */
  readonly lambda?: ArrayLike<number>;
}
