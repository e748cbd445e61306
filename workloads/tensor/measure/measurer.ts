/** What one trial gave: times in ms (several samples where the measurer takes them), or why it failed. */
export type Measurement = { readonly ok: true; readonly timesMs: readonly number[] } | { readonly ok: false; readonly why: string };

export interface Request {
  readonly index: number;
  /** How often this configuration was measured before in this session. */
  readonly repeat: number;
}

/** Runs configurations of one search space. A failure is a result, and costs a trial like any other. */
export interface Measurer {
  measure(requests: readonly Request[]): Promise<Measurement[]>;
}
