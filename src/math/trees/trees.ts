import { randomStream } from '../random.js';
import type { Binning } from './binning.js';
import { TreeGrower, unsplit } from './grow.js';
import { rankGradients, regressionGradients } from './objectives.js';

export interface TreeOptions {
  /** `rank`: pairwise logistic loss, only the order of targets matters; `regression`: squared error. */
  objective: 'rank' | 'regression';
  /** Boosting rounds. Default 100. */
  trees?: number;
  /** Levels of splits in a tree. Default 3. */
  depth?: number;
  /** Shrinkage of every tree. Default 0.2. */
  learningRate?: number;
  /** L2 penalty on leaf values. Default 1. */
  l2?: number;
  /** Share of the rows, and of the features, that a tree sees, drawn anew for every tree. Default 1. */
  rowShare?: number;
  featureShare?: number;
  /** Seed of those draws. Default 0. */
  seed?: number;
  /** Scores that the rows have already: the trees learn what these leave over, and their predictions are to be added to them. */
  initial?: ArrayLike<number> | undefined;
}

/**
 * Gradient-boosted trees, all complete binary trees of one depth, stored flat. Node i of a tree has the children 2i + 1
 * (bin <= cut) and 2i + 2; a node that was not worth splitting sends everything left.
 */
export interface TreeEnsemble {
  readonly binning: Binning;
  readonly depth: number;
  readonly base: number;
  /** Feature and highest left-going bin of each inner node, tree after tree. */
  readonly splitFeature: Uint16Array;
  readonly splitBin: Uint8Array;
  /** Leaf values, shrinkage included, tree after tree. */
  readonly leaves: Float32Array;
  /** Loss on the training rows before the first tree and after each. */
  readonly trainingLoss: readonly number[];
}

/**
 * Fits by second-order boosting on histograms (Chen and Guestrin, "XGBoost", 2016, equations 4 to 7). Larger targets are
 * better. Deterministic, and invariant to the order of rows: they are first put into the order of their targets.
 * `bins` holds one row of bins after the other.
 */
export function fitTrees(binning: Binning, bins: Uint8Array, targets: ArrayLike<number>, options: TreeOptions): TreeEnsemble {
  const { trees = 100, depth = 3, learningRate = 0.2, l2 = 1, rowShare = 1, featureShare = 1, seed = 0, initial } = options;
  const random = randomStream(seed, 'trees');
  const features = binning.cuts.length;
  const rows = targets.length;
  const order = canonicalOrder(bins, features, targets);
  const sortedTargets = Float64Array.from(order, (row) => targets[row]!);
  const base = options.objective === 'regression' && initial === undefined ? sortedTargets.reduce((sum, y) => sum + y, 0) / Math.max(rows, 1) : 0;
  const scores = Float64Array.from(order, (row) => initial?.[row] ?? base);
  const derivatives = { gradient: new Float64Array(rows), hessian: new Float64Array(rows) };
  const { gradient, hessian } = derivatives;
  const computeGradients = options.objective === 'rank' ? rankGradients(sortedTargets) : regressionGradients(sortedTargets);
  const inner = 2 ** depth - 1;
  const grower = new TreeGrower({ rows, ...histogramCells(binning, bins, order), depth, l2, learningRate });
  const splitFeature = new Uint16Array(trees * inner);
  const splitBin = new Uint8Array(trees * inner).fill(unsplit);
  const leaves = new Float32Array(trees * (inner + 1));
  const trainingLoss = [computeGradients(scores, gradient, hessian)];
  const seen = new Uint8Array(features).fill(1);
  for (let t = 0; t < trees; t++) {
    if (rowShare < 1) {
      for (let i = 0; i < rows; i++) {
        if (random.next() < rowShare) continue;
        gradient[i] = 0;
        hessian[i] = 0;
      }
    }
    if (featureShare < 1) for (let f = 0; f < features; f++) seen[f] = random.next() < featureShare ? 1 : 0;
    const slot = {
      splitFeature: splitFeature.subarray(t * inner),
      splitBin: splitBin.subarray(t * inner),
      leaves: leaves.subarray(t * (inner + 1), (t + 1) * (inner + 1)),
    };
    grower.grow(derivatives, seen, slot, scores);
    trainingLoss.push(computeGradients(scores, gradient, hessian));
  }
  return { binning, depth, base, splitFeature, splitBin, leaves, trainingLoss };
}

/** Histogram cell of each row and feature, rows in the given order. */
function histogramCells({ cuts }: Binning, bins: Uint8Array, order: readonly number[]): { cells: Uint32Array; firstCell: Uint32Array } {
  const features = cuts.length;
  const firstCell = new Uint32Array(features + 1);
  for (let f = 0; f < features; f++) firstCell[f + 1] = firstCell[f]! + cuts[f]!.length + 1;
  const cells = new Uint32Array(order.length * features);
  order.forEach((row, i) => {
    for (let f = 0; f < features; f++) cells[i * features + f] = firstCell[f]! + bins[row * features + f]!;
  });
  return { cells, firstCell };
}

/** Row order by falling target, equal targets by their bins, so that a fit cannot depend on the order of its input. */
function canonicalOrder(bins: Uint8Array, features: number, targets: ArrayLike<number>): number[] {
  return Array.from(targets, (_, row) => row).sort((a, b) => {
    const byTarget = targets[b]! - targets[a]!;
    if (byTarget !== 0) return byTarget;
    for (let f = 0; f < features; f++) {
      const byBin = bins[a * features + f]! - bins[b * features + f]!;
      if (byBin !== 0) return byBin;
    }
    return 0;
  });
}

/** Scores of rows of bins, higher is better. Only the rows listed in `which` are computed, into `scores[row]`. */
export function predictTrees(model: TreeEnsemble, bins: Uint8Array, which: ArrayLike<number>, scores: Float32Array): void {
  const { binning, depth, base, splitFeature, splitBin, leaves } = model;
  const features = binning.cuts.length;
  const inner = 2 ** depth - 1;
  const trees = leaves.length / (inner + 1);
  const rowsAtOnce = 256;
  const sums = new Float32Array(rowsAtOnce);
  for (let from = 0; from < which.length; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, which.length - from);
    sums.fill(base);
    for (let t = 0; t < trees; t++) {
      const root = t * inner;
      const firstLeaf = root + t - inner;
      for (let i = 0; i < count; i++) {
        const at = which[from + i]! * features;
        let node = 0;
        for (let level = 0; level < depth; level++) {
          const split = root + node;
          node = 2 * node + 1 + ((splitBin[split]! - bins[at + splitFeature[split]!]!) >>> 31);
        }
        sums[i]! += leaves[firstLeaf + node]!;
      }
    }
    for (let i = 0; i < count; i++) scores[which[from + i]!] = sums[i]!;
  }
}
