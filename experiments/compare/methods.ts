import { meanWithInterval } from '../../src/math/statistics.js';
import { textTable } from '../../src/io/table.js';
import { methodName } from '../run/methodName.js';
import { openRun, readSummary } from '../run/runFolder.js';
import type { Evaluation } from '../run/summarise.js';

interface WithInterval {
  readonly mean: number;
  /** Half-width of the 95 % Student interval over seeds; null for a single run. */
  readonly ci95: number | null;
}

/** One method over its seeds, on the test days. Schedulers do not depend on a seed: they have one value. */
export interface MethodResult {
  readonly method: string;
  readonly seeds: number;
  readonly steps: number | null;
  readonly utility: WithInterval;
  readonly lateRate: WithInterval;
  /** The last policy instead of the one that did best on the validation days. */
  readonly lastUtility: WithInterval | null;
  readonly lastLateRate: WithInterval | null;
}

type Judged = Pick<Evaluation, 'utility' | 'lateRate'>;

/** A finished run, as far as a comparison needs it. */
export interface ComparedRun {
  readonly method: string;
  readonly summary: {
    readonly steps: number;
    readonly test: { readonly best: Judged; readonly last: Judged };
  };
}

/** Groups finished runs by agent and shaping, schedulers of the first run beside them. Throws InputError for an unfinished run. */
export function compareRuns(paths: readonly string[]): MethodResult[] {
  const runs = paths.map((path) => {
    const { folder, config } = openRun(path);
    return { method: methodName(config), summary: readSummary(folder) };
  });
  return compareSummaries(runs, runs[0]!.summary.schedulers);
}

/** The same of runs that have been read, beside these schedulers. */
export function compareSummaries(
  runs: readonly ComparedRun[],
  schedulers: Readonly<Record<string, { readonly test: Judged }>>,
): MethodResult[] {
  const over = (evaluations: readonly Judged[], of: (evaluation: Judged) => number): WithInterval => {
    const { mean, ci95 } = meanWithInterval(evaluations.map(of));
    return { mean, ci95: Number.isFinite(ci95) ? ci95 : null };
  };
  const utility = (e: Judged): number => e.utility.mean;
  const lateRate = (e: Judged): number => e.lateRate;
  const rules = Object.entries(schedulers).map(([method, { test }]) => ({
    method,
    seeds: 1,
    steps: null,
    utility: over([test], utility),
    lateRate: over([test], lateRate),
    lastUtility: null,
    lastLateRate: null,
  }));
  const methods = [...new Set(runs.map((run) => run.method))];
  const learned = methods.map((method) => {
    const summaries = runs.filter((run) => run.method === method).map((run) => run.summary);
    const best = summaries.map((summary) => summary.test.best);
    const last = summaries.map((summary) => summary.test.last);
    return {
      method,
      seeds: summaries.length,
      steps: Math.min(...summaries.map((summary) => summary.steps)),
      utility: over(best, utility),
      lateRate: over(best, lateRate),
      lastUtility: over(last, utility),
      lastLateRate: over(last, lateRate),
    };
  });
  return [...rules, ...learned];
}

/** Mean +- half-width of the 95 % interval over seeds. */
export function methodTable(methods: readonly MethodResult[]): string {
  const cell = (value: WithInterval | null, scale: number, digits: number): string => {
    if (value === null) return '-';
    const mean = (scale * value.mean).toFixed(digits);
    return value.ci95 === null ? mean : `${mean} +- ${(scale * value.ci95).toFixed(digits)}`;
  };
  return textTable(
    ['method (test days)', 'seeds', 'steps', 'utility', 'late %', 'utility, last policy', 'late %, last policy'],
    methods.map((row) => [
      row.method,
      String(row.seeds),
      row.steps === null ? '-' : String(row.steps),
      cell(row.utility, 1, 0),
      cell(row.lateRate, 100, 2),
      cell(row.lastUtility, 1, 0),
      cell(row.lastLateRate, 100, 2),
    ]),
  );
}
