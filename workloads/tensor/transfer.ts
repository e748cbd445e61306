import { InputError } from '../../src/io/errors.js';
import { rankCorrelation } from '../../src/math/statistics.js';
import { fitTrees, predictTrees } from '../../src/math/trees.js';
import { binRows, createBinning } from '../../src/math/trees-binning.js';
import type { Candidates } from './candidates.js';
import type { FeatureMap } from './features.js';
import type { HistoryRecord } from './history.js';
import { measurementOf } from './history.js';
import { performanceOf } from './model-tuner.js';
import { costOf } from './tally.js';

/** What other workloads or devices taught: a rank model over features, fitted once. */
export interface Experience {
  /** Scores of rows of features, one row after the other. */
  score(features: Float32Array): Float32Array;
}

/** Its trees; there is more to learn from than in one run. */
const treeOptions = { objective: 'rank', trees: 200, rowShare: 0.7, featureShare: 0.7 } as const;

/** Learns from records, each encoded with the features of its own space and judged by the best time of that space. */
export function experienceOf(records: readonly HistoryRecord[], featuresOf: (record: HistoryRecord) => FeatureMap): Experience {
  const bySpace = new Map<string, HistoryRecord[]>();
  for (const record of records) {
    const group = bySpace.get(record.space);
    if (group === undefined) bySpace.set(record.space, [record]);
    else group.push(record);
  }
  const features: Float32Array[] = [];
  const performance: number[] = [];
  for (const group of bySpace.values()) {
    const map = featuresOf(group[0]!);
    for (const { config } of group) {
      const row = new Float32Array(map.names.length);
      map.encode(config, row);
      if (!row.every(Number.isFinite)) throw new InputError(`A record of ${group[0]!.space} has a value of the wrong kind: ${JSON.stringify(config)}.`);
      features.push(row);
    }
    performance.push(...performanceOf(group.map((record) => costOf(measurementOf(record)))));
  }
  const width = features[0]?.length ?? 0;
  const matrix = new Float32Array(features.length * width);
  features.forEach((row, i) => matrix.set(row, i * width));
  const binning = createBinning(matrix, width, 255);
  const model = fitTrees(binning, binRows(binning, matrix), performance, treeOptions);
  return {
    score: (rows) => {
      const count = rows.length / width;
      const scores = new Float32Array(count);
      predictTrees(model, binRows(binning, rows), Int32Array.from({ length: count }, (_, i) => i), scores);
      return scores;
    },
  };
}

/** The global model of Chen et al. 2018, section 4: scores of the other workloads' model, less the more is known here. */
export interface GlobalModel {
  /** Decides, from everything measured here, how far to trust it. */
  weigh(candidates: Candidates, rows: Int32Array, performance: Float64Array): void;
  /** Its weighted scores. */
  scores(candidates: Candidates, rows: Int32Array): Float32Array;
}

/** Below this rank correlation with what is measured here, the global model misleads, and is dropped. */
const leastCorrelation = 0.6;
/** Trials after which its weight has fallen to half. */
const halfTrust = 128;

export function globalModel(experience: Experience): GlobalModel {
  let weight = 1;
  /** By row of the candidates; rows never change. */
  let known = new Float32Array(0);
  const raw = ({ count, features, width }: Candidates, rows: Int32Array): Float32Array => {
    if (known.length < count) {
      const larger = new Float32Array(2 * count).fill(NaN);
      larger.set(known);
      known = larger;
    }
    const fresh = rows.filter((row) => Number.isNaN(known[row]!));
    if (fresh.length > 0) {
      const encoded = new Float32Array(fresh.length * width);
      fresh.forEach((row, i) => encoded.set(features.subarray(row * width, (row + 1) * width), i * width));
      experience.score(encoded).forEach((score, i) => (known[fresh[i]!] = score));
    }
    return Float32Array.from(rows, (row) => known[row]!);
  };
  return {
    weigh: (candidates, rows, performance) => {
      const agreement = rankCorrelation(raw(candidates, rows), performance);
      weight = agreement < leastCorrelation ? 0 : halfTrust / (halfTrust + rows.length);
    },
    scores: (candidates, rows) => (weight === 0 ? new Float32Array(rows.length) : raw(candidates, rows).map((score) => weight * score)),
  };
}
