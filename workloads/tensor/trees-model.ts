import type { RandomStream } from '../../src/math/random.js';
import type { TreeEnsemble, TreeOptions } from '../../src/math/trees.js';
import { fitTrees, predictTrees } from '../../src/math/trees.js';
import type { Acquisition } from './acquisition.js';
import { acquire } from './acquisition.js';
import type { Candidates } from './candidates.js';
import type { CostModel } from './cost-model.js';
import type { GlobalModel } from './transfer.js';

export interface TreesModelOptions {
  objective: TreeOptions['objective'];
  /** How the members' scores become one. Default upper confidence bound. */
  acquisition?: Acquisition;
  /** What other workloads or devices taught. */
  global?: GlobalModel;
}

const members = 5;
const memberOptions = { trees: 40, learningRate: 0.3, rowShare: 0.7, featureShare: 0.8 } as const;

/**
 * Boosted trees as a cost model: a few small ensembles, each on its own bootstrap resample, whose spread says where the
 * model does not know. With a global model, they learn what it leaves over.
 */
export function treesModel(random: RandomStream, { objective, acquisition = 'ucb', global }: TreesModelOptions): CostModel {
  let models: TreeEnsemble[] = [];
  let incumbent = 0;
  let buffers: Float32Array[] = [];

  /** Calls `use` with the mean and the standard deviation of the members' scores of each row. */
  const score = (candidates: Candidates, rows: Int32Array, use: (row: number, mean: number, deviation: number) => void): void => {
    const { count, bins } = candidates;
    if ((buffers[0]?.length ?? 0) < count) buffers = Array.from({ length: members }, () => new Float32Array(2 * count));
    models.forEach((model, m) => predictTrees(model, bins, rows, buffers[m]!));
    const prior = global?.scores(candidates, rows);
    rows.forEach((row, i) => {
      let sum = 0;
      let squares = 0;
      for (const scores of buffers) {
        sum += scores[row]!;
        squares += scores[row]! ** 2;
      }
      const mean = sum / members;
      use(row, mean + (prior?.[i] ?? 0), Math.sqrt(Math.max(0, squares / members - mean * mean)));
    });
  };
  return {
    fit: (candidates, rows, performance) => {
      global?.weigh(candidates, rows, performance);
      const prior = global?.scores(candidates, rows);
      models = Array.from({ length: members }, (_, m) => {
        const drawn = Int32Array.from(rows, () => random.integer(rows.length));
        const bins = gatherRows(candidates.bins, candidates.width, drawn.map((i) => rows[i]!));
        const targets = Float64Array.from(drawn, (i) => performance[i]!);
        const initial = prior === undefined ? undefined : Float64Array.from(drawn, (i) => prior[i]!);
        return fitTrees(candidates.binning, bins, targets, { objective, ...memberOptions, seed: m }, initial);
      });
      incumbent = -Infinity;
      score(candidates, rows, (_row, mean) => (incumbent = Math.max(incumbent, mean)));
    },
    predict: (candidates, rows, scores) => {
      score(candidates, rows, (row, mean, deviation) => (scores[row] = acquire(acquisition, mean, deviation, incumbent)));
    },
  };
}

/** The listed rows of a row-major matrix, one after the other. */
export function gatherRows(bins: Uint8Array, width: number, rows: Int32Array): Uint8Array {
  const gathered = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => gathered.set(bins.subarray(row * width, (row + 1) * width), i * width));
  return gathered;
}
