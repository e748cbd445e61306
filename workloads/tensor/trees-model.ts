import type { TreeEnsemble, TreeOptions } from '../../src/math/trees.js';
import { fitTrees, predictTrees } from '../../src/math/trees.js';
import type { CostModel } from './cost-model.js';

/** Boosted trees as a cost model: pairwise rank objective, or regression on performance. */
export function treesModel(options: TreeOptions): CostModel {
  let model: TreeEnsemble | undefined;
  return {
    fit: (candidates, rows, performance) => {
      model = fitTrees(candidates.binning, gatherRows(candidates.bins, candidates.width, rows), performance, options);
    },
    predict: (candidates, rows, scores) => predictTrees(model!, candidates.bins, rows, scores),
  };
}

/** The listed rows of a row-major matrix, one after the other. */
export function gatherRows(bins: Uint8Array, width: number, rows: Int32Array): Uint8Array {
  const gathered = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => gathered.set(bins.subarray(row * width, (row + 1) * width), i * width));
  return gathered;
}
