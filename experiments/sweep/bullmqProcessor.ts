import type { SandboxedJob } from 'bullmq';
import { WaitingError } from 'bullmq';
import { messageOf } from '../../src/io/errors.js';
import type { Outcome } from './executor.js';
import { rootVariable } from './executor.js';
import { readJob } from './manifest.js';
import { runJob } from './runJob.js';
import type { Job } from './spec.js';

const progressEveryMs = 1000;

const stop = new AbortController();
// Without its worker nobody waits for it, and another worker will take the job up.
process.on('disconnect', () => stop.abort());

/** What BullMQ runs in a process of its own: one run. A run that fails is a job that is done; only a process that dies is tried again. */
export default async function process_(job: SandboxedJob<Job, Outcome>, token: string, cancelled: AbortSignal): Promise<Outcome> {
  let told = -Infinity;
  let run: Job;
  try {
    // What lies in a queue may be anyone's: nothing is written before it is known to be a run's.
    run = readJob(job.data, `job ${String(job.id).slice(0, 8)}`, process.env[rootVariable]);
  } catch (error) {
    return { id: String(job.id), status: 'failed', reason: messageOf(error) };
  }
  const outcome = await runJob(run, {
    signal: AbortSignal.any([stop.signal, cancelled]),
    progress: (share, note) => {
      if (performance.now() - told < progressEveryMs || !process.connected) return;
      told = performance.now();
      void job.updateProgress({ share, note });
    },
  });
  if (!process.connected) process.exit();
  if (outcome.status !== 'interrupted') return outcome;
  await job.moveToWait(token);
  throw new WaitingError();
}
