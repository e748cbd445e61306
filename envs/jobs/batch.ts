/** The jobs of one day, in order of arrival; one value per job in each array. */
export interface JobBatch {
  readonly length: number;
  /** Seconds since the day's start. */
  readonly arrivalSeconds: Float64Array;
  /** Index of the site where the job arrives. */
  readonly origin: Uint16Array;
  /** Images of one request of the job's bundle; 0 for a text job. */
  readonly images: Uint16Array;
  /** Latest completion in time, seconds since the day's start. */
  readonly deadlineSeconds: Float64Array;
  /** 1 for a job of the short-deadline class, 0 for a long one. */
  readonly short: Uint8Array;
  /** How long each job takes relative to what is expected; all 1 without `executionNoise`. */
  readonly serviceFactor: Float64Array;
  /** Where there are text jobs: which, and the tokens of prompt and answer of one request of each one's bundle. */
  readonly text?: TextColumns;
}

export interface TextColumns {
  readonly isText: Uint8Array;
  readonly promptTokens: Float64Array;
  readonly generatedTokens: Float64Array;
}
