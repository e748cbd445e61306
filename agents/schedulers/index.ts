import type { Highs } from 'highs';
import type { FleetConfig, PriceCoefficients } from '../../envs/index.js';
import { defaultPrices } from '../../envs/index.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { forecastKinds } from '../mpc/forecast.js';
import { MpcScheduler } from '../mpc/mpc.js';
import { greedyScheduler, RuleScheduler } from './rule.js';
import type { Scheduler } from './scheduler.js';
import { CheapestEnergyScheduler, LocalScheduler, RandomScheduler, RoundRobinScheduler, ShortestWaitScheduler } from './simple.js';

export { greedyScheduler, RuleScheduler } from './rule.js';
export { runDay } from './runDay.js';
export type { Scheduler } from './scheduler.js';
export { tuneLambda, tunePrices, usualLateShare } from './tune.js';
export type { TunedPrices } from './tune.js';

/** Lambda of `greedy-lambda` unless it is tuned, utility units per GPU-second and 300 s of backlog. */
export const usualLambda = 0.002;

const makers = {
  random: () => new RandomScheduler(),
  local: () => new LocalScheduler(),
  'round-robin': () => new RoundRobinScheduler(),
  'shortest-wait': () => new ShortestWaitScheduler(),
  'cheapest-energy': () => new CheapestEnergyScheduler(),
  greedy: (fleet: FleetConfig) => greedyScheduler(fleet.sites.length, 0),
  'greedy-lambda': (fleet: FleetConfig) => greedyScheduler(fleet.sites.length, usualLambda),
  prices: (fleet: FleetConfig, rule: PriceCoefficients) => new RuleScheduler('prices', fleet.sites.length, rule),
} satisfies Record<string, (fleet: FleetConfig, rule: PriceCoefficients) => Scheduler>;

export const schedulerNames: readonly string[] = Object.keys(makers);

/** Schedulers that plan with a linear program: model predictive ones, by their forecast. */
export const plannerNames: readonly string[] = forecastKinds.map((kind) => `mpc-${kind}`);

/** The rule-based scheduler of that name; `prices` goes by the rule. Throws InputError for an unknown name. */
export function createScheduler(name: string, fleet: FleetConfig, rule: PriceCoefficients = defaultPrices): Scheduler {
  if (!Object.hasOwn(makers, name)) throw new InputError(`Scheduler "${name}" is unknown.${suggest(name, schedulerNames)}`);
  return makers[name as keyof typeof makers](fleet, rule);
}

/** The planner of that name, on a loaded solver. Throws InputError for an unknown one. */
export function createPlanner(name: string, highs: Highs): Scheduler {
  const kind = forecastKinds[plannerNames.indexOf(name)];
  if (kind === undefined) throw new InputError(`Planner "${name}" is unknown.${suggest(name, plannerNames)}`);
  return new MpcScheduler(kind, highs);
}
