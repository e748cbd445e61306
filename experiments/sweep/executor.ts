import type { Job } from './spec.js';

/** What became of a run. `failed` and `interrupted` say why; an interrupted one goes on from its checkpoint when run again. */
export type Outcome =
  | { readonly id: string; readonly status: 'finished' | 'skipped' }
  | { readonly id: string; readonly status: 'failed' | 'interrupted'; readonly reason: string };

/** What an executor tells while it works. `share` is the part of the run that is done, 0 to 1. */
export type RunEvent =
  | { readonly id: string; readonly type: 'started' }
  | { readonly id: string; readonly type: 'progress'; readonly share: number; readonly note?: string | undefined }
  | { readonly id: string; readonly type: 'retried'; readonly reason: string }
  | { readonly id: string; readonly type: 'ended'; readonly outcome: Outcome };

export interface ExecutorOptions {
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Once aborted, nothing more is started and what runs stops at its next checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs jobs somewhere and gives the outcome of each, in the order of the jobs. A run that fails never stops the others;
 * a process that dies is no failure of its run, which is tried again from its checkpoint, up to `maxAttempts` times.
 */
export interface Executor {
  run(jobs: readonly Job[], options?: ExecutorOptions): Promise<Outcome[]>;
}

/** The environment variable that tells a worker's processes below which folder its runs must lie. */
export const rootVariable = 'JOULEFLOW_WORKER_OUT';

/** How often a run is begun before the death of its process counts as its own fault. */
export const maxAttempts = 3;
