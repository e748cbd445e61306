import type { DayRecord, DayTotals, FleetSimulator } from '../envs/index.js';
import type { SchedulingEnvironment } from './agent.js';
import type { Scheduler } from './schedulers/index.js';
import { runDay } from './schedulers/index.js';

/** What one policy did on some days. */
export interface DayResults {
  readonly totals: readonly DayTotals[];
  /** Only if asked for. */
  readonly records: readonly DayRecord[];
}

/** How days are run: with the jobs of `seed`, and recorded or not. */
export interface ResultsOptions {
  readonly seed: number;
  readonly record?: boolean;
}

/**
 * Runs a policy over days in an environment; rewards are ignored, the fleet's true accounts are returned. `act` gives the
 * action for an observation and may reuse the array.
 */
export function policyResults(
  environment: SchedulingEnvironment,
  act: (observation: Float32Array) => Float32Array,
  days: readonly string[],
  options: ResultsOptions,
): DayResults {
  const play = played(environment, days, options);
  let turn = play.next();
  while (turn.done !== true) turn = play.next(act(turn.value));
  return turn.value;
}

/** The same of a policy that takes its time to act. */
export async function awaitedResults(
  environment: SchedulingEnvironment,
  act: (observation: Float32Array) => Promise<Float32Array>,
  days: readonly string[],
  options: ResultsOptions,
): Promise<DayResults> {
  const play = played(environment, days, options);
  let turn = play.next();
  while (turn.done !== true) turn = play.next(await act(turn.value));
  return turn.value;
}

/** Gives observations and takes actions; each observation is overwritten after the next action. */
function* played(
  environment: SchedulingEnvironment,
  days: readonly string[],
  { seed, record = false }: ResultsOptions,
): Generator<Float32Array, DayResults, Float32Array> {
  const totals: DayTotals[] = [];
  const records: DayRecord[] = [];
  for (const day of days) {
    let { observation } = environment.reset({ seed, options: { day, record } });
    for (;;) {
      const step = environment.step(yield observation);
      observation = step.observation;
      if (step.info.totals === undefined) continue;
      totals.push(step.info.totals);
      if (step.info.record !== undefined) records.push(step.info.record);
      break;
    }
  }
  return { totals, records };
}

/** Runs a scheduler over days. */
export function schedulerResults(
  fleet: FleetSimulator,
  scheduler: Scheduler,
  days: readonly string[],
  { seed, record = false }: ResultsOptions,
): DayResults {
  const results = days.map((day) => runDay(fleet, scheduler, day, seed, { record }));
  return {
    totals: results.map((result) => result.totals),
    records: results.flatMap((result) => (result.record === undefined ? [] : [result.record])),
  };
}
