import type { DayResults, ResultsOptions } from '../../agents/index.js';
import { schedulerResults } from '../../agents/index.js';
import type { Scheduler } from '../../agents/schedulers/index.js';
import { createPlanner, createScheduler, greedyScheduler, plannerNames, tuneLambda } from '../../agents/schedulers/index.js';
import type { Setting } from './setting.js';

/** Runs a rule-based scheduler over the same days and jobs. */
export function evaluateScheduler(
  setting: Setting,
  scheduler: Scheduler,
  days: readonly string[],
  options: ResultsOptions,
): DayResults {
  return schedulerResults(setting.simulator(), scheduler, days, options);
}

/** A scheduler by name, or by the module of one's own for which the setting was loaded; `greedy-lambda-tuned` has its lambda tuned on the validation days. */
export function schedulerFor(setting: Setting, name: string): Scheduler {
  const own = setting.own.get(name);
  if (own !== undefined) return own(setting.config.fleet);
  if (plannerNames.includes(name)) {
    if (setting.highs === undefined) throw new Error(`The setting was not loaded for scheduler ${name}, which needs a solver.`);
    return createPlanner(name, setting.highs);
  }
  if (name !== tunedName) return createScheduler(name, setting.config.fleet, setting.rule);
  const { lambda } = tuneLambda(setting.simulator(), setting.days.validation, setting.config.evaluation.seed);
  return greedyScheduler(setting.config.fleet.sites.length, lambda);
}

export const tunedName = 'greedy-lambda-tuned';
