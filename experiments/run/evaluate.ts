import type { ActionHead } from '../../agents/index.js';
import type { Scheduler } from '../../agents/schedulers/index.js';
import { createPlanner, createScheduler, GreedyScheduler, plannerNames, runDay, tuneLambda } from '../../agents/schedulers/index.js';
import type { DayRecord, DayTotals } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import type { SchedulingEnvironment, Setting } from './setting.js';

/** What one policy did on some days. */
export interface DayResults {
  readonly totals: readonly DayTotals[];
  /** Only if asked for. */
  readonly records: readonly DayRecord[];
}

/** From an observation to the actor's raw output. */
export type Infer = (observation: Float32Array, raw: Float32Array) => void;

/** Runs a policy greedily over days, with the jobs of `seed`; rewards are ignored, the fleet's true accounts are returned. */
export function evaluatePolicy(
  environment: SchedulingEnvironment,
  infer: Infer,
  head: ActionHead,
  days: readonly string[],
  seed: number,
  { record = false } = {},
): DayResults {
  const raw = new Float32Array(head.rawSize);
  const action = new Float32Array(head.size);
  const unused = randomStream(0, 'greedy');
  const totals: DayTotals[] = [];
  const records: DayRecord[] = [];
  for (const day of days) {
    let { observation } = environment.reset({ seed, options: { day, record } });
    for (;;) {
      infer(observation, raw);
      head.act(raw, action, null, unused);
      const step = environment.step(action);
      observation = step.observation;
      if (step.info.totals === undefined) continue;
      totals.push(step.info.totals);
      if (step.info.record !== undefined) records.push(step.info.record);
      break;
    }
  }
  return { totals, records };
}

/** Runs a rule-based scheduler over the same days and jobs. */
export function evaluateScheduler(
  setting: Setting,
  scheduler: Scheduler,
  days: readonly string[],
  seed: number,
  { record = false } = {},
): DayResults {
  const fleet = setting.simulator();
  const results = days.map((day) => runDay(fleet, scheduler, day, seed, { record }));
  return {
    totals: results.map((result) => result.totals),
    records: results.flatMap((result) => (result.record === undefined ? [] : [result.record])),
  };
}

/** A scheduler by name; `greedy-lambda-tuned` has its lambda tuned on the validation days. */
export function schedulerFor(setting: Setting, name: string): Scheduler {
  if (plannerNames.includes(name)) {
    if (setting.highs === undefined) throw new Error(`The setting was not loaded for scheduler ${name}, which needs a solver.`);
    return createPlanner(name, setting.highs);
  }
  if (name !== tunedName) return createScheduler(name, setting.config.fleet);
  const { lambda } = tuneLambda(setting.simulator(), setting.days.validation, setting.config.evaluation.seed);
  return new GreedyScheduler(setting.config.fleet.sites.length, lambda);
}

export const tunedName = 'greedy-lambda-tuned';
