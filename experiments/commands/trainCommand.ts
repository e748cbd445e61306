import { progressBar } from '../../src/io/progress.js';
import type { ExperimentArguments } from '../run/config.js';
import { resolveExperiment } from '../run/config.js';
import { InputError, Interrupted } from '../../src/io/errors.js';
import type { Lock } from '../../src/io/lock.js';
import { addressOf } from '../../src/io/address.js';
import { requireMlflow } from '../../src/io/mlflow.js';
import { methodName } from '../run/methodName.js';
import { drawRun } from './plotCommand.js';
import { openMlflowSink } from '../run/mlflowSink.js';
import type { Output } from './output.js';
import { createRun, openRun, runFolder, runPath, withRunLock, writeSummary } from '../run/runFolder.js';
import type { RunFolder } from '../run/runFolder.js';
import { loadSetting } from '../run/setting.js';
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

/** `jouleflow train`: trains, draws figures, and prints a table of the agent beside rule-based schedulers. */
export async function trainCommand(args: TrainArguments, output: Output): Promise<void> {
  const { folder, setting } = args.resume === undefined ? await begin(args) : await goOn(args.resume, args);
  await withRunLock(folder, (lock) => train({ folder, setting, lock }, args, output));
}

async function train({ folder, setting, lock }: { folder: RunFolder; setting: Setting; lock: Lock }, args: TrainArguments, output: Output): Promise<void> {
  const { config } = setting;
  const resume = args.resume !== undefined;
  if (!resume) createRun(folder.path, config, args.overwrite);
  const sink = await openMlflowSink(folder, config, args.mlflow);
  const progress = progressBar('training', config.steps);
  let trained: Awaited<ReturnType<typeof trainRun>>;
  try {
    trained = await trainRun(folder, setting, { resume, progress, lock, signal: stopSignal(), sink });
  } catch (error) {
    await sink?.end(error instanceof Interrupted ? 'KILLED' : 'FAILED');
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(`${error.message}; to go on: jouleflow train --resume ${folder.path}`);
  } finally {
    progress.stop();
  }
  const { summary, wallSeconds } = trained;
  writeSummary(folder, summary);
  await sink?.end('FINISHED');
  const { files } = await drawRun(folder.path);
  const stepsPerSecond = summary.steps / wallSeconds;
  output.say(
    [
      `${summary.steps} steps in ${wallSeconds.toFixed(0)} s (${stepsPerSecond.toFixed(0)} a second); best on the validation days at step ${summary.validation.step}.`,
      '',
      `Test days, mean per day (${summary.test.best.days.length} days):`,
      evaluationTable([
        ...Object.entries(summary.schedulers).map(([name, { test }]) => ({ name, evaluation: test })),
        { name: `${methodName(config)} (last)`, evaluation: summary.test.last },
        { name: `${methodName(config)} (best)`, evaluation: summary.test.best },
      ]),
      '',
      `Run: ${folder.path}`,
      ...files.map((file) => `  ${file}`),
    ].join('\n'),
  );
  const { steps, validation } = summary;
  output.document({ run: folder.path, steps, stepsPerSecond, wallSeconds, validation, test: summary.test });
}

async function begin(args: TrainArguments) {
  const config = resolveExperiment(args);
  // What is refused leaves no folder behind.
  const setting = await loadSetting(config);
  setting.environment();
  const mlflow = addressOf(args.mlflow, 'JOULEFLOW_MLFLOW');
  if (mlflow !== undefined) await requireMlflow(mlflow, config.experiment);
  return { setting, folder: runFolder(runPath(args.out, config)) };
}

async function goOn(path: string, args: TrainArguments) {
  const other = (['preset', 'config', 'agent', 'shaping', 'seed', 'steps', 'data', 'set'] as const).find((key) => args[key] !== undefined);
  if (other !== undefined) throw new InputError(`--resume: goes on with the run's own configuration; found --${other} too.`);
  const { folder, config } = openRun(path);
  return { folder, setting: await loadSetting(config) };
}
