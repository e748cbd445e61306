import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { DayTotals } from '../../envs/index.js';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { readJson, readText, writeAtomic } from '../../src/io/files.js';
import type { Lock } from '../../src/io/lock.js';
import { mean } from '../../src/math/statistics.js';
import { dayBounds, meanBracket } from '../run/bounds.js';
import { dayByDay } from '../run/dayByDay.js';
import { evaluateScheduler, schedulerFor } from '../run/evaluate.js';
import type { RunFolder, RunSummary } from '../run/runFolder.js';
import { openRun, runFolder, withRunLock, writeSummary } from '../run/runFolder.js';
import type { Setting } from '../run/setting.js';
import { loadSetting } from '../run/setting.js';
import type { Evaluation } from '../run/summarise.js';
import { summarise } from '../run/summarise.js';
import { trainRun } from '../run/train.js';
import type { RunSpec } from './spec.js';
import { runId } from './spec.js';
import { summaryOf } from './summary.js';

/** `summary.json` of a rule-based scheduler: its test days, together and one by one. */
export interface SchedulerSummary {
  readonly scheduler: string;
  readonly test: Evaluation;
  /** Account of each of `test.days`. */
  readonly totals: readonly DayTotals[];
}

/**
 * `summary.json` of a bound: on each of the test days the utility that no policy can exceed and what a search in hindsight
 * reaches, and their means; null where the search does not know the fleet.
 */
export interface BoundSummary {
  readonly days: readonly { readonly day: string; readonly bound: number; readonly hindsight: number | null }[];
  readonly mean: number;
  readonly meanHindsight: number | null;
}

export type SummaryOf<K extends RunSpec['kind']> = { train: RunSummary; scheduler: SchedulerSummary; bound: BoundSummary }[K];

export interface RunOptions {
  /** Called with the share of the run that is done, 0 to 1, and what to show beside it. */
  readonly progress?: ((share: number, note?: string) => void) | undefined;
  /** Once aborted, the run stops where it can be taken up again, and `runSpec` throws Interrupted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a spec to its end in a folder and returns its summary, which it leaves there as `summary.json` (written last and
 * in one piece: with it the run is finished, without it it is not). A finished run is not run again; one that was
 * killed goes on from its checkpoint and ends with the same bytes. Throws InputError for a setting that is not valid, a
 * folder that holds another run or that another process writes; Interrupted if told to stop.
 */
export function runSpec<S extends RunSpec>(spec: S, path: string, options: RunOptions = {}): Promise<SummaryOf<S['kind']>> {
  const folder = runFolder(path);
  return withRunLock(folder, async (lock) => {
    claim(spec, folder);
    const found = summaryOf<S['kind']>({ spec, folder: path });
    if (found !== null) return found;
    const summary = (await runners[spec.kind](spec as never, { folder, lock, ...options })) as SummaryOf<S['kind']>;
    writeSummary(folder, summary);
    return summary;
  });
}

interface RunnerContext extends RunOptions {
  readonly folder: RunFolder;
  readonly lock: Lock;
}

const runners: { [K in RunSpec['kind']]: (spec: Extract<RunSpec, { kind: K }>, context: RunnerContext) => Promise<SummaryOf<K>> } = {
  train: async ({ config }, { folder, lock, progress, signal }) => {
    const setting = await loadSetting(config);
    return trainRun(folder, setting, {
      resume: existsSync(folder.checkpoint),
      progress: { update: (step, note) => progress?.(step / config.steps, note), stop: () => undefined },
      lock,
      signal,
    });
  },
  scheduler: async ({ config, scheduler: name }, context) => {
    const setting = await loadSetting(config, { schedulers: [name] });
    const { test } = setting.days;
    const scheduler = schedulerFor(setting, name);
    const totals = await testDays(setting, context, (day) => evaluateScheduler(setting, scheduler, [day], { seed: config.evaluation.seed }).totals[0]!);
    return { scheduler: name, test: summarise(test, totals), totals };
  },
  bound: async ({ config }, context) => {
    const setting = await loadSetting(config);
    const days = await testDays(setting, context, async (day) => {
      const [found] = await dayBounds(setting, [day], config.evaluation.seed, { hindsight: false });
      return { day, bound: found!.bound, hindsight: found!.hindsight };
    });
    return { days, mean: mean(days.map((day) => day.bound)), meanHindsight: meanBracket(days).hindsight };
  },
};

/** Works through the test days, and says how far it is. */
const testDays = <T>({ days: { test } }: Setting, { progress, signal }: RunOptions, work: (day: string) => T | Promise<T>): Promise<T[]> =>
  dayByDay(test, work, { signal, onDay: (done, day) => progress?.(done / test.length, day) });

/** Says in the folder whose it is: `config.yaml`, and `spec.json` with what else the spec says. */
function claim(spec: RunSpec, folder: RunFolder): void {
  const { config, ...rest } = spec;
  const id = runId(spec);
  const text = stringify(config);
  if (existsSync(folder.spec)) {
    const { id: found } = validate(z.looseObject({ id: z.string() }), readJson(folder.spec), folder.spec);
    if (found !== id) throw new InputError(`${folder.path} holds another run: ${found.slice(0, 8)}, not ${id.slice(0, 8)}.`);
  }
  if (existsSync(folder.config) && readText(folder.config) !== text && runId({ ...spec, config: openRun(folder.path).config }) !== id) {
    throw new InputError(`${folder.config} is not the configuration of run ${id.slice(0, 8)}; it was edited, or is another run's.`);
  }
  if (!existsSync(folder.config)) writeAtomic(folder.config, text);
  if (!existsSync(folder.spec)) writeAtomic(folder.spec, `${JSON.stringify({ id, ...rest }, null, 2)}\n`);
}
