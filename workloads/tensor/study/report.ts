import { join } from 'node:path';
import { InputError } from '../../../src/io/errors.js';
import { meanWithInterval, rankCorrelation } from '../../../src/math/statistics.js';
import { fitTrees, predictTrees } from '../../../src/math/trees/trees.js';
import { binRows, createBinning } from '../../../src/math/trees/binning.js';
import type { LineSeries } from '../../../src/plots/charts.js';
import { lineChart } from '../../../src/plots/charts.js';
import { savePng } from '../../../src/plots/render.js';
import { programFeaturesNamed } from '../models/experience.js';
import type { FeatureMap } from '../models/features.js';
import { knobFeatures } from '../models/features.js';
import type { HistoryRecord } from '../measure/history.js';
import { groupBy, measurementOf, objectiveOf, readHistory, spaceAndObjective } from '../measure/history.js';
import type { Objective } from '../measure/objective.js';
import { isTime, valueOfCost } from '../measure/objective.js';
import type { MeasuredSpace } from '../measure/kernelTunerCache.js';
import type { Configuration, Knob } from '../space.js';
import { configurationAt } from '../space.js';
import { costOf, performanceOf } from '../measure/tally.js';

/** How well the rank model, fitted on all rounds before this one, orders configurations. */
export interface RoundQuality {
  readonly round: number;
  /** Trials it was fitted on. */
  readonly trials: number;
  /** Spearman's, on the configurations that it was not fitted on. */
  readonly rankCorrelation: number;
  /** Share of the 64 best of all configurations, seen or not (of half, if fewer than 128), that are among its 64 best. */
  readonly recallAt64: number;
}

export interface MethodReport {
  readonly name: string;
  readonly runs: number;
  /** Best value after each trial, in the objective's unit, over the runs. `ci95` is null for a single run. */
  readonly bestSoFar: readonly { trial: number; mean: number; ci95: number | null }[];
  readonly rounds: readonly RoundQuality[];
}

export interface SpaceReport {
  readonly space: string;
  readonly objective: Objective;
  readonly methods: readonly MethodReport[];
  readonly figures: readonly string[];
}

/**
 * Reads histories and draws, for every space in them, best-so-far curves (with 95 % intervals where a method ran with
 * several seeds), and the model's rank correlation and recall@64 by round. Models are judged on the cache of the space if
 * one is given, else on all that the histories measured of it. Figures are written to `folder`.
 */
export function reportHistories(files: readonly string[], folder: string, cache?: MeasuredSpace): SpaceReport[] {
  const records = files.flatMap((file) => readHistory(file));
  const groups = [...groupBy(records, spaceAndObjective).values()] as unknown as Group[];
  const isOf = ([first]: Group, named: MeasuredSpace): boolean => first.space === named.name && objectiveOf(first).name === named.objective.name;
  if (cache !== undefined && !groups.some((group) => isOf(group, cache))) {
    throw new InputError(`--cache is of another space, ${cache.objective.name} of ${cache.name}; the histories are of ${groups.map(([first]) => `${objectiveOf(first).name} of ${first.space}`).join(', ')}.`);
  }
  return groups.map((group) => reportSpace(group, folder, cache !== undefined && isOf(group, cache) ? cache : undefined));
}

/** Records of one space and objective, at least one. */
type Group = readonly [HistoryRecord, ...HistoryRecord[]];

function reportSpace(records: Group, folder: string, cache: MeasuredSpace | undefined): SpaceReport {
  const { space } = records[0];
  const objective = objectiveOf(records[0]);
  const known = cache === undefined ? measuredIn(records) : measuredInCache(cache);
  const features = programFeaturesNamed(space) ?? knobFeatures(cache?.knobs ?? knobsIn(records));
  const judge = createJudge(features, known);
  const methods = [...groupBy(records, ({ method }) => method)].map(([name, ofMethod]): MethodReport => {
    const runs = [...groupBy(ofMethod, ({ seed }) => String(seed)).values()];
    const curves = runs.map((run) => bestSoFar(run, objective));
    return { name, runs: runs.length, bestSoFar: averageCurve(curves), rounds: averageRounds(runs.map((run) => judge(run))) };
  });
  return { space, objective, methods, figures: drawFigures({ space, objective, methods }, folder) };
}

/** Configurations and costs that models are judged on. */
interface Known {
  readonly configurations: readonly Configuration[];
  readonly costs: readonly number[];
}

const keyOf = (configuration: Configuration): string => JSON.stringify(Object.entries(configuration).sort(([a], [b]) => (a < b ? -1 : 1)));

function measuredIn(records: readonly HistoryRecord[]): Known {
  const groups = [...groupBy(records, ({ config }) => keyOf(config)).values()];
  return {
    configurations: groups.map((group) => group[0]!.config),
    costs: groups.map((group) => group.reduce((sum, record) => sum + costOf(measurementOf(record)), 0) / group.length),
  };
}

function measuredInCache(cache: MeasuredSpace): Known {
  return { configurations: Array.from(cache.indices, (index) => configurationAt(cache.knobs, index)), costs: [...cache.costs] };
}

function knobsIn(records: readonly HistoryRecord[]): Knob[] {
  const names = Object.keys(records[0]!.config);
  return names.map((name) => ({ name, values: [...new Set(records.map(({ config }) => config[name]!))] }));
}

/** In the objective's unit; NaN while everything failed. */
function bestSoFar(run: readonly HistoryRecord[], objective: Objective): number[] {
  let best = Infinity;
  return run.map((record) => {
    best = Math.min(best, costOf(measurementOf(record)));
    return best === Infinity ? NaN : valueOfCost(objective, best);
  });
}

/** Over the trials that all runs have. */
function averageCurve(curves: readonly (readonly number[])[]): MethodReport['bestSoFar'] {
  const length = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, trial) => {
    const { mean, ci95 } = meanWithInterval(curves.map((curve) => curve[trial]!));
    return { trial: trial + 1, mean, ci95: curves.length > 1 ? ci95 : null };
  });
}

function averageRounds(runs: readonly (readonly RoundQuality[])[]): RoundQuality[] {
  const rounds = Math.min(...runs.map((run) => run.length));
  const average = (round: number, key: keyof RoundQuality): number => runs.reduce((sum, run) => sum + run[round]![key], 0) / runs.length;
  return Array.from({ length: Math.max(0, rounds) }, (_, r) => ({
    round: average(r, 'round'),
    trials: average(r, 'trials'),
    rankCorrelation: average(r, 'rankCorrelation'),
    recallAt64: average(r, 'recallAt64'),
  }));
}

const modelOptions = { objective: 'rank', rowShare: 0.7, featureShare: 0.5 } as const;
/** Fewer unseen configurations than this say nothing about a model. */
const leastUnseen = 16;

function createJudge(features: FeatureMap, known: Known): (run: readonly HistoryRecord[]) => RoundQuality[] {
  const width = features.names.length;
  const matrix = new Float32Array(known.configurations.length * width);
  known.configurations.forEach((configuration, i) => features.encode(configuration, matrix.subarray(i * width, (i + 1) * width)));
  const binning = createBinning(matrix, width);
  const bins = binRows(binning, matrix);
  const all = known.configurations.map((_, i) => i);
  const rowOf = new Map(known.configurations.map((configuration, i) => [keyOf(configuration), i]));

  return (run) => {
    const rounds = [...new Set(run.map(({ round }) => round))].sort((a, b) => a - b).slice(1);
    return rounds.flatMap((round): RoundQuality[] => {
      const before = run.filter((record) => record.round < round && rowOf.has(keyOf(record.config)));
      const rows = before.map((record) => rowOf.get(keyOf(record.config))!);
      const fitted = new Set(rows);
      const unseen = all.filter((row) => !fitted.has(row));
      if (unseen.length < leastUnseen || rows.length === 0) return [];
      const train = new Uint8Array(rows.length * width);
      rows.forEach((row, i) => train.set(bins.subarray(row * width, (row + 1) * width), i * width));
      const model = fitTrees(binning, train, performanceOf(before.map((record) => costOf(measurementOf(record)))), modelOptions);
      const scores = new Float32Array(known.configurations.length);
      predictTrees(model, bins, all, scores);
      const best = (order: (row: number) => number): Set<number> =>
        new Set([...all].sort((a, b) => order(a) - order(b)).slice(0, Math.min(64, all.length >> 1)));
      const truth = best((row) => known.costs[row]!);
      const predicted = best((row) => -scores[row]!);
      return [
        {
          round,
          trials: rows.length,
          rankCorrelation: rankCorrelation(unseen.map((row) => scores[row]!), unseen.map((row) => -known.costs[row]!)),
          recallAt64: [...truth].filter((row) => predicted.has(row)).length / truth.size,
        },
      ];
    });
  };
}

function drawFigures({ space, objective, methods }: Omit<SpaceReport, 'figures'>, folder: string): string[] {
  const slug = (isTime(objective) ? space : `${space} ${objective.name}`).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  const curves = join(folder, `${slug}-best-so-far.png`);
  const series = methods.map(({ name, runs, bestSoFar }): LineSeries => {
    // Nothing is drawn before every run has found something that works.
    const points = bestSoFar.filter(({ mean }) => Number.isFinite(mean));
    const y = points.map(({ mean }) => mean);
    const base = { name: runs > 1 ? `${name} (${runs} runs)` : name, x: points.map(({ trial }) => trial), y };
    if (runs === 1) return base;
    return { ...base, low: points.map(({ mean, ci95 }) => mean - ci95!), high: points.map(({ mean, ci95 }) => mean + ci95!) };
  });
  savePng(curves, lineChart({ title: space, x: { label: 'trials' }, y: { label: `best ${objective.name} so far${objective.unit === '' ? '' : ` (${objective.unit})`}`, logarithmic: true }, series: series.filter(({ x }) => x.length > 0) }));
  const judged = methods.filter(({ rounds }) => rounds.length > 0);
  if (judged.length === 0) return [curves];
  const quality = join(folder, `${slug}-model.png`);
  savePng(
    quality,
    lineChart({
      title: `${space}: the model before each round`,
      x: { label: 'trials it was fitted on' },
      y: { label: 'rank correlation (unseen), recall@64 (all)', max: 1 },
      series: judged.flatMap(({ name, rounds }): LineSeries[] => [
        { name: `${name}: rank correlation`, x: rounds.map(({ trials }) => trials), y: rounds.map((round) => round.rankCorrelation), points: true },
        { name: `${name}: recall@64`, x: rounds.map(({ trials }) => trials), y: rounds.map(({ recallAt64 }) => recallAt64), points: true },
      ]),
    }),
  );
  return [curves, quality];
}
