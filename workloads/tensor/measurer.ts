/** What one trial gave: times in ms (several samples where the measurer takes them), or why it failed. */
export type Measurement = { readonly ok: true; readonly timesMs: readonly number[] } | { readonly ok: false; readonly why: string };

/** Runs configurations of one search space, given by index. A failure is a result, and costs a trial like any other. */
export interface Measurer {
  measure(indices: readonly number[]): Promise<Measurement[]>;
}
