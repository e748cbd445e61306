import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { InputError } from '../../src/io/errors.js';
import type { Executor, ExecutorOptions, Outcome } from './executor.js';
import { maxAttempts } from './executor.js';
import { recordFailure } from './runJob.js';
import type { Job } from './spec.js';
import { runState } from './state.js';

const queueName = 'jouleflow';
/** A worker that has not renewed its hold on a job for so long is dead, and another takes the job up. */
const lockMs = 10_000;
const pollMs = 2000;

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
      const own = workers === undefined ? null : startWorker(connection, workers);
      try {
        await events.waitUntilReady();
        return await outcomes(jobs, queue, events, own, options);
      } finally {
        await own?.close();
        await Promise.all([events.close(), queue.close()]);
        connection.disconnect();
      }
    },
  };
}

async function outcomes(
  jobs: readonly Job[],
  queue: Queue<Job, Outcome>,
  events: QueueEvents,
  own: Worker | null,
  { onEvent, signal }: ExecutorOptions,
): Promise<Outcome[]> {
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
  await queue.addBulk(
    jobs.map((job) => ({
      name: job.name,
      data: job,
      opts: { jobId: job.id, attempts: maxAttempts, removeOnComplete: true, removeOnFail: true },
    })),
  );
  // Events can be lost where a connection breaks; the folders cannot.
  const poll = setInterval(() => {
    for (const job of open.values()) if (runState(job).state === 'finished') end({ id: job.id, status: 'finished' });
  }, pollMs);
  const stop = async (): Promise<void> => {
    own?.cancelAllJobs('stopped');
    await own?.close();
    await Promise.all([...open.keys()].map((id) => withdraw(queue, id)));
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

/** One that a worker elsewhere is at cannot be withdrawn, and goes on. */
async function withdraw(queue: Queue<Job, Outcome>, id: string): Promise<void> {
  try {
    await (await queue.getJob(id))?.remove();
  } catch {
    // Locked by its worker.
  }
}

/** `jouleflow worker`: takes jobs from the queue, `workers` at a time, until told to stop; what runs then goes back with a checkpoint. */
export async function workFor({ url, workers, signal }: { url: string; workers: number; signal: AbortSignal }): Promise<void> {
  const connection = await connect(url);
  const worker = startWorker(connection, workers);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  worker.cancelAllJobs('stopped');
  await worker.close();
  connection.disconnect();
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
  worker.on('error', (error) => process.stderr.write(`worker: ${error.message}\n`));
  return worker;
}

/** Throws InputError if nothing answers there. */
async function connect(url: string): Promise<Redis> {
  let redis: Redis;
  try {
    new URL(url);
    redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, connectTimeout: 5000, retryStrategy: (times) => (times > 3 ? null : 200 * times) });
  } catch {
    throw new InputError(`--redis: expected an address such as redis://localhost:6379, found "${url}".`);
  }
  let reason = 'no answer';
  redis.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? error.message));
  try {
    await redis.connect();
    await redis.ping();
  } catch {
    redis.disconnect();
    throw new InputError(`--redis: no Redis answers at ${url} (${reason}).`);
  }
  return redis;
}
