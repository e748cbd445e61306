import type { Candidates } from './candidates.js';

/** A learned f(x): a higher score means a faster program. Only the order of scores matters. */
export interface CostModel {
  /** Learns from the rows measured so far and their performance: best time / time, 0 for a failure. */
  fit(candidates: Candidates, rows: Int32Array, performance: Float64Array): Promise<void> | void;
  /** Writes `scores[row]` for the given rows. */
  predict(candidates: Candidates, rows: Int32Array, scores: Float32Array): Promise<void> | void;
}
