import type { DayRecord, ServedFleet } from '../../envs/index.js';
import { servedFleet } from '../../envs/index.js';
import { loadRunPolicy } from '../run/agent.js';
import { evaluateScheduler, schedulerFor } from '../run/evaluate.js';
import { readCurve, trainingSeconds } from '../run/learningCurve.js';
import type { RunSummary } from '../run/runFolder.js';
import { openRun, runFolder } from '../run/runFolder.js';
import { loadSetting } from '../run/setting.js';
import type { Evaluation } from '../run/summarise.js';
import type { Cell, MethodList } from './methodList.js';
import type { MethodRuns, Results, Run } from './results.js';
import { runsOf } from './results.js';

/** Where finished cells are looked up; undefined for what is not finished. */
export interface Archive {
  trained(cell: Cell): { folder: string; summary: RunSummary } | undefined;
  scheduled(cell: Cell): Evaluation | undefined;
  bounded(cell: Cell): readonly { readonly day: string; readonly bound: number }[] | undefined;
}

/** Gathers what is finished of a comparison. */
export function collect(list: MethodList, cells: readonly Cell[], archive: Archive): Results {
  const bounds = new Map<string, ReadonlyMap<string, number>>();
  const methods = new Map<string, MethodRuns & { runs: Run[]; expected: number }>();
  for (const cell of cells) {
    const { method, problem } = cell;
    if (method === null) {
      const found = archive.bounded(cell);
      if (found !== undefined) bounds.set(problem.id, new Map(found.map(({ day, bound }) => [day, bound])));
      continue;
    }
    const key = `${problem.id}/${method.id}`;
    const entry = methods.get(key) ?? { method, problem, runs: [], expected: 0 };
    methods.set(key, entry);
    entry.expected++;
    const run = cell.seed === null ? scheduled(archive.scheduled(cell)) : trained(cell.seed, archive.trained(cell));
    if (run !== undefined) entry.runs.push(run);
  }
  // In the order of the list, however the runs are ordered.
  const order = (one: MethodRuns): number => list.problems.indexOf(one.problem) * list.methods.length + list.methods.indexOf(one.method);
  return { list, methods: [...methods.values()].sort((a, b) => order(a) - order(b)), bounds };
}

const scheduled = (test: Evaluation | undefined): Run | undefined =>
  test === undefined ? undefined : { seed: null, folder: null, test, last: null, validation: null, steps: null, seconds: null, curve: null };

function trained(seed: number, found: { folder: string; summary: RunSummary } | undefined): Run | undefined {
  if (found === undefined) return undefined;
  const { folder, summary } = found;
  return {
    seed,
    folder,
    test: summary.test.best,
    last: summary.test.last,
    validation: summary.validation.utility,
    steps: summary.steps,
    seconds: trainingSeconds(runFolder(folder)),
    curve: readCurve(runFolder(folder)),
  };
}

/** Recorded days of one policy on a fleet. */
export interface Observation {
  readonly id: string;
  readonly name: string;
  readonly records: readonly DayRecord[];
  readonly fleet: ServedFleet;
}

/** The test days of all runs of a method on the first problem, recorded; undefined if it has no run yet. */
export async function observe(results: Results, cells: readonly Cell[], id: string): Promise<Observation | undefined> {
  const one = runsOf(results, id);
  if (one === undefined) return undefined;
  const { method, problem, runs } = one;
  const { config } = cells.find((cell) => cell.method === method && cell.problem === problem)!;
  const records: DayRecord[] = [];
  for (const { folder } of runs) {
    if (folder === null) {
      const setting = await loadSetting(config, { schedulers: [method.scheduler!] });
      const days = evaluateScheduler(setting, schedulerFor(setting, method.scheduler!), setting.days.test, { seed: config.evaluation.seed, record: true });
      records.push(...days.records);
    } else {
      const run = openRun(folder);
      const setting = await loadSetting(run.config);
      records.push(...loadRunPolicy(run.folder, setting).results(setting.days.test, run.config.evaluation.seed, { record: true }).records);
    }
  }
  return { id: method.id, name: method.name, records, fleet: servedFleet(config.fleet) };
}
