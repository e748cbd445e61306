/** Bin of a node that was not worth splitting: above every real bin, so that all rows go left. */
export const unsplit = 255;

const leastGain = 1e-9;

/** First and second derivatives of the loss by the scores, one a row. */
export interface Derivatives {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** Where a tree is written: its inner nodes' features and bins, and its leaves. */
export interface TreeSlot {
  readonly splitFeature: Uint16Array;
  readonly splitBin: Uint8Array;
  readonly leaves: Float32Array;
}

/** What is the same for all trees of an ensemble. */
export interface Growth {
  readonly rows: number;
  /** Histogram cell of each row and feature, row after row: features lie side by side in one histogram. */
  readonly cells: Uint32Array;
  /** First histogram cell of each feature, and after the last one the number of cells. */
  readonly firstCell: Uint32Array;
  readonly depth: number;
  /** Penalty on squared leaf values. */
  readonly l2: number;
  readonly learningRate: number;
}

/** Grows complete trees, level by level (Chen and Guestrin, "XGBoost", 2016, equations 5 to 7). Buffers are reused. */
export class TreeGrower {
  readonly #growth: Growth;
  readonly #histograms: Float64Array[];
  /** Rows, those of one node side by side from `#start` to `#end`. */
  readonly #members: Int32Array;
  readonly #spare: Int32Array;
  readonly #start: Int32Array;
  readonly #end: Int32Array;

  constructor(growth: Growth) {
    const { depth, firstCell, rows } = growth;
    const inner = 2 ** depth - 1;
    this.#growth = growth;
    this.#histograms = Array.from({ length: inner }, () => new Float64Array(2 * firstCell.at(-1)!));
    this.#members = new Int32Array(rows);
    this.#spare = new Int32Array(rows);
    this.#start = new Int32Array(2 * inner + 1);
    this.#end = new Int32Array(2 * inner + 1);
  }

  /** Grows one tree of the features that `seen` allows into `slot`, and adds its leaf values to the scores of its rows. */
  grow(derivatives: Derivatives, seen: Uint8Array, slot: TreeSlot, scores: Float64Array): void {
    const { depth, rows } = this.#growth;
    const inner = 2 ** depth - 1;
    for (let i = 0; i < rows; i++) this.#members[i] = i;
    this.#start[0] = 0;
    this.#end[0] = rows;
    this.#accumulate(0, derivatives);
    for (let node = 0; node < inner; node++) {
      const split = this.#bestSplit(node, seen);
      if (split !== undefined) [slot.splitFeature[node], slot.splitBin[node]] = [split.feature, split.bin];
      this.#divide(node, split === undefined ? this.#end[node]! : this.#partition(node, split));
      if (2 * node + 1 < inner) this.#childHistograms(node, derivatives);
    }
    this.#fillLeaves(derivatives, slot.leaves, scores);
  }

  #accumulate(node: number, { gradient, hessian }: Derivatives): void {
    const { cells, firstCell } = this.#growth;
    const features = firstCell.length - 1;
    const members = this.#members;
    const histogram = this.#histograms[node]!.fill(0);
    for (let m = this.#start[node]!, last = this.#end[node]!; m < last; m++) {
      const row = members[m]!;
      const g = gradient[row]!;
      const h = hessian[row]!;
      for (let at = row * features, stop = at + features; at < stop; at++) {
        const cell = 2 * cells[at]!;
        histogram[cell]! += g;
        histogram[cell + 1]! += h;
      }
    }
  }

  #bestSplit(node: number, seen: Uint8Array): { feature: number; bin: number } | undefined {
    if (this.#end[node]! - this.#start[node]! < 2) return undefined;
    const { firstCell, l2 } = this.#growth;
    const histogram = this.#histograms[node]!;
    let totalG = 0;
    let totalH = 0;
    for (let cell = firstCell[0]!; cell < firstCell[1]!; cell++) {
      totalG += histogram[2 * cell]!;
      totalH += histogram[2 * cell + 1]!;
    }
    const parentScore = (totalG * totalG) / (totalH + l2);
    let bestGain = leastGain;
    let feature = -1;
    let bin = unsplit;
    for (let f = 0; f < firstCell.length - 1; f++) {
      if (seen[f] === 0) continue;
      let leftG = 0;
      let leftH = 0;
      const first = firstCell[f]!;
      const last = firstCell[f + 1]! - 1;
      for (let cell = first; cell < last; cell++) {
        leftG += histogram[2 * cell]!;
        leftH += histogram[2 * cell + 1]!;
        const rightG = totalG - leftG;
        const gain = (leftG * leftG) / (leftH + l2) + (rightG * rightG) / (totalH - leftH + l2) - parentScore;
        if (gain > bestGain) {
          bestGain = gain;
          feature = f;
          bin = cell - first;
        }
      }
    }
    return feature < 0 ? undefined : { feature, bin };
  }

  /** Puts the rows that go left first; where the others begin. Stable, so that sums are the same for any input order. */
  #partition(node: number, { feature, bin }: { feature: number; bin: number }): number {
    const { cells, firstCell } = this.#growth;
    const features = firstCell.length - 1;
    const [members, spare] = [this.#members, this.#spare];
    const highest = firstCell[feature]! + bin;
    let into = this.#start[node]!;
    let kept = 0;
    for (let m = into, last = this.#end[node]!; m < last; m++) {
      const row = members[m]!;
      if (cells[row * features + feature]! <= highest) members[into++] = row;
      else spare[kept++] = row;
    }
    members.set(spare.subarray(0, kept), into);
    return into;
  }

  #divide(node: number, middle: number): void {
    const left = 2 * node + 1;
    this.#start[left] = this.#start[node]!;
    this.#end[left] = this.#start[left + 1] = middle;
    this.#end[left + 1] = this.#end[node]!;
  }

  /** The smaller child's from its rows, the larger one's from its parent's and its sibling's. */
  #childHistograms(node: number, derivatives: Derivatives): void {
    const left = 2 * node + 1;
    const sizeOf = (child: number): number => this.#end[child]! - this.#start[child]!;
    const small = sizeOf(left) <= sizeOf(left + 1) ? left : left + 1;
    const parent = this.#histograms[node]!;
    const large = this.#histograms[2 * left + 1 - small]!;
    if (sizeOf(small) === 0) {
      large.set(parent);
      return;
    }
    this.#accumulate(small, derivatives);
    const other = this.#histograms[small]!;
    for (let i = 0; i < large.length; i++) large[i] = parent[i]! - other[i]!;
  }

  #fillLeaves({ gradient, hessian }: Derivatives, leaves: Float32Array, scores: Float64Array): void {
    const { l2, learningRate } = this.#growth;
    const members = this.#members;
    for (let leaf = 0; leaf < leaves.length; leaf++) {
      const node = leaves.length - 1 + leaf;
      const [first, last] = [this.#start[node]!, this.#end[node]!];
      let g = 0;
      let h = 0;
      for (let m = first; m < last; m++) {
        g += gradient[members[m]!]!;
        h += hessian[members[m]!]!;
      }
      const value = h === 0 ? 0 : Math.fround((-learningRate * g) / (h + l2));
      leaves[leaf] = value;
      for (let m = first; m < last; m++) scores[members[m]!]! += value;
    }
  }
}
