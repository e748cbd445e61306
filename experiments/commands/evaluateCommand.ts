import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, suggest } from '../../src/io/errors.js';
import { mean } from '../../src/math/statistics.js';
import { savePng } from '../../src/plots/render.js';
import type { DayResults } from '../../agents/index.js';
import { isBounded } from '../../agents/bound/index.js';
import { plannerNames, schedulerNames } from '../../agents/schedulers/index.js';
import type { DayRecord } from '../../envs/index.js';
import { loadRunPolicy } from '../run/agent.js';
import { dayBounds } from '../run/bounds.js';
import type { ExperimentConfig } from '../run/config.js';
import { resolveExperiment } from '../run/config.js';
import { evaluateScheduler, schedulerFor, tunedName } from '../run/evaluate.js';
import { dayFigure } from '../figures/day.js';
import { flowFigure } from '../figures/flows.js';
import type { Output } from './output.js';
import { openRun } from '../run/runFolder.js';
import type { Setting } from '../run/setting.js';
import { loadSetting } from '../run/setting.js';
import { summarise } from '../run/summarise.js';
import { evaluationTable } from './tables.js';

export interface EvaluateArguments {
  run?: string | undefined;
  scheduler?: string | undefined;
  preset?: string | undefined;
  data?: string | undefined;
  days?: string | undefined;
  seed?: number | undefined;
  set?: readonly string[] | undefined;
  bound?: boolean | undefined;
  figures?: string | undefined;
}

/** `jouleflow evaluate`: the true account of a policy or scheduler on given days. */
export async function evaluateCommand(args: EvaluateArguments, output: Output): Promise<void> {
  const { name, setting, results } = await (args.run === undefined ? judgeScheduler(args) : judgeRun(args, args.run));
  const days = setting.days.test;
  const seed = args.seed ?? setting.config.evaluation.seed;
  const { totals, records } = results(days, seed, args.figures !== undefined);
  const bounds = args.bound === true && isBounded(setting.config.fleet) ? await dayBounds(setting, days, seed) : [];
  const evaluation = summarise(days, totals, bounds.length === 0 ? null : mean(bounds.map((day) => day.bound)));
  output.say(`${days.length} days, mean per day:\n${evaluationTable([{ name, evaluation }])}`);
  if (evaluation.shareOfBound !== null) output.say(`No policy can exceed ${evaluation.bound!.toFixed(0)}; share reached: ${evaluation.shareOfBound.toFixed(3)}.`);
  if (args.figures !== undefined) for (const file of drawDay(args.figures, records[0]!)) output.say(`  ${file}`);
  output.document(evaluation);
}

type Results = (days: readonly string[], seed: number, record: boolean) => DayResults;

async function judgeScheduler(args: EvaluateArguments): Promise<{ name: string; setting: Setting; results: Results }> {
  const name = args.scheduler;
  const known = [...schedulerNames, ...plannerNames, tunedName];
  if (name === undefined) throw new InputError('evaluate: expected a run folder, or --scheduler NAME.');
  if (!known.includes(name)) throw new InputError(`--scheduler: there is no "${name}".${suggest(name, known)}`);
  const setting = await loadSetting(resolveExperiment(args), { schedulers: [name], days: args.days });
  const scheduler = schedulerFor(setting, name);
  return { name, setting, results: (days, seed, record) => evaluateScheduler(setting, scheduler, days, seed, { record }) };
}

async function judgeRun(args: EvaluateArguments, path: string): Promise<{ name: string; setting: Setting; results: Results }> {
  for (const key of ['scheduler', 'preset', 'set'] as const) {
    if (args[key] !== undefined) throw new InputError(`--${key}: a run is judged with its own configuration; leave out the run or the option.`);
  }
  const { folder, config } = openRun(path);
  if (!existsSync(folder.policyWeights)) throw new InputError(`${path} has not finished training: it has no policy yet.`);
  const judged: ExperimentConfig = args.data === undefined ? config : { ...config, world: { ...config.world, data: args.data } };
  const setting = await loadSetting(judged, { schedulers: [], days: args.days });
  const policy = loadRunPolicy(folder, setting);
  return { name: path, setting, results: (days, seed, record) => policy.results(days, seed, { record }) };
}

/** Draws each site's day and the flows between sites; returns the files. */
export function drawDay(folder: string, record: DayRecord): string[] {
  const files = record.sites.map((site, index) => {
    const file = join(folder, `day-${site.name.replace(/[^\w.-]+/g, '_')}.png`);
    savePng(file, dayFigure(record, index), { height: 900 });
    return file;
  });
  const flows = join(folder, 'flows.png');
  savePng(flows, flowFigure([record], record.day));
  return [...files, flows];
}
