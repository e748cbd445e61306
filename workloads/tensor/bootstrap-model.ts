import type { RandomStream } from '../../src/math/random.js';
import type { TreeEnsemble, TreeOptions } from '../../src/math/trees.js';
import { fitTrees, predictTrees } from '../../src/math/trees.js';
import type { CostModel } from './cost-model.js';
import { gatherRows } from './trees-model.js';

export interface BootstrapOptions extends TreeOptions {
  /** Expected improvement over the best measured row, or upper confidence bound. */
  acquisition: 'ei' | 'ucb';
  /** Models, each on its own resample. Default 5. */
  members?: number;
  /** Standard deviations above the mean, for `ucb`. Default 1. */
  kappa?: number;
}

/** An acquisition function over the mean and spread of boosted trees fitted on bootstrap resamples (Chen et al. 2018, section 3.3). */
export function bootstrapModel(random: RandomStream, { acquisition, members = 5, kappa = 1, ...trees }: BootstrapOptions): CostModel {
  let models: TreeEnsemble[] = [];
  let incumbent = 0;
  let buffers: Float32Array[] = [];

  /** Calls `use` with the mean and the standard deviation of the members' scores of each row. */
  const forEach = (bins: Uint8Array, rows: Int32Array, length: number, use: (row: number, mean: number, deviation: number) => void): void => {
    if ((buffers[0]?.length ?? 0) < length) buffers = Array.from({ length: members }, () => new Float32Array(length));
    models.forEach((model, m) => predictTrees(model, bins, rows, buffers[m]!));
    for (const row of rows) {
      let sum = 0;
      let squares = 0;
      for (const scores of buffers) {
        sum += scores[row]!;
        squares += scores[row]! ** 2;
      }
      const mean = sum / members;
      use(row, mean, Math.sqrt(Math.max(0, squares / members - mean * mean)));
    }
  };
  return {
    fit: (candidates, rows, performance) => {
      models = Array.from({ length: members }, () => {
        const resample = Int32Array.from(rows, () => random.integer(rows.length));
        const drawn = resample.map((i) => rows[i]!);
        const targets = Float64Array.from(resample, (i) => performance[i]!);
        return fitTrees(candidates.binning, gatherRows(candidates.bins, candidates.width, drawn), targets, trees);
      });
      incumbent = -Infinity;
      forEach(candidates.bins, rows, candidates.count, (_row, mean) => (incumbent = Math.max(incumbent, mean)));
    },
    predict: (candidates, rows, scores) => {
      forEach(candidates.bins, rows, candidates.count, (row, mean, deviation) => {
        scores[row] = acquisition === 'ucb' ? mean + kappa * deviation : expectedImprovement(mean - incumbent, deviation);
      });
    },
  };
}

/** E[max(0, X)] of a normal X. */
function expectedImprovement(mean: number, deviation: number): number {
  if (deviation < 1e-9) return Math.max(0, mean);
  const z = mean / deviation;
  return mean * normalCdf(z) + (deviation * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

/** Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
  return z < 0 ? tail / 2 : 1 - tail / 2;
}
