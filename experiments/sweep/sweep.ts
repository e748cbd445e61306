import type { Executor, ExecutorOptions, Outcome } from './executor.js';
import type { Job } from './spec.js';
import { isFinished } from './summary.js';

/** Runs what is missing of the jobs; outcomes are in the order of the jobs, those finished before `skipped`. */
export async function runMissing(jobs: readonly Job[], executor: Executor, options: ExecutorOptions = {}): Promise<Outcome[]> {
  const finished = new Set(jobs.filter(isFinished).map((job) => job.id));
  for (const id of finished) options.onEvent?.({ id, type: 'ended', outcome: { id, status: 'skipped' } });
  const missing = jobs.filter((job) => !finished.has(job.id));
  const outcomes = new Map((await executor.run(missing, options)).map((outcome) => [outcome.id, outcome]));
  return jobs.map(({ id }) => outcomes.get(id) ?? { id, status: 'skipped' });
}
