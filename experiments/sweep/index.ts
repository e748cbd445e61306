export type { Executor, ExecutorOptions, Outcome, RunEvent } from './executor.js';
export { localExecutor } from './local.js';
export { readManifest, writeManifest } from './manifest.js';
export { progressTable } from './progressTable.js';
export type { BoundSummary, RunOptions, SchedulerSummary, SummaryOf } from './runSpec.js';
export { runSpec } from './runSpec.js';
export type { Job, RunSpec } from './spec.js';
export { jobsOf, runId, runName } from './spec.js';
export { isFinished, runMissing } from './sweep.js';
