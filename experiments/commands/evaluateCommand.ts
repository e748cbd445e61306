import { join } from 'node:path';
import { plannerNames, schedulerNames } from '../../agents/schedulers/index.js';
import type { DayRecord } from '../../envs/index.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { savePng } from '../../src/plots/render.js';
import { dayFigure } from '../figures/day.js';
import { flowFigure } from '../figures/flows.js';
import { resolveExperiment } from '../run/config.js';
import { tunedName } from '../run/evaluate.js';
import { isOwnScheduler } from '../run/ownScheduler.js';
import { sayGenerated } from '../run/setting.js';
import type { Judged } from '../run/judge.js';
import { judgePolicy, judgeRun, judgeScheduler } from '../run/judge.js';
import { accountOf } from '../run/library.js';
import type { Output } from './output.js';
import { evaluationTable } from './tables.js';

export interface EvaluateArguments {
  run?: string | undefined;
  scheduler?: string | undefined;
  policy?: string | undefined;
  preset?: string | undefined;
  config?: string | undefined;
  data?: string | undefined;
  days?: string | undefined;
  seed?: number | undefined;
  set?: readonly string[] | undefined;
  bound?: boolean | undefined;
  hindsight?: boolean | undefined;
  figures?: string | undefined;
}

/** `jouleflow evaluate`: the true account of a policy or scheduler on given days. */
export async function evaluateCommand(args: EvaluateArguments, output: Output): Promise<void> {
  const judged = await subjectOf(args);
  sayGenerated(judged.setting);
  const { evaluation, records } = await accountOf(judged, { seed: args.seed, bound: args.bound, hindsight: args.hindsight, record: args.figures !== undefined });
  output.say(`${evaluation.days.length} days, mean per day:\n${evaluationTable([{ name: judged.name, evaluation }])}`);
  if (evaluation.shareOfBound !== null) output.say(`No policy can exceed ${evaluation.bound!.toFixed(0)}; share reached: ${evaluation.shareOfBound.toFixed(3)}.`);
  if (evaluation.shareOfHindsight !== null) output.say(`A search that knows each day reaches ${evaluation.hindsight!.toFixed(0)}; share of that: ${evaluation.shareOfHindsight.toFixed(3)}.`);
  if (args.figures !== undefined) for (const file of drawDay(args.figures, records[0]!)) output.say(`  ${file}`);
  output.document(evaluation);
}

function subjectOf(args: EvaluateArguments): Promise<Judged> {
  const { run, scheduler, policy } = args;
  if ([run, scheduler, policy].filter((one) => one !== undefined).length > 1) {
    throw new InputError('evaluate: found several of a run folder, --scheduler and --policy, expected one.');
  }
  if (run !== undefined) {
    const other = (['preset', 'config', 'set'] as const).find((key) => args[key] !== undefined);
    if (other !== undefined) throw new InputError(`--${other}: a run is judged with its own configuration; leave out the run or the option.`);
    return judgeRun(run, args);
  }
  if (policy !== undefined) return judgePolicy(policy, resolveExperiment(args), args.days);
  const known = [...schedulerNames, ...plannerNames, tunedName];
  if (scheduler === undefined) throw new InputError('evaluate: expected a run folder, --scheduler NAME (or FILE.js) or --policy FILE.');
  if (!known.includes(scheduler) && !isOwnScheduler(scheduler)) throw new InputError(`--scheduler: there is no "${scheduler}".${suggest(scheduler, known)}`);
  return judgeScheduler(scheduler, resolveExperiment(args), args.days);
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
