import type { FleetConfig } from '../../envs/index.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { GreedyScheduler } from './greedy.js';
import type { Scheduler } from './scheduler.js';
import { CheapestEnergyScheduler, LocalScheduler, RandomScheduler, RoundRobinScheduler, ShortestWaitScheduler } from './simple.js';

export { GreedyScheduler } from './greedy.js';
export { runDay } from './runDay.js';
export type { Scheduler } from './scheduler.js';
export { tuneLambda } from './tune.js';

/** Lambda of `greedy-lambda` unless it is tuned, utility units per GPU-second and 300 s of backlog. */
export const usualLambda = 0.002;

const makers = {
  random: () => new RandomScheduler(),
  local: (fleet: FleetConfig) => new LocalScheduler(fleet),
  'round-robin': (fleet: FleetConfig) => new RoundRobinScheduler(fleet),
  'shortest-wait': (fleet: FleetConfig) => new ShortestWaitScheduler(fleet),
  'cheapest-energy': (fleet: FleetConfig) => new CheapestEnergyScheduler(fleet),
  greedy: (fleet: FleetConfig) => new GreedyScheduler(fleet.sites.length, 0),
  'greedy-lambda': (fleet: FleetConfig) => new GreedyScheduler(fleet.sites.length, usualLambda),
} satisfies Record<string, (fleet: FleetConfig) => Scheduler>;

export const schedulerNames: readonly string[] = Object.keys(makers);

/** The rule-based scheduler of that name. Throws InputError for an unknown one. */
export function createScheduler(name: string, fleet: FleetConfig): Scheduler {
  if (!Object.hasOwn(makers, name)) throw new InputError(`Scheduler "${name}" is unknown.${suggest(name, schedulerNames)}`);
  return makers[name as keyof typeof makers](fleet);
}
