import type { SandboxedJob } from 'bullmq';
import { WaitingError } from 'bullmq';
import type { Outcome } from './executor.js';
import { runJob } from './runJob.js';
import type { Job } from './spec.js';

const progressEveryMs = 1000;

const stop = new AbortController();
// Without its worker nobody waits for it, and another worker will take the job up.
process.on('disconnect', () => stop.abort());

/** What BullMQ runs in a process of its own: one run. A run that fails is a job that is done; only a process that dies is tried again. */
export default async function process_(job: SandboxedJob<Job, Outcome>, token: string, cancelled: AbortSignal): Promise<Outcome> {
  let told = -Infinity;
  const outcome = await runJob(job.data, {
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
