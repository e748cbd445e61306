import { basename, extname, join } from 'node:path';
import { InputError, Interrupted } from '../../src/io/errors.js';
import { writeAtomic } from '../../src/io/files.js';
import type { Output } from './output.js';
import { loadSetting, sayGenerated } from '../run/setting.js';
import { findings } from '../compare/behaviour.js';
import type { Observation } from '../compare/collect.js';
import { collect, observe } from '../compare/collect.js';
import { draw } from '../compare/drawings.js';
import { answer, measure, overall } from '../compare/measure.js';
import type { Cell, MethodList } from '../compare/methodList.js';
import { expand, loadMethodList, mostSeeds, readMethodList } from '../compare/methodList.js';
import type { Report } from '../compare/report.js';
import { markdown, meanOver } from '../compare/report.js';
import type { Results } from '../compare/results.js';
import { checkBounds } from '../compare/results.js';
import { archiveOf, runCells } from '../compare/runs.js';

export interface CompareArguments {
  /** A shipped list, or `list`: a file of one's own. */
  preset?: string | undefined;
  list?: string | undefined;
  out: string;
  seeds?: number | undefined;
  steps?: number | undefined;
  data?: string | undefined;
  methods?: string | undefined;
  workers?: number | undefined;
  reportOnly: boolean;
}

/**
 * `jouleflow compare`: runs what a method list asks for and is not finished yet, then writes report.md, report.json and
 * figures of all that is finished into `<out>/<preset>`. Runs are kept in `<out>/runs`, by what they are.
 */
export async function compareCommand(args: CompareArguments, output: Output): Promise<void> {
  const { list, name } = listOf(args);
  const methods = args.methods?.split(',').map((name) => name.trim());
  for (const [key, value] of [['seeds', args.seeds], ['steps', args.steps], ['workers', args.workers]] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) throw new InputError(`--${key}: expected a whole number of at least 1, found ${value}.`);
  }
  if (args.seeds !== undefined && args.seeds > mostSeeds) throw new InputError(`--seeds: expected at most ${mostSeeds}, found ${args.seeds}.`);
  const cells = expand(list, { ...args, methods });
  // What is refused leaves no folder behind.
  const first = await loadSetting(cells[0]!.config);
  first.environment();
  sayGenerated(first);
  const missing = args.reportOnly ? [] : await runCells(cells, args.out, args.workers);
  const stopped = missing.filter((outcome) => outcome.status === 'interrupted').length;
  if (stopped > 0) throw new Interrupted(`${stopped} runs were stopped or not begun; the same command goes on, --report-only reports the others.`);
  const results = collect(list, cells, archiveOf(args.out));
  if (results.methods.every((one) => one.runs.length === 0)) {
    complain(missing);
    throw new InputError(`${args.out} has no finished run of comparison ${name} yet.`);
  }
  const folder = join(args.out, name);
  const report = await reportOn(results, cells, folder, { ...args, name });
  writeAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const text = markdown(report, list);
  writeAtomic(join(folder, 'report.md'), text);
  output.say(`${text.slice(text.indexOf('## Answers'), text.indexOf('## Figures')).trim()}\n\nReport: ${join(folder, 'report.md')}`);
  output.document(report);
  complain(missing);
}

/** The list that is asked for, and the name of its reports' folder. Throws InputError unless one of --preset and --list is given. */
function listOf({ preset, list }: CompareArguments): { list: MethodList; name: string } {
  if ((preset === undefined) === (list === undefined)) throw new InputError('compare: expected --preset NAME or --list FILE.yaml, one of them.');
  return list === undefined ? { list: loadMethodList(preset!), name: preset! } : { list: readMethodList(list), name: basename(list, extname(list)) };
}

/** Runs that failed leave a report of the others, and an error. */
function complain(missing: Awaited<ReturnType<typeof runCells>>): void {
  const failed = missing.filter((outcome) => outcome.status === 'failed');
  if (failed.length > 0) throw new Error(`${failed.length} of the runs failed, the first (${failed[0]!.id.slice(0, 8)}) with: ${failed[0]!.reason}`);
}

async function reportOn(results: Results, cells: readonly Cell[], folder: string, args: CompareArguments & { name: string }): Promise<Report> {
  const { list } = results;
  const rows = measure(results);
  const observed: Observation[] = [];
  for (const id of list.behaviour) {
    const one = await observe(results, cells, id);
    if (one !== undefined && !observed.some((other) => other.id === one.id)) observed.push(one);
  }
  const { checked, violations } = checkBounds(results);
  return {
    comparison: args.name,
    command: commandLine(args),
    title: list.title,
    about: list.about.trim(),
    problems: list.problems.map(({ id, name }) => {
      const testDays = results.methods.find((one) => one.problem.id === id && one.runs.length > 0)?.runs[0]!.test.days ?? [];
      return { id, name, testDays, meanBound: meanOver(testDays, results.bounds.get(id)) };
    }),
    runs: {
      finished: results.methods.reduce((sum, one) => sum + one.runs.length, results.bounds.size),
      of: cells.length,
    },
    answers: answer(results),
    methods: rows,
    overall: overall(results),
    bound: { checkedDays: checked, violations },
    behaviour: observed.map(({ id, records, fleet }) => ({ method: id, days: records.length, findings: findings(records, fleet) })),
    figures: draw(folder, results, rows, observed),
  };
}

/** The command that gives this report, without what does not change it. */
function commandLine({ preset, list, seeds, steps, data, methods }: CompareArguments): string {
  const options = Object.entries({ preset, list, seeds, steps, data, methods }).filter(([, value]) => value !== undefined);
  return `npx jouleflow compare ${options.map(([key, value]) => `--${key} ${value}`).join(' ')}`;
}
