import { join } from 'node:path';
import type { DayRecord } from '../../envs/index.js';
import type { MethodResult } from '../../experiments/index.js';
import { compareSummaries, readDay } from '../../experiments/index.js';
import { parseJson } from '../../src/io/json.js';
import { decodeText } from '../../src/io/text.js';
import { meanWithInterval } from '../../src/math/statistics.js';
import { Refusal } from '../http/server.js';
import type { RunCatalogue, RunRow } from './catalogue.js';
import type { Band, Curve } from './curves.js';
import { bandOf, downsample, metricsOf, readCurve } from './curves.js';
import { readRunFile, readRunText, sameVersion, versionOf } from './files.js';
import type { Version } from './files.js';
import { groupBy } from './groupBy.js';
import type { ShownScheduler, ShownSummary } from './summaryFile.js';
import { parseBound, parseScheduler, parseSummary } from './summaryFile.js';
import { namesOf } from './variants.js';

/** Runs of one method in one experiment: their seeds and the band over them. */
export interface CurveGroup {
  readonly experiment: string;
  readonly method: string;
  readonly band: Band;
  readonly runs: readonly (Curve & { readonly id: string; readonly seed: number | null })[];
}

/** A rule-based scheduler's value on the validation days, to be drawn across. */
export interface Reference {
  readonly experiment: string;
  readonly name: string;
  readonly utility: number;
  readonly lateRate: number;
}

/** What an average test day brings and costs, utility units; over the seeds of a method, or of a scheduler. */
export interface Breakdown {
  readonly method: string;
  readonly seeds: number;
  /** Over seeds; over days for a single run. Null for a single day. */
  readonly utility: { readonly mean: number; readonly ci95: number | null };
  readonly revenue: number;
  readonly penalty: number;
  readonly transferCost: number;
  readonly energyCost: number;
  readonly energyKwh: number;
  readonly renewableKwh: number;
  readonly carbonKg: number;
  readonly lateRate: number;
  readonly meanSteps: number;
}

export interface Comparison {
  readonly experiment: string;
  readonly days: number;
  /** Utility that no policy can exceed on the test days, if a run computed it. */
  readonly bound: number | null;
  readonly methods: readonly MethodResult[];
  readonly breakdown: readonly Breakdown[];
}

/** The part of a metrics.csv that shows what its columns hold. */
const headCharacters = 65_536;

/** Downsampled curves kept in memory. */
const mostCurves = 4_000;

/** Reads what runs hold, remembers what has not changed since. */
export class RunLibrary {
  private readonly curves = new Map<string, { version: Version; curve: Curve | null }>();

  constructor(readonly catalogue: RunCatalogue) {}

  /** Learning curves of some runs, grouped by experiment and method, in the order of the names. */
  async groups(ids: readonly string[], metric: string): Promise<CurveGroup[]> {
    const rows = (await this.rowsOf(ids)).filter((row) => row.kind === 'train');
    const names = this.namesOf(rows);
    const groups = new Map<string, { row: RunRow; runs: (Curve & { id: string; seed: number | null })[] }>();
    // One after another, so that a large selection neither fills the memory nor keeps others waiting.
    for (const row of rows) {
      const curve = await this.curve(row.id, metric);
      if (curve === null || curve.steps.length === 0) continue;
      const key = JSON.stringify([row.experiment, names.get(row.id)]);
      const group = groups.get(key) ?? { row, runs: [] };
      group.runs.push({ id: row.id, seed: row.seed, ...curve });
      groups.set(key, group);
    }
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { row, runs }]) => ({
        experiment: row.experiment,
        method: names.get(row.id)!,
        band: bandOf(runs),
        runs: runs.sort((a, b) => (a.seed ?? 0) - (b.seed ?? 0)),
      }));
  }

  /** Rule-based schedulers of the first finished run of each experiment among these. */
  async references(ids: readonly string[]): Promise<Reference[]> {
    const first = new Map<string, RunRow>();
    for (const row of await this.rowsOf(ids)) if (row.state === 'finished' && !first.has(row.experiment)) first.set(row.experiment, row);
    const all = await Promise.all(
      [...first.values()].map(async ({ id, experiment }) =>
        Object.entries((await this.summary(id))?.schedulers ?? {}).flatMap(([name, { validation }]) =>
          validation === undefined ? [] : [{ experiment, name, utility: validation.utility.mean, lateRate: validation.lateRate }],
        ),
      ),
    );
    return all.flat();
  }

  /** Methods with intervals over seeds, an experiment at a time, and the runs left out because they have not finished. */
  async compare(ids: readonly string[]): Promise<{ experiments: Comparison[]; unfinished: string[] }> {
    const rows = await this.rowsOf(ids);
    const names = this.namesOf(rows);
    const unfinished = rows.filter((row) => row.state !== 'finished').map((row) => row.id);
    const experiments: Comparison[] = [];
    for (const [experiment, members] of groupBy(rows.filter((row) => row.state === 'finished'), (row) => row.experiment)) {
      const learned: { method: string; summary: ShownSummary }[] = [];
      const rules: Record<string, ShownScheduler> = {};
      let bound: number | null = null;
      for (const row of members) {
        const text = readRunText(await this.catalogue.folder(row.id), 'summary.json');
        const method = names.get(row.id)!;
        if (row.kind === 'bound') bound = parseBound(text)?.mean ?? bound;
        const scheduler = row.kind === 'scheduler' ? parseScheduler(text) : null;
        const summary = row.kind === 'train' ? parseSummary(text) : null;
        if (scheduler !== null) rules[method] = scheduler;
        if (summary !== null) learned.push({ method, summary });
      }
      const schedulers = { ...learned[0]?.summary.schedulers, ...rules };
      const days = learned[0]?.summary.test.best.days ?? Object.values(schedulers)[0]?.test.days ?? [];
      experiments.push({ experiment, days: days.length, bound, methods: compareSummaries(learned, schedulers), breakdown: breakdownOf(learned, schedulers) });
    }
    return { experiments, unfinished };
  }

  private namesOf(rows: readonly RunRow[]): Map<string, string> {
    return namesOf(rows, (id) => readRunText(join(this.catalogue.root, id), 'config.yaml'));
  }

  async summary(id: string): Promise<ShownSummary | null> {
    return parseSummary(readRunText(await this.catalogue.folder(id), 'summary.json'));
  }

  /** A run's configuration as it is written, its summary, and what can be drawn of it. */
  async detail(id: string): Promise<{ row: RunRow; config: string; summary: ShownSummary | null; metrics: string[]; hasDay: boolean; breakdown: Breakdown[] }> {
    const row = await this.catalogue.row(id);
    const folder = await this.catalogue.folder(id);
    const summary = await this.summary(id);
    return {
      row,
      config: readRunText(folder, 'config.yaml'),
      summary,
      metrics: metricsOf(readRunText(folder, 'metrics.csv').slice(0, headCharacters)),
      hasDay: versionOf(join(folder, 'day.json')) !== null,
      breakdown: summary === null ? [] : breakdownOf([{ method: row.method, summary }], summary.schedulers),
    };
  }

  /** The recorded day of a run. Throws Refusal (404) if it holds none, InputError if the file is no record of a day. */
  async day(id: string): Promise<DayRecord> {
    const file = readRunFile(await this.catalogue.folder(id), 'day.json');
    if (file === null) throw new Refusal(404, `${id} holds no day.json: it has not finished, or is of an earlier version.`, 'run');
    let content: unknown;
    try {
      content = parseJson(decodeText(file), 'day.json');
    } catch {
      throw new Refusal(422, `${id}/day.json is not valid JSON.`, 'run');
    }
    return readDay(content, `${id}/day.json`);
  }

  private async rowsOf(ids: readonly string[]): Promise<RunRow[]> {
    const rows = new Map((await this.catalogue.rows()).map((row) => [row.id, row]));
    return [...new Set(ids)].map((id) => {
      const row = rows.get(id);
      if (row === undefined) throw new Refusal(404, `There is no run "${id.slice(0, 200)}".`, 'runs');
      return row;
    });
  }

  private async curve(id: string, metric: string): Promise<Curve | null> {
    const folder = await this.catalogue.folder(id);
    const version = versionOf(join(folder, 'metrics.csv'));
    if (version === null) return null;
    const key = JSON.stringify([id, metric]);
    const known = this.curves.get(key);
    if (known !== undefined && sameVersion(known.version, version)) return known.curve;
    const file = readRunFile(folder, 'metrics.csv');
    const full = file === null ? null : readCurve(Buffer.from(decodeText(file)), metric);
    // Whoever else waits is served between two files.
    await new Promise((resolve) => setImmediate(resolve));
    const curve = full === null ? null : downsample(full);
    this.curves.delete(key);
    this.curves.set(key, { version, curve });
    if (this.curves.size > mostCurves) this.curves.delete(this.curves.keys().next().value!);
    return curve;
  }
}

function breakdownOf(runs: readonly { method: string; summary: ShownSummary }[], schedulers: Readonly<Record<string, ShownScheduler>>): Breakdown[] {
  const rules = Object.entries(schedulers).map(([method, { test }]) => average(method, [test]));
  const methods = [...new Set(runs.map((run) => run.method))];
  return [...rules, ...methods.map((method) => average(method, runs.filter((run) => run.method === method).map((run) => run.summary.test.best)))];
}

function average(method: string, of: readonly ShownSummary['test']['best'][]): Breakdown {
  const over = (value: (evaluation: (typeof of)[number]) => number): number => meanWithInterval(of.map(value)).mean;
  const utility = meanWithInterval(of.map((evaluation) => evaluation.utility.mean));
  return {
    method,
    seeds: of.length,
    utility: of.length === 1 ? of[0]!.utility : { mean: utility.mean, ci95: Number.isFinite(utility.ci95) ? utility.ci95 : null },
    revenue: over((e) => e.revenue),
    penalty: over((e) => e.penalty),
    transferCost: over((e) => e.transferCost),
    energyCost: over((e) => e.energyCost),
    energyKwh: over((e) => e.energyKwh),
    renewableKwh: over((e) => e.renewableKwh),
    carbonKg: over((e) => e.carbonKg),
    lateRate: over((e) => e.lateRate),
    meanSteps: over((e) => e.meanSteps),
  };
}
