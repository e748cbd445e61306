import { progressBar } from '../../src/io/progress.js';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentArguments, ExperimentConfig } from '../run/config.js';
import { resolveExperiment } from '../run/config.js';
import { InputError, Interrupted } from '../../src/io/errors.js';
import type { Lock } from '../../src/io/lock.js';
import { addressOf } from '../../src/io/address.js';
import { requireMlflow } from '../../src/io/mlflow.js';
import { meanWithInterval } from '../../src/math/statistics.js';
import { trainingSeconds } from '../run/learningCurve.js';
import { methodName } from '../run/methodName.js';
import { drawRun } from './plotCommand.js';
import { openMlflowSink } from '../run/mlflowSink.js';
import type { Output } from './output.js';
import { createRun, openRun, readSummary, runFolder, runPath, stateOf, withRunLock, writeSummary } from '../run/runFolder.js';
import type { RunFolder, RunSummary } from '../run/runFolder.js';
import { loadSetting, sayGenerated } from '../run/setting.js';
import type { Setting } from '../run/setting.js';
import { stopSignal } from '../run/stopSignal.js';
import { evaluationTable } from './tables.js';
import { trainRun } from '../run/train.js';

export interface TrainArguments extends ExperimentArguments {
  out: string;
  resume?: string | undefined;
  overwrite: boolean;
  mlflow?: string | undefined;
}

/**
 * `jouleflow train`: trains, draws figures, and prints a table of the agent beside rule-based schedulers. A run that is
 * finished is shown again and left as it is; one that was stopped goes on. `overwrite` trains anew.
 */
export async function trainCommand(args: TrainArguments, output: Output): Promise<void> {
  const { folder, config } = args.resume === undefined ? begin(args) : goOn(args.resume, args);
  const finished = args.resume === undefined ? stateOf(folder, config, args.overwrite) === 'finished' : existsSync(folder.summary);
  if (finished) {
    process.stderr.write(`${folder.path} is already finished; --overwrite trains it anew\n`);
  } else {
    const setting = await loadSetting(config);
    // What is refused leaves no folder behind.
    setting.environment();
    sayGenerated(setting);
    const mlflow = addressOf(args.mlflow, 'JOULEFLOW_MLFLOW');
    if (mlflow !== undefined && args.resume === undefined) await requireMlflow(mlflow, config.experiment);
    await withRunLock(folder, (lock) => train({ folder, setting, lock }, args));
  }
  const figures = existsSync(folder.figures) ? readdirSync(folder.figures).map((file) => join(folder.figures, file)) : [];
  show(folder, config, figures.length > 0 ? figures : (await drawRun(folder.path)).files, output);
}

async function train({ folder, setting, lock }: { folder: RunFolder; setting: Setting; lock: Lock }, args: TrainArguments): Promise<void> {
  const { config } = setting;
  const resume = args.resume !== undefined || stateOf(folder, config, args.overwrite) === 'stopped';
  if (!resume) createRun(folder.path, config);
  else if (args.resume === undefined) process.stderr.write(`${folder.path} goes on from its last checkpoint; --overwrite trains it anew\n`);
  const sink = await openMlflowSink(folder, config, args.mlflow);
  const progress = progressBar('training', config.steps);
  const late = (): void => {
    progress.stop();
    process.stderr.write(`ended within a day; to go on from the last checkpoint: jouleflow train --resume ${folder.path}\n`);
    process.exit(1);
  };
  try {
    const summary = await trainRun(folder, setting, { resume, progress, lock, signal: stopSignal({ late }), sink });
    lock.check();
    writeSummary(folder, summary);
    await sink?.end('FINISHED');
  } catch (error) {
    await sink?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(`${error.message}; to go on: jouleflow train --resume ${folder.path}`);
  } finally {
    progress.stop();
  }
}

/** Prints a finished run from what its folder holds, so that it is the same whenever it is asked for. */
function show(folder: RunFolder, config: ExperimentConfig, figures: readonly string[], output: Output): void {
  const summary = readSummary(folder);
  const { steps, validation, test } = summary;
  const beside = besideBestRule(summary);
  const wallSeconds = trainingSeconds(folder);
  const stepsPerSecond = wallSeconds === null ? null : steps / wallSeconds;
  const speed = wallSeconds === null ? '' : ` in ${wallSeconds.toFixed(0)} s (${stepsPerSecond!.toFixed(0)} a second)`;
  output.say(
    [
      `${steps} steps${speed}; best on the validation days at step ${validation.step}.`,
      '',
      `Test days, mean per day (${test.best.days.length} days), the best first:`,
      evaluationTable(
        [
          { name: `${methodName(config)} (best)`, evaluation: test.best },
          { name: `${methodName(config)} (last)`, evaluation: test.last },
          ...(test.start === undefined ? [] : [{ name: `${methodName(config)} (untrained)`, evaluation: test.start }]),
          ...Object.entries(summary.schedulers).map(([name, judged]) => ({ name, evaluation: judged.test })),
        ].sort((a, b) => b.evaluation.utility.mean - a.evaluation.utility.mean),
      ),
      ...(beside === null ? [] : [`The best policy less ${beside.scheduler}, the best rule, paired by day: ${beside.difference.toFixed(1)} +- ${beside.ci95?.toFixed(1) ?? '?'}.`]),
      '',
      `Run: ${folder.path}`,
      ...figures.map((file) => `  ${file}`),
    ].join('\n'),
  );
  const schedulers = Object.fromEntries(Object.entries(summary.schedulers).map(([name, judged]) => [name, judged.test]));
  output.document({ run: folder.path, steps, stepsPerSecond, wallSeconds, validation, test: { ...test, schedulers, besideBestRule: beside } });
}

/** By how much the best policy is better than the best rule on the same test days, with the 95 % interval over days. */
function besideBestRule({ test, schedulers }: RunSummary): { scheduler: string; difference: number; ci95: number | null } | null {
  const rules = Object.entries(schedulers).sort(([, a], [, b]) => b.test.utility.mean - a.test.utility.mean);
  if (rules.length === 0) return null;
  const [scheduler, { test: rule }] = rules[0]!;
  const { mean, ci95 } = meanWithInterval(test.best.utilityByDay.map((utility, day) => utility - rule.utilityByDay[day]!));
  return { scheduler, difference: mean, ci95: Number.isFinite(ci95) ? ci95 : null };
}

function begin(args: TrainArguments): { folder: RunFolder; config: ExperimentConfig } {
  const config = resolveExperiment(args);
  return { folder: runFolder(runPath(args.out, config)), config };
}

function goOn(path: string, args: TrainArguments): { folder: RunFolder; config: ExperimentConfig } {
  const other = (['preset', 'config', 'agent', 'shaping', 'seed', 'steps', 'data', 'set'] as const).find((key) => args[key] !== undefined);
  if (other !== undefined) throw new InputError(`--resume: goes on with the run's own configuration; found --${other} too.`);
  if (args.overwrite) throw new InputError('--resume: goes on with a run, so it does not go with --overwrite.');
  return openRun(path);
}
