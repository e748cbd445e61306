import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor, ExecutorOptions, Outcome } from './executor.js';
import { maxAttempts } from './executor.js';
import type { FromWorker, ToWorker } from './localWorker.js';
import { recordFailure } from './runJob.js';
import type { Job } from './spec.js';

/**
 * Worker processes on this machine, `workers` at a time, each with one compute thread. A process runs one job and ends,
 * so that no run can leave anything to the next, and its death takes no other run along.
 */
export function localExecutor({ workers }: { workers: number }): Executor {
  return {
    run: async (jobs, options = {}) => {
      const waiting = [...jobs];
      const outcomes = new Map<string, Outcome>();
      const work = async (): Promise<void> => {
        for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
          const outcome = await untilReported(job, options);
          outcomes.set(job.id, outcome);
          options.onEvent?.({ id: job.id, type: 'ended', outcome });
        }
      };
      await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
      return jobs.map(({ id }) => outcomes.get(id)!);
    },
  };
}

/** Runs a job in a process of its own, and again if the process dies. */
async function untilReported(job: Job, { onEvent, signal }: ExecutorOptions): Promise<Outcome> {
  const { id } = job;
  let reason = 'not begun';
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    if (signal?.aborted === true) return { id, status: 'interrupted', reason };
    onEvent?.({ id, type: 'started' });
    const ended = await inProcess(job, (share, note) => onEvent?.({ id, type: 'progress', share, note }), signal);
    if (typeof ended !== 'string') return ended;
    reason = ended;
    if (attempt < maxAttempts) onEvent?.({ id, type: 'retried', reason });
  }
  reason = `${reason}, ${maxAttempts} times`;
  recordFailure(job, reason);
  return { id, status: 'failed', reason };
}

/** The outcome that the process reports, or how it died. */
function inProcess(job: Job, progress: (share: number, note?: string) => void, signal?: AbortSignal): Promise<Outcome | string> {
  return new Promise((resolve) => {
    const child = startWorker();
    const tell = (message: ToWorker): void => {
      if (child.connected) child.send(message);
    };
    const stop = (): void => tell({ type: 'stop' });
    let outcome: Outcome | undefined;
    let complaint = '';
    child.stderr!.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)));
    child.on('message', (message: FromWorker) => {
      if (message.type === 'progress') progress(message.share, message.note);
      else outcome = message.outcome;
    });
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', stop);
      const last = complaint.trim().split('\n').at(-1) ?? '';
      const death = killedBy === null ? `its process exited with code ${code}` : `its process was ended by ${killedBy}`;
      resolve(outcome ?? (last === '' ? death : `${death}: ${last}`));
    });
    signal?.addEventListener('abort', stop);
    tell({ type: 'run', job });
  });
}

function startWorker(): ChildProcess {
  const built = join(import.meta.dirname, 'localWorker.js');
  const stdio: ['ignore', 'ignore', 'pipe', 'ipc'] = ['ignore', 'ignore', 'pipe', 'ipc'];
  if (existsSync(built)) return fork(built, { stdio });
  // From source, as the tests run it.
  return fork(join(import.meta.dirname, 'localWorker.ts'), { stdio, execArgv: ['--import', 'tsx'] });
}
