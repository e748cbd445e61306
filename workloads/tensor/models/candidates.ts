import type { RandomStream } from '../../../src/math/random.js';
import type { Binning } from '../../../src/math/trees/binning.js';
import { binRow, createBinning } from '../../../src/math/trees/binning.js';
import type { FeatureMap } from './features.js';
import { encodeIndex } from './features.js';
import type { SearchSpace } from '../space.js';

const binningSample = 2048;

/**
 * The configurations a tuner has looked at so far, encoded once each. A configuration is a row here; rows are only added.
 */
export class Candidates {
  readonly binning: Binning;
  /** Features per row. */
  readonly width: number;
  /** Bins of all rows, row after row. Replaced when it grows: read it anew. */
  bins: Uint8Array;
  /** Features of all rows, row after row. Replaced when it grows: read it anew. */
  features: Float32Array;
  readonly #featureMap: FeatureMap;
  readonly #rows = new Map<number, number>();
  readonly #buffer: Float32Array;
  #indices: Float64Array;

  constructor(
    readonly space: SearchSpace,
    featureMap: FeatureMap,
    random: RandomStream,
  ) {
    this.#featureMap = featureMap;
    this.width = featureMap.names.length;
    this.#buffer = new Float32Array(this.width);
    const sample = new Float32Array(binningSample * this.width);
    for (let i = 0; i < binningSample; i++) {
      encodeIndex(featureMap, space.knobs, space.sample(random), sample.subarray(i * this.width, (i + 1) * this.width));
    }
    this.binning = createBinning(sample, this.width);
    const capacity = 4096;
    this.bins = new Uint8Array(capacity * this.width);
    this.features = new Float32Array(capacity * this.width);
    this.#indices = new Float64Array(capacity);
  }

  get count(): number {
    return this.#rows.size;
  }

  indexOf(row: number): number {
    return this.#indices[row]!;
  }

  /** The row of a configuration, encoded now if it was never looked at; -1 if the space forbids it. */
  rowOf(index: number): number {
    const known = this.#rows.get(index);
    if (known !== undefined) return known;
    if (!this.space.isValid(index)) return -1;
    const row = this.#rows.size;
    if (row === this.#indices.length) this.#grow();
    this.#rows.set(index, row);
    this.#indices[row] = index;
    encodeIndex(this.#featureMap, this.space.knobs, index, this.#buffer);
    this.features.set(this.#buffer, row * this.width);
    binRow(this.binning, this.#buffer, this.bins, row * this.width);
    return row;
  }

  #grow(): void {
    const grown = <T extends { set(from: T): void; length: number }>(old: T, make: (length: number) => T): T => {
      const larger = make(2 * old.length);
      larger.set(old);
      return larger;
    };
    this.bins = grown(this.bins, (n) => new Uint8Array(n));
    this.features = grown(this.features, (n) => new Float32Array(n));
    this.#indices = grown(this.#indices, (n) => new Float64Array(n));
  }
}
