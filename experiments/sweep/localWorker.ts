import type { Outcome } from './executor.js';
import { runJob } from './runJob.js';
import type { Job } from './spec.js';

/** What a local executor and its worker processes say to each other. */
export type ToWorker = { readonly type: 'run'; readonly job: Job } | { readonly type: 'stop' };
export type FromWorker =
  | { readonly type: 'progress'; readonly share: number; readonly note?: string | undefined }
  | { readonly type: 'ended'; readonly outcome: Outcome };

const stop = new AbortController();
// Ctrl-C reaches the whole group of processes; the executor says when to stop.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => stop.abort());
process.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stop.abort();
  else void run(message.job);
});

async function run(job: Job): Promise<void> {
  const outcome = await runJob(job, { progress: (share, note) => tell({ type: 'progress', share, note }), signal: stop.signal });
  tell({ type: 'ended', outcome }, () => process.exit());
}

function tell(message: FromWorker, sent?: () => void): void {
  if (process.connected) process.send!(message, undefined, undefined, sent);
  else sent?.();
}
