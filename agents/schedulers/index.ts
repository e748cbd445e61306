import type { Highs } from 'highs';
import type { FleetConfig } from '../../envs/index.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { forecastKinds } from '../mpc/forecast.js';
import { MpcScheduler } from '../mpc/mpc.js';
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
  local: () => new LocalScheduler(),
  'round-robin': () => new RoundRobinScheduler(),
  'shortest-wait': () => new ShortestWaitScheduler(),
  'cheapest-energy': () => new CheapestEnergyScheduler(),
  greedy: (fleet: FleetConfig) => new GreedyScheduler(fleet.sites.length, 0),
  'greedy-lambda': (fleet: FleetConfig) => new GreedyScheduler(fleet.sites.length, usualLambda),
} satisfies Record<string, (fleet: FleetConfig) => Scheduler>;

export const schedulerNames: readonly string[] = Object.keys(makers);

/** Schedulers that plan with a linear program: model predictive ones, by their forecast. */
export const plannerNames: readonly string[] = forecastKinds.map((kind) => `mpc-${kind}`);

/** The rule-based scheduler of that name. Throws InputError for an unknown one. */
export function createScheduler(name: string, fleet: FleetConfig): Scheduler {
  if (!Object.hasOwn(makers, name)) throw new InputError(`Scheduler "${name}" is unknown.${suggest(name, schedulerNames)}`);
  return makers[name as keyof typeof makers](fleet);
}

/** The planner of that name, on a loaded solver. Throws InputError for an unknown one. */
export function createPlanner(name: string, highs: Highs): Scheduler {
  const kind = forecastKinds[plannerNames.indexOf(name)];
  if (kind === undefined) throw new InputError(`Planner "${name}" is unknown.${suggest(name, plannerNames)}`);
  return new MpcScheduler(kind, highs);
}
