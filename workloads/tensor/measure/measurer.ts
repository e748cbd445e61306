/**
 * What one trial gave: costs, less being better (`costOfValue` of the space's objective; times in ms), several where the
 * measurer takes several samples; or why it failed.
 */
export type Measurement = { readonly ok: true; readonly costs: readonly number[] } | { readonly ok: false; readonly why: string };

export interface Request {
  readonly index: number;
  /** How often this configuration was measured before in this session. */
  readonly repeat: number;
}

/** Runs configurations of one search space. A failure is a result, and costs a trial like any other. */
export interface Measurer {
  measure(requests: readonly Request[]): Promise<Measurement[]>;
}
