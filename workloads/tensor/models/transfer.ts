import { InputError } from '../../../src/io/errors.js';
import { rankCorrelation } from '../../../src/math/statistics.js';
import { fitTrees, predictTrees } from '../../../src/math/trees/trees.js';
import { binRows, createBinning } from '../../../src/math/trees/binning.js';
import type { Candidates } from './candidates.js';
import type { FeatureMap } from './features.js';
import type { HistoryRecord } from '../measure/history.js';
import { groupBy, measurementOf, spaceAndObjective } from '../measure/history.js';
import { costOf, performanceOf } from '../measure/tally.js';

/** What other workloads or devices taught: a rank model over features, fitted once. */
export interface Experience {
  /** The score of one row of features. */
  score(row: Float32Array): number;
}

/** Its trees; there is more to learn from than in one run. */
const treeOptions = { objective: 'rank', trees: 200, rowShare: 0.7, featureShare: 0.7 } as const;

/** Learns from records, each encoded with the features of its own space and judged by the best of that space and objective. */
export function experienceOf(records: readonly HistoryRecord[], featuresOf: (record: HistoryRecord) => FeatureMap): Experience {
  const bySpace = groupBy(records, spaceAndObjective);
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
  const score = new Float32Array(1);
  return {
    score: (row) => {
      predictTrees(model, binRows(binning, row), [0], score);
      return score[0]!;
    },
  };
}

/** The features, and after them the experience's score, from which a local model learns where to believe it. */
export function withExperience({ names, encode }: FeatureMap, experience: Experience): FeatureMap {
  const row = new Float32Array(names.length);
  return {
    names: [...names, 'experience'],
    encode: (configuration, into) => {
      encode(configuration, row);
      into.set(row);
      into[row.length] = experience.score(row);
    },
  };
}

/** Below this rank correlation with what is measured here, experience misleads, and is dropped until it is above again. */
const leastCorrelation = 0.4;
/** Weight before there are trials here, and trials after which it has fallen to half. */
const [firstTrust, halfTrust] = [2, 128];

/**
 * The global model of Chen et al. 2018, section 4: the experience's score, the last feature of the candidates, with a
 * weight that falls the more is known here.
 */
export class GlobalModel {
  #weight = firstTrust;

  /** Whether it agrees with what was measured here. */
  get trusted(): boolean {
    return this.#weight > 0;
  }

  /** Decides, from everything measured here, how far to trust it. */
  weigh(candidates: Candidates, rows: Int32Array, performance: Float64Array): void {
    const agreement = rankCorrelation(Float32Array.from(rows, (row) => experienceAt(candidates, row)), performance);
    this.#weight = agreement >= leastCorrelation ? (firstTrust * halfTrust) / (halfTrust + rows.length) : 0;
  }

  /** Its weighted score; 0 while it is not trusted. */
  score(candidates: Candidates, row: number): number {
    return this.#weight * experienceAt(candidates, row);
  }

  /** Takes the experience out of rows of bins, `width` each, while it is not trusted: trees do not split a feature of one value. */
  censor(bins: Uint8Array, width: number): void {
    if (!this.trusted) for (let at = lastOf(0, width); at < bins.length; at += width) bins[at] = 0;
  }
}

/** Where a row's last feature, its experience, stands. */
const lastOf = (row: number, width: number): number => (row + 1) * width - 1;
const experienceAt = ({ features, width }: Candidates, row: number): number => features[lastOf(row, width)]!;
