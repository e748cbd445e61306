import { progressBar } from '../src/io/progress.js';
import type { ExperimentArguments } from './config.js';
import { resolveExperiment } from './config.js';
import { InputError } from '../src/io/errors.js';
import { methodName } from './methodName.js';
import { drawRun } from './plotCommand.js';
import type { Output } from './output.js';
import { createRun, openRun, runPath } from './runFolder.js';
import type { RunSummary } from './runFolder.js';
import { loadSetting } from './setting.js';
import { evaluationTable } from './tables.js';
import { trainRun } from './train.js';

export interface TrainArguments extends ExperimentArguments {
  out: string;
  resume?: string | undefined;
  overwrite: boolean;
}

/** `jouleflow train`: trains, draws figures, and prints a table of the agent beside rule-based schedulers. */
export async function trainCommand(args: TrainArguments, output: Output): Promise<void> {
  const { folder, setting } = args.resume === undefined ? await begin(args) : await goOn(args.resume, args);
  const { config } = setting;
  const progress = progressBar('training', config.steps);
  let summary: RunSummary;
  try {
    summary = await trainRun(folder, setting, { resume: args.resume !== undefined, progress });
  } finally {
    progress.stop();
  }
  const { files } = await drawRun(folder.path);
  output.say(
    [
      `${summary.steps} steps in ${summary.wallSeconds.toFixed(0)} s (${summary.stepsPerSecond.toFixed(0)} a second); best on the validation days at step ${summary.validation.step}.`,
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
  const { run, steps, stepsPerSecond, wallSeconds, validation } = summary;
  output.document({ run, steps, stepsPerSecond, wallSeconds, validation, test: summary.test });
}

async function begin(args: TrainArguments) {
  const config = resolveExperiment(args);
  // What is refused leaves no folder behind.
  const setting = await loadSetting(config);
  setting.environment();
  return { setting, folder: createRun(runPath(args.out, config), config, args.overwrite) };
}

async function goOn(path: string, args: TrainArguments) {
  const other = (['preset', 'config', 'agent', 'shaping', 'seed', 'steps', 'data', 'set'] as const).find((key) => args[key] !== undefined);
  if (other !== undefined) throw new InputError(`--resume: goes on with the run's own configuration; found --${other} too.`);
  const { folder, config } = openRun(path);
  return { folder, setting: await loadSetting(config) };
}
