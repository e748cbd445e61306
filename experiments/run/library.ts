import type { Scheduler } from '../../agents/index.js';
import { isBounded } from '../../agents/bound/index.js';
import type { Progress } from '../../src/io/progress.js';
import { dayBounds, meanBracket } from './bounds.js';
import type { ExperimentArguments } from './config.js';
import { resolveExperiment } from './config.js';
import { judgePolicy, judgeRun, judgeScheduler } from './judge.js';
import type { Judged } from './judge.js';
import type { RunSummary } from './runFolder.js';
import { createRun, readSummary, runFolder, stateOf, withRunLock, writeSummary } from './runFolder.js';
import { loadSetting } from './setting.js';
import type { Evaluation } from './summarise.js';
import { summarise } from './summarise.js';
import { trainRun } from './train.js';

/** An experiment as the command line names it: a preset, a file over it, single keys as `set: ['agent.nStep=10']`. */
export type Experiment = ExperimentArguments;

export interface TrainOptions {
  /** Train anew where a run is, finished or of another configuration. */
  readonly overwrite?: boolean;
  readonly progress?: Progress;
  /** Once aborted, training stops at the end of its day with a checkpoint, and `train` throws Interrupted. */
  readonly signal?: AbortSignal;
}

/**
 * Trains an experiment in a folder, which then holds the run as `jouleflow train` leaves it, figures excepted, and returns
 * its summary. A run that is there already is not trained again, and one that was stopped goes on, unless `overwrite` is set.
 * Throws InputError for a configuration that is not valid, days that the world does not cover, or a folder that holds
 * another run or cannot be written.
 */
export async function train(experiment: Experiment, path: string, { overwrite = false, progress, signal }: TrainOptions = {}): Promise<RunSummary> {
  const config = resolveExperiment(experiment);
  const folder = runFolder(path);
  if (stateOf(folder, config, overwrite) === 'finished') return readSummary(folder);
  const setting = await loadSetting(config);
  return withRunLock(folder, async (lock) => {
    const resume = stateOf(folder, config, overwrite) === 'stopped';
    if (!resume) createRun(path, config);
    const summary = await trainRun(folder, setting, { resume, progress, lock, signal });
    writeSummary(folder, summary);
    return summary;
  });
}

/** Who is judged: a finished run's best policy; or, on an experiment's fleet, a scheduler (by name, or your own) or an ONNX file. */
export type Subject =
  | { readonly run: string; readonly data?: string }
  | { readonly scheduler: string | Scheduler; readonly experiment?: Experiment }
  | { readonly policy: string; readonly experiment?: Experiment };

export interface EvaluateOptions {
  /** UTC dates FROM..TO[/EVERY], several joined by commas; the configuration's test days by default. */
  readonly days?: string;
  /** Seed of the jobs; the configuration's by default. */
  readonly seed?: number;
  /** Also the utility that no policy can exceed, about a second a day; left out where it is not known. */
  readonly bound?: boolean;
  /** With the bound, also what a search that knows each day reaches, some seconds a day; left out where it is not known. */
  readonly hindsight?: boolean;
}

/** What a policy or scheduler is worth on given days. Throws InputError as `judgeRun` and `judgeScheduler` do. */
export async function evaluate(subject: Subject, { days, seed, bound = false, hindsight = false }: EvaluateOptions = {}): Promise<Evaluation> {
  return (await accountOf(await judgedOf(subject, days), { seed, bound, hindsight })).evaluation;
}

function judgedOf(subject: Subject, days: string | undefined): Promise<Judged> {
  if ('run' in subject) return judgeRun(subject.run, { data: subject.data, days });
  const config = resolveExperiment(subject.experiment ?? {});
  return 'policy' in subject ? judgePolicy(subject.policy, config, days) : judgeScheduler(subject.scheduler, config, days);
}

interface Accounted {
  readonly seed?: number | undefined;
  /** `hindsight` goes with the bound, and is left out without it. */
  readonly bound?: boolean | undefined;
  readonly hindsight?: boolean | undefined;
  readonly record?: boolean;
}

/** The account of the days that are judged, and their records if asked for. */
export async function accountOf(
  { setting, results }: Judged,
  { seed = setting.config.evaluation.seed, bound = false, hindsight = false, record = false }: Accounted,
) {
  const days = setting.days.test;
  const { totals, records } = await results(days, seed, record);
  const bounds = bound && isBounded(setting.config.fleet) ? await dayBounds(setting, days, seed, { hindsight }) : [];
  return { evaluation: summarise(days, totals, meanBracket(bounds)), records };
}
