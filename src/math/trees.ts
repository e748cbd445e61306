import { InputError } from '../io/errors.js';
import { randomStream } from './random.js';
import type { Binning } from './treesBinning.js';
import { rankGradients, regressionGradients } from './treesObjectives.js';

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

const unsplit = 255;

/**
 * Fits by second-order boosting on histograms (Chen and Guestrin, "XGBoost", 2016, equations 4 to 7). Larger targets are
 * better. Deterministic, and invariant to the order of rows: they are first put into the order of their targets.
 * `bins` holds one row of bins after the other. With `initial` scores of the rows, the trees learn what these leave over;
 * predictions are then to be added to them.
 */
export function fitTrees(binning: Binning, bins: Uint8Array, targets: ArrayLike<number>, options: TreeOptions, initial?: ArrayLike<number>): TreeEnsemble {
  const { trees = 100, depth = 3, learningRate = 0.2, l2 = 1, rowShare = 1, featureShare = 1, seed = 0 } = options;
  const random = randomStream(seed, 'trees');
  const features = binning.cuts.length;
  const rows = targets.length;
  const order = canonicalOrder(bins, features, targets);
  const sortedTargets = Float64Array.from(order, (row) => targets[row]!);

  // Histogram cell of each row and feature: features lie side by side in one histogram.
  const firstCell = new Uint32Array(features + 1);
  for (let f = 0; f < features; f++) firstCell[f + 1] = firstCell[f]! + binning.cuts[f]!.length + 1;
  const cells = new Uint32Array(rows * features);
  for (let i = 0; i < rows; i++) {
    const from = order[i]! * features;
    for (let f = 0; f < features; f++) cells[i * features + f] = firstCell[f]! + bins[from + f]!;
  }

  const base = options.objective === 'regression' && initial === undefined ? sortedTargets.reduce((sum, y) => sum + y, 0) / Math.max(rows, 1) : 0;
  const scores = Float64Array.from(order, (row) => initial?.[row] ?? base);
  const gradient = new Float64Array(rows);
  const hessian = new Float64Array(rows);
  const computeGradients = options.objective === 'rank' ? rankGradients(sortedTargets) : regressionGradients(sortedTargets);
  const inner = 2 ** depth - 1;
  const grower = createGrower(cells, firstCell, rows, features, depth, l2);
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
    const treeLeaves = leaves.subarray(t * (inner + 1), (t + 1) * (inner + 1));
    grower(gradient, hessian, seen, splitFeature.subarray(t * inner), splitBin.subarray(t * inner), treeLeaves, learningRate, scores);
    trainingLoss.push(computeGradients(scores, gradient, hessian));
  }
  return { binning, depth, base, splitFeature, splitBin, leaves, trainingLoss };
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

type GrowTree = (
  gradient: Float64Array,
  hessian: Float64Array,
  seen: Uint8Array,
  splitFeature: Uint16Array,
  splitBin: Uint8Array,
  leaves: Float32Array,
  learningRate: number,
  scores: Float64Array,
) => void;

/** Grows one complete tree, level by level, and adds its leaf values to the scores of its rows. Buffers are reused. */
function createGrower(cells: Uint32Array, firstCell: Uint32Array, rows: number, features: number, depth: number, l2: number): GrowTree {
  const inner = 2 ** depth - 1;
  const width = firstCell[features]!;
  const histograms = Array.from({ length: inner }, () => new Float64Array(2 * width));
  const members = new Int32Array(rows);
  const spare = new Int32Array(rows);
  const start = new Int32Array(2 * inner + 1);
  const end = new Int32Array(2 * inner + 1);

  const accumulate = (node: number, gradient: Float64Array, hessian: Float64Array): void => {
    const histogram = histograms[node]!.fill(0);
    for (let m = start[node]!; m < end[node]!; m++) {
      const row = members[m]!;
      const g = gradient[row]!;
      const h = hessian[row]!;
      for (let at = row * features, stop = at + features; at < stop; at++) {
        const cell = 2 * cells[at]!;
        histogram[cell]! += g;
        histogram[cell + 1]! += h;
      }
    }
  };
  /** A child's histogram from its parent's and its sibling's. */
  const subtract = (node: number, sibling: number): void => {
    const histogram = histograms[node]!;
    const parent = histograms[(node - 1) >> 1]!;
    const other = histograms[sibling]!;
    for (let i = 0; i < histogram.length; i++) histogram[i] = parent[i]! - other[i]!;
  };

  return (gradient, hessian, seen, splitFeature, splitBin, leaves, learningRate, scores) => {
    for (let i = 0; i < rows; i++) members[i] = i;
    start[0] = 0;
    end[0] = rows;
    accumulate(0, gradient, hessian);
    for (let node = 0; node < inner; node++) {
      const histogram = histograms[node]!;
      const left = 2 * node + 1;
      const right = left + 1;
      const from = start[node]!;
      const to = end[node]!;
      let bestGain = 1e-9;
      let bestFeature = -1;
      let bestBin = unsplit;
      if (to - from > 1) {
        let totalG = 0;
        let totalH = 0;
        for (let cell = firstCell[0]!; cell < firstCell[1]!; cell++) {
          totalG += histogram[2 * cell]!;
          totalH += histogram[2 * cell + 1]!;
        }
        const parentScore = (totalG * totalG) / (totalH + l2);
        for (let f = 0; f < features; f++) {
          if (seen[f] === 0) continue;
          let leftG = 0;
          let leftH = 0;
          const first = firstCell[f]!;
          const last = firstCell[f + 1]! - 1;
          for (let cell = first; cell < last; cell++) {
            const h = histogram[2 * cell + 1]!;
            leftG += histogram[2 * cell]!;
            leftH += h;
            const rightG = totalG - leftG;
            const gain = (leftG * leftG) / (leftH + l2) + (rightG * rightG) / (totalH - leftH + l2) - parentScore;
            if (gain > bestGain) {
              bestGain = gain;
              bestFeature = f;
              bestBin = cell - first;
            }
          }
        }
      }
      // A stable partition keeps rows in canonical order, so that sums are the same for any input order.
      let into = from;
      if (bestFeature >= 0) {
        splitFeature[node] = bestFeature;
        splitBin[node] = bestBin;
        const highest = firstCell[bestFeature]! + bestBin;
        let kept = 0;
        for (let m = from; m < to; m++) {
          const row = members[m]!;
          if (cells[row * features + bestFeature]! <= highest) members[into++] = row;
          else spare[kept++] = row;
        }
        members.set(spare.subarray(0, kept), into);
      } else {
        into = to;
      }
      start[left] = from;
      end[left] = start[right] = into;
      end[right] = to;
      if (left < inner) {
        const small = into - from <= to - into ? left : right;
        const large = left + right - small;
        if (end[small]! === start[small]!) {
          histograms[large]!.set(histogram);
        } else {
          accumulate(small, gradient, hessian);
          subtract(large, small);
        }
      }
    }
    for (let leaf = 0; leaf <= inner; leaf++) {
      const node = inner + leaf;
      let g = 0;
      let h = 0;
      for (let m = start[node]!; m < end[node]!; m++) {
        g += gradient[members[m]!]!;
        h += hessian[members[m]!]!;
      }
      const value = h === 0 ? 0 : Math.fround((-learningRate * g) / (h + l2));
      leaves[leaf] = value;
      for (let m = start[node]!; m < end[node]!; m++) scores[members[m]!]! += value;
    }
  };
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

/** The ensemble as plain JSON. */
export function treesToJson(model: TreeEnsemble): object {
  return {
    format: 'jouleflow-trees-1',
    cuts: model.binning.cuts.map((cuts) => [...cuts]),
    depth: model.depth,
    base: model.base,
    splitFeature: [...model.splitFeature],
    splitBin: [...model.splitBin],
    leaves: [...model.leaves],
    trainingLoss: model.trainingLoss,
  };
}

/** The ensemble that `treesToJson` wrote; it predicts the same to the bit. Throws InputError for anything else. */
export function treesFromJson(json: unknown): TreeEnsemble {
  const saved = json as Record<string, unknown>;
  if (typeof json !== 'object' || json === null || saved['format'] !== 'jouleflow-trees-1') {
    throw new InputError('Expected boosted trees in the form "jouleflow-trees-1".');
  }
  return {
    binning: { cuts: (saved['cuts'] as number[][]).map((cuts) => Float32Array.from(cuts)) },
    depth: saved['depth'] as number,
    base: saved['base'] as number,
    splitFeature: Uint16Array.from(saved['splitFeature'] as number[]),
    splitBin: Uint8Array.from(saved['splitBin'] as number[]),
    leaves: Float32Array.from(saved['leaves'] as number[]),
    trainingLoss: saved['trainingLoss'] as number[],
  };
}
