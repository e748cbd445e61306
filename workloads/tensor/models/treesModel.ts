import type { RandomStream } from '../../../src/math/random.js';
import type { TreeEnsemble, TreeOptions } from '../../../src/math/trees/trees.js';
import { fitTrees, predictTrees } from '../../../src/math/trees/trees.js';
import type { Acquisition } from '../strategies/acquisition.js';
import { acquire } from '../strategies/acquisition.js';
import type { Candidates } from './candidates.js';
import type { CostModel } from './costModel.js';
import type { GlobalModel } from './transfer.js';

export interface TreesModelOptions {
  objective: TreeOptions['objective'];
  /** How the members' scores become one. Default expected improvement. */
  acquisition?: Acquisition;
  /** What other workloads or devices taught, the last feature (`withExperience`). */
  global?: GlobalModel | undefined;
}

const ownMembers = 5;
/** Experience is followed by the mean of the members' scores, which more of them make steadier. */
const membersWithExperience = 10;
const memberOptions = { trees: 40, learningRate: 0.3, rowShare: 0.5, featureShare: 0.5 } as const;

/**
 * Boosted trees as a cost model: a few small ensembles, each tree of which sees its own half of the rows and features, so
 * that the ensembles' spread says where the model does not know. (Resampling the rows of each ensemble as well loses a third
 * of the few good ones.) With a global model, they learn what it leaves over, and while it is trusted the mean score counts:
 * what to explore is known from elsewhere.
 */
export function treesModel(random: RandomStream, { objective, acquisition = 'ei', global }: TreesModelOptions): CostModel {
  const members = global === undefined ? ownMembers : membersWithExperience;
  let models: TreeEnsemble[] = [];
  let incumbent = 0;
  let buffers: Float32Array[] = [];

  /** Calls `use` with the mean and the standard deviation of the members' scores of each row. */
  const score = (candidates: Candidates, rows: Int32Array, use: (row: number, mean: number, deviation: number) => void): void => {
    const { count, bins } = candidates;
    if ((buffers[0]?.length ?? 0) < count) buffers = Array.from({ length: members }, () => new Float32Array(2 * count));
    models.forEach((model, m) => predictTrees(model, bins, rows, buffers[m]!));
    rows.forEach((row) => {
      let sum = 0;
      let squares = 0;
      for (const scores of buffers) {
        sum += scores[row]!;
        squares += scores[row]! ** 2;
      }
      const mean = sum / members;
      use(row, mean + (global?.score(candidates, row) ?? 0), Math.sqrt(Math.max(0, squares / members - mean * mean)));
    });
  };
  return {
    fit: (candidates, rows, performance) => {
      const bins = gatherRows(candidates.bins, candidates.width, rows);
      global?.censor(bins, candidates.width);
      const initial = global && Float64Array.from(rows, (row) => global.score(candidates, row));
      models = Array.from({ length: members }, () =>
        fitTrees(candidates.binning, bins, performance, { objective, ...memberOptions, seed: random.integer(2 ** 31), initial }),
      );
      incumbent = -Infinity;
      score(candidates, rows, (_row, mean) => (incumbent = Math.max(incumbent, mean)));
    },
    predict: (candidates, rows, scores) => {
      score(candidates, rows, (row, mean, deviation) => (scores[row] = acquire(global?.trusted ? 'mean' : acquisition, mean, deviation, incumbent)));
    },
  };
}

/** The listed rows of a row-major matrix, one after the other. */
export function gatherRows(bins: Uint8Array, width: number, rows: Int32Array): Uint8Array {
  const gathered = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => gathered.set(bins.subarray(row * width, (row + 1) * width), i * width));
  return gathered;
}
