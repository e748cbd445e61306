import { join } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { savePng } from '../../src/plots/render.js';
import { loadRunPolicy } from '../run/agent.js';
import { loadSetting } from '../run/setting.js';
import { covered } from '../run/settingDays.js';
import { evaluateScheduler, schedulerFor } from '../run/evaluate.js';
import { drawDay } from './evaluateCommand.js';
import { costFigure } from '../figures/costs.js';
import type { LearningCurve } from '../figures/learning.js';
import { learningFigure } from '../figures/learning.js';
import type { Output } from './output.js';
import { readCurve } from '../run/learningCurve.js';
import { openRun, readSummary } from '../run/runFolder.js';
import { methodName } from '../run/methodName.js';
import { compareRuns, methodTable } from '../compare/methods.js';

export interface PlotArguments {
  runs: readonly string[];
  out?: string | undefined;
  day?: string | undefined;
}

/**
 * `jouleflow plot`: the figures of one or more runs, and a table of their methods on the test days; runs of one method
 * (agent and shaping) are averaged over seeds.
 */
export async function plotCommand(args: PlotArguments, output: Output): Promise<void> {
  const runs = finishedAmong(args.runs);
  const { files } = await drawRuns(runs, args);
  const methods = compareRuns(runs);
  output.say(`${methodTable(methods)}\n\n${files.join('\n')}`);
  output.document({ methods, figures: files });
}

/** Those of several folders that hold a finished run; the others are named on stderr. Throws InputError if there is none. */
function finishedAmong(paths: readonly string[]): string[] {
  const unfit: string[] = [];
  const runs = paths.filter((path) => {
    try {
      readSummary(openRun(path).folder);
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      unfit.push(error.message);
      return false;
    }
  });
  if (runs.length === 0) throw new InputError(unfit[0]!);
  for (const sentence of unfit) process.stderr.write(`left out: ${sentence}\n`);
  return runs;
}

export const drawRun = (path: string): Promise<{ files: string[] }> => drawRuns([path], {});

async function drawRuns(paths: readonly string[], { out, day }: { out?: string | undefined; day?: string | undefined }): Promise<{ files: string[] }> {
  const runs = paths.map((path) => ({ path, ...openRun(path) }));
  const first = runs[0]!;
  const folder = out ?? first.folder.figures;
  const methods = new Map<string, LearningCurve[]>();
  for (const { folder: run, config } of runs) {
    const name = methodName(config);
    methods.set(name, [...(methods.get(name) ?? []), readCurve(run)]);
  }
  const summary = readSummary(first.folder);
  const references = Object.entries(summary.schedulers)
    .filter(([name]) => name.startsWith('greedy') || name === 'prices')
    .flatMap(([name, { validation }]) => (validation === undefined ? [] : [{ name, utility: validation.utility.mean, lateRate: validation.lateRate }]));
  const curves = [...methods].map(([name, of]) => ({ name, runs: of }));
  const files: string[] = [];
  const save = (name: string, figure: Parameters<typeof savePng>[1]): void => {
    const file = join(folder, name);
    savePng(file, figure);
    files.push(file);
  };
  save('learning-utility.png', learningFigure('utility', curves, references));
  save('learning-late.png', learningFigure('lateRate', curves, references));

  const setting = await loadSetting(first.config);
  const date = day === undefined ? setting.days.test[0]! : covered(setting, day, '--day')[0]!;
  const policy = loadRunPolicy(first.folder, setting);
  const { seed } = first.config.evaluation;
  const agent = policy.results(setting.days.test, seed);
  const schedulers = first.config.evaluation.schedulers.map((name) => ({
    name,
    days: evaluateScheduler(setting, schedulerFor(setting, name), setting.days.test, { seed }).totals,
  }));
  save('costs.png', costFigure([...schedulers, { name: 'agent', days: agent.totals }]));
  const { records } = policy.results([date], seed, { record: true });
  return { files: [...files, ...drawDay(folder, records[0]!)] };
}
