import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { addressOf } from '../../src/io/address.js';
import { InputError, Interrupted } from '../../src/io/errors.js';
import { ensureFolder } from '../../src/io/files.js';
import { textTable } from '../../src/io/table.js';
import type { Output } from './output.js';
import { stopSignal } from '../run/stopSignal.js';
import { readSweep } from '../sweep/config.js';
import type { Executor } from '../sweep/executor.js';
import { localExecutor } from '../sweep/local.js';
import { readManifest } from '../sweep/manifest.js';
import { progressTable } from '../sweep/progressTable.js';
import { runJob } from '../sweep/runJob.js';
import { slurmExecutor } from '../sweep/slurm.js';
import { jobsOf } from '../sweep/spec.js';
import type { SweepResult } from '../sweep/state.js';
import { addToManifest, collect, jobsIn, resultsOf, runState } from '../sweep/state.js';
import { runMissing } from '../sweep/sweep.js';

export const executorNames = ['local', 'slurm', 'bullmq'] as const;

export interface SweepArguments {
  config: string;
  executor: (typeof executorNames)[number];
  workers?: number | undefined;
  redis?: string | undefined;
  out: string;
}

/** `jouleflow sweep`: runs what is missing of a sweep and gathers its results. Throws if a run failed, or Interrupted. */
export async function sweepCommand(args: SweepArguments, output: Output): Promise<void> {
  const { sweep, specs } = readSweep(args.config);
  const folder = join(args.out, sweep.experiment);
  const jobs = jobsOf(specs, args.out);
  const executor = await executorFor(args, folder);
  ensureFolder(folder);
  await addToManifest(folder, jobs);
  const table = progressTable(jobs);
  const signal = stopSignal();
  let outcomes;
  try {
    outcomes = await runMissing(jobs, executor, { onEvent: table.event, signal });
  } finally {
    table.stop();
  }
  const results = await collect(folder);
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  output.say(`${resultTable(results)}\n\n${resultsOf(folder)}`);
  output.document({
    folder,
    runs: jobs.length,
    finished: count('finished'),
    skipped: count('skipped'),
    failed: count('failed'),
    interrupted: count('interrupted'),
    results,
  });
  if (signal.aborted) throw new Interrupted(`stopped: ${count('interrupted')} of ${jobs.length} runs are left; the same command goes on`);
  if (count('failed') > 0) throw new Error(`${count('failed')} of ${jobs.length} runs failed; the same command tries them again`);
}

async function executorFor({ executor, workers, redis }: SweepArguments, folder: string): Promise<Executor> {
  if (redis !== undefined && executor !== 'bullmq') throw new InputError(`--redis: goes with --executor bullmq, not ${executor}.`);
  checkWorkers(workers);
  if (executor === 'local') return localExecutor({ workers: workers ?? availableParallelism() });
  if (executor === 'slurm') return slurmExecutor({ folder, workers });
  const url = requireRedis(redis);
  const { bullmqExecutor } = await import('../sweep/bullmq.js');
  return bullmqExecutor({ url, workers });
}

/** Throws InputError if neither the option nor the environment says where Redis is. */
function requireRedis(given: string | undefined): string {
  const url = addressOf(given, 'JOULEFLOW_REDIS');
  if (url === undefined) throw new InputError('--redis: expected an address such as redis://localhost:6379, or one in JOULEFLOW_REDIS.');
  return url;
}

function checkWorkers(workers: number | undefined): void {
  if (workers !== undefined && !(Number.isInteger(workers) && workers > 0)) {
    throw new InputError(`--workers: expected a whole number from 1 on, found ${workers}.`);
  }
}

/** `jouleflow worker`: runs jobs of whatever sweeps are queued in Redis, until stopped. */
export async function workerCommand({ redis, workers, out }: { redis?: string | undefined; workers?: number | undefined; out?: string | undefined }): Promise<void> {
  checkWorkers(workers);
  const url = requireRedis(redis);
  const { workFor } = await import('../sweep/bullmq.js');
  await workFor({ url, workers: workers ?? availableParallelism(), root: out, signal: stopSignal() });
}

/** `jouleflow sweep status`: what the run folders of a sweep tell, whoever runs it. */
export async function statusCommand({ folder }: { folder: string }, output: Output): Promise<void> {
  const runs = jobsIn(folder).map((job) => ({ id: job.id, name: job.name, ...runState(job) }));
  const what = (run: (typeof runs)[number]): string =>
    run.state === 'running' ? `${Math.floor(100 * run.share)} % ${run.note ?? ''}`.trim() : run.state === 'failed' ? run.reason : '';
  const states = new Map<string, number>();
  for (const { state } of runs) states.set(state, (states.get(state) ?? 0) + 1);
  const rows = runs.map((run) => [`${run.name} ${run.id.slice(0, 8)}`, run.state, what(run)]);
  output.say(`${textTable(['run', 'state', 'note'], rows)}\n\n${[...states].map(([state, count]) => `${count} ${state}`).join(', ')}`);
  output.document({ folder, runs });
}

/** `jouleflow sweep run`: one line of a manifest; what a task of a Slurm array does. Throws what its run throws. */
export async function runLineCommand({ manifest, line }: { manifest: string; line: number }, output: Output): Promise<void> {
  const jobs = readManifest(manifest);
  const job = jobs[line];
  if (job === undefined) throw new InputError(`--line: expected 0 to ${jobs.length - 1}, found ${line}.`);
  const outcome = await runJob(job, { signal: stopSignal() });
  output.document(outcome);
  if (outcome.status === 'failed') throw new Error(outcome.reason);
  if (outcome.status === 'interrupted') throw new Interrupted(outcome.reason);
}

/** `jouleflow sweep collect`: gathers the results of a sweep that something else ran. */
export async function collectCommand({ folder }: { folder: string }, output: Output): Promise<void> {
  const results = await collect(folder);
  output.say(`${resultTable(results)}\n\n${resultsOf(folder)}`);
  output.document({ folder, results });
}

function resultTable(results: readonly SweepResult[]): string {
  return textTable(
    ['run', 'state', 'utility', 'late %'],
    results.map(({ name, id, state, reason, utility, lateRate }) => [
      `${name} ${id.slice(0, 8)}`,
      state,
      utility === null ? (reason ?? '') : utility.toFixed(0),
      lateRate === null ? '' : (100 * lateRate).toFixed(2),
    ]),
  );
}
