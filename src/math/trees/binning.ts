/** Cut points per feature: value v falls in bin b where b = the number of cuts at or below v. At most 255 cuts. */
export interface Binning {
  readonly cuts: readonly Float32Array[];
}

/**
 * Cut points half-way between neighbouring distinct values, thinned to quantiles where a feature has more than `maxBins`.
 * `values` holds `features` numbers a row, row after row.
 */
export function createBinning(values: Float32Array, features: number, maxBins = 64): Binning {
  const rows = values.length / features;
  const cuts = Array.from({ length: features }, (_, feature) => {
    const column = Float32Array.from({ length: rows }, (_, row) => values[row * features + feature]!).sort();
    const distinct = column.filter((value, i) => i === 0 || value !== column[i - 1]);
    if (distinct.length <= maxBins) return distinct.subarray(1).map((value, i) => (value + distinct[i]!) / 2);
    const quantiles = Float32Array.from({ length: maxBins - 1 }, (_, i) => column[Math.floor(((i + 1) * rows) / maxBins)]!);
    return quantiles.filter((value, i) => i === 0 || value !== quantiles[i - 1]);
  });
  return { cuts };
}

/** Writes the bins of one row of feature values at `bins[offset ...]`. */
export function binRow(binning: Binning, values: ArrayLike<number>, bins: Uint8Array, offset: number): void {
  for (let feature = 0; feature < binning.cuts.length; feature++) {
    const cuts = binning.cuts[feature]!;
    const value = values[feature]!;
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cuts[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    bins[offset + feature] = low;
  }
}

/** Bins of many rows, row after row. */
export function binRows(binning: Binning, values: Float32Array): Uint8Array {
  const features = binning.cuts.length;
  const bins = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at += features) binRow(binning, values.subarray(at, at + features), bins, at);
  return bins;
}
