import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { masked } from '../../src/io/address.js';
import { InputError, messageOf } from '../../src/io/errors.js';
import { runFolder } from '../run/runFolder.js';
import type { Executor, ExecutorOptions, Outcome } from './executor.js';
import { maxAttempts, rootVariable } from './executor.js';
import { recordFailure } from './runJob.js';
import type { Job } from './spec.js';
import { runState } from './state.js';
import { isFinished } from './summary.js';

const queueName = 'jouleflow';
/** A worker that has not renewed its hold on a job for so long is dead, and another takes the job up. */
const lockMs = 10_000;
const pollMs = 2000;
const closeMs = 10_000;
/** The longest wait between two tries to reach a Redis that was there and is gone, ms. */
const longestRetryMs = 5000;

/**
 * Jobs in a Redis queue, run by whichever `jouleflow worker`s listen there, on machines that see the run folders at the
 * same paths. A job's id is its run's, so that a run is queued once however often it is asked for. With `workers`, as
 * many run in this process's own sandboxes beside them.
 */
export function bullmqExecutor({ url, workers }: { url: string; workers?: number | undefined }): Executor {
  return {
    run: async (jobs, options = {}) => {
      if (jobs.length === 0) return [];
      const connection = await connect(url);
      const queue = new Queue<Job, Outcome>(queueName, { connection });
      const events = new QueueEvents(queueName, { connection: connection.duplicate() });
      // Connections that break are made again, without end; without a listener they would end the process.
      queue.on('error', () => undefined);
      events.on('error', () => undefined);
      const own = workers === undefined ? null : startWorker(connection, workers);
      try {
        await events.waitUntilReady();
        return await outcomes(jobs, { connection, queue, events, own }, options);
      } finally {
        await withinReason(Promise.all([own?.close(), events.close(), queue.close()]));
        leave(connection);
      }
    },
  };
}

/** Closes a connection; that it is gone needs no saying then. */
function leave(connection: Redis): void {
  connection.removeAllListeners('close');
  connection.disconnect();
}

/** What an executor holds of a queue. */
interface Line {
  readonly connection: Redis;
  readonly queue: Queue<Job, Outcome>;
  readonly events: QueueEvents;
  readonly own: Worker | null;
}

/**
 * Looks, time and again, at the folders of open jobs and whether the queue still has them: events can be lost where a
 * connection breaks, and jobs where Redis restarts empty; the folders cannot. What is lost is queued again.
 */
function everyLook(line: Line, open: ReadonlyMap<string, Job>, end: (outcome: Outcome) => void): NodeJS.Timeout {
  let missing = new Set<string>();
  const look = async (): Promise<void> => {
    for (const job of open.values()) if (isFinished(job)) end({ id: job.id, status: 'finished' });
    const gone = await notQueued(line, [...open.keys()]);
    // Twice missing: between its end and the event that tells of it a job is nowhere too.
    const lost = gone.filter((id) => missing.has(id)).flatMap((id) => open.get(id) ?? []);
    missing = new Set(gone);
    for (const job of lost) {
      const state = runState(job);
      if (state.state === 'failed') end({ id: job.id, status: 'failed', reason: state.reason });
    }
    const again = lost.filter((job) => open.has(job.id) && runState(job).state !== 'running');
    if (again.length > 0) await enqueue(line.queue, again);
  };
  let looking = false;
  return setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .catch((error: unknown) => process.stderr.write(`queue: ${messageOf(error)}\n`))
      .finally(() => (looking = false));
  }, pollMs);
}

/** Waits for what needs Redis, but not for a Redis that does not come back. */
const withinReason = (work: Promise<unknown>): Promise<unknown> => Promise.race([work, sleep(closeMs, undefined, { ref: false })]);

async function outcomes(jobs: readonly Job[], line: Line, { onEvent, signal }: ExecutorOptions): Promise<Outcome[]> {
  const { queue, events, own } = line;
  const open = new Map(jobs.map((job) => [job.id, job]));
  const found = new Map<string, Outcome>();
  let allEnded = (): void => undefined;
  const done = new Promise<void>((resolve) => (allEnded = resolve));
  const end = (outcome: Outcome): void => {
    if (!open.delete(outcome.id)) return;
    found.set(outcome.id, outcome);
    onEvent?.({ id: outcome.id, type: 'ended', outcome });
    if (open.size === 0) allEnded();
  };
  const died = (id: string, reason: string): void => {
    const job = open.get(id);
    if (job === undefined) return;
    const last = `${reason.trim()}, ${maxAttempts} times`;
    recordFailure(job, last);
    end({ id, status: 'failed', reason: last });
  };
  events.on('active', ({ jobId }) => void (open.has(jobId) && onEvent?.({ id: jobId, type: 'started' })));
  events.on('progress', ({ jobId, data }) => {
    const { share, note } = data as { share: number; note?: string };
    if (open.has(jobId)) onEvent?.({ id: jobId, type: 'progress', share, note });
  });
  events.on('waiting', ({ jobId, prev }) => {
    if (prev !== undefined && open.has(jobId)) onEvent?.({ id: jobId, type: 'retried', reason: 'its process died or was stopped' });
  });
  events.on('completed', ({ jobId, returnvalue }) => end({ ...(returnvalue as unknown as Outcome), id: jobId }));
  events.on('failed', ({ jobId, failedReason }) => died(jobId, failedReason));
  for (const job of jobs) rmSync(runFolder(job.folder).failure, { force: true });
  await enqueue(queue, jobs);
  const poll = everyLook(line, open, end);
  const stop = async (): Promise<void> => {
    own?.cancelAllJobs('stopped');
    await own?.close();
    await withinReason(Promise.all([...open.keys()].map((id) => withdraw(queue, id))));
    for (const id of open.keys()) end({ id, status: 'interrupted', reason: 'stopped' });
  };
  const onAbort = (): void => void stop();
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort);
  try {
    await done;
  } finally {
    clearInterval(poll);
    signal?.removeEventListener('abort', onAbort);
  }
  return jobs.map(({ id }) => found.get(id)!);
}

const enqueue = (queue: Queue<Job, Outcome>, jobs: readonly Job[]): Promise<unknown> =>
  queue.addBulk(
    jobs.map((job) => ({
      name: job.name,
      data: { ...job, folder: resolve(job.folder) },
      opts: { jobId: job.id, attempts: maxAttempts, removeOnComplete: true, removeOnFail: true },
    })),
  );

/** Those of the jobs that Redis does not know, in one round trip. */
async function notQueued({ connection, queue }: Line, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const pipeline = connection.pipeline();
  for (const id of ids) pipeline.exists(queue.toKey(id));
  const known = (await pipeline.exec()) ?? [];
  return ids.filter((_, i) => known[i]?.[0] === null && known[i][1] === 0);
}

/** One that a worker elsewhere is at cannot be withdrawn, and goes on. */
async function withdraw(queue: Queue<Job, Outcome>, id: string): Promise<void> {
  try {
    await (await queue.getJob(id))?.remove();
  } catch {
    // Locked by its worker.
  }
}

/** `jouleflow worker`: takes jobs from the queue, `workers` at a time, until told to stop; what runs then goes back with a checkpoint. */
export async function workFor({ url, workers, root, signal }: { url: string; workers: number; root?: string | undefined; signal: AbortSignal }): Promise<void> {
  if (root !== undefined) process.env[rootVariable] = resolve(root);
  const connection = await connect(url);
  const worker = startWorker(connection, workers);
  await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }));
  worker.cancelAllJobs('stopped');
  await worker.close();
  leave(connection);
}

function startWorker(connection: Redis, concurrency: number): Worker {
  const processor = join(import.meta.dirname, 'bullmqProcessor.js');
  if (!existsSync(processor)) throw new Error('the processor is not built; run "npm run build" first');
  const worker = new Worker(queueName, processor, {
    connection,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: maxAttempts - 1,
    workerForkOptions: { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  });
  // Broken connections are made again; without a listener they would end the process.
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNREFUSED') process.stderr.write(`worker: ${error.message}\n`);
  });
  return worker;
}

/** Throws InputError if nothing answers there. */
async function connect(url: string): Promise<Redis> {
  let redis: Redis;
  let reached = false;
  try {
    new URL(url);
    // Given up at once if nobody ever answered, never once somebody has.
    const retryStrategy = (times: number): number | null => (reached ? Math.min(200 * times, longestRetryMs) : times > 3 ? null : 200 * times);
    redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, connectTimeout: 5000, retryStrategy });
  } catch {
    throw new InputError(`--redis: expected an address such as redis://localhost:6379, found "${masked(url)}".`);
  }
  let reason = 'no answer';
  redis.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? error.message));
  try {
    await redis.connect();
    await redis.ping();
  } catch {
    redis.disconnect();
    throw new InputError(`--redis: no Redis answers at ${masked(url)} (${reason}).`);
  }
  reached = true;
  let away = false;
  redis.on('close', () => {
    if (!away) process.stderr.write(`${masked(url)} does not answer; it is tried until it does\n`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) process.stderr.write(`${masked(url)} answers again\n`);
    away = false;
  });
  return redis;
}
