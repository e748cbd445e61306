/** Columns of one packed panel of weights: two 128-bit registers of float32. */
export const panelWidth = 8;

/** Packs a row-major inner x columns matrix into panels of 8 columns, each inner x 8; missing columns become 0. */
export function packWeights(weights: Float32Array, inner: number, columns: number, packed: Float32Array): void {
  const panels = Math.ceil(columns / panelWidth);
  for (let panel = 0, at = 0; panel < panels; panel++) {
    for (let k = 0; k < inner; k++) {
      for (let lane = 0; lane < panelWidth; lane++, at++) {
        const column = panel * panelWidth + lane;
        packed[at] = column < columns ? weights[k * columns + column]! : 0;
      }
    }
  }
}
