import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, Interrupted, messageOf } from '../../src/io/errors.js';
import { writeAtomic } from '../../src/io/files.js';
import { Locked } from '../../src/io/lock.js';
import { runFolder } from '../run/runFolder.js';
import type { Outcome } from './executor.js';
import type { RunOptions } from './runSpec.js';
import { runSpec } from './runSpec.js';
import type { Job } from './spec.js';

const progressEveryMs = 2000;
const patienceMs = 600_000;

/**
 * What every worker does with a job, whichever executor it works for: runs it and turns what went wrong into an outcome.
 * While it runs the folder tells how far it is (`progress.json`), and why it failed (`failure.json`) until it is run again.
 */
export async function runJob(job: Job, { progress, signal }: RunOptions = {}): Promise<Outcome> {
  const { id } = job;
  const folder = runFolder(job.folder);
  let written = -Infinity;
  const tell = (share: number, note?: string): void => {
    progress?.(share, note);
    if (performance.now() - written < progressEveryMs) return;
    written = performance.now();
    writeAtomic(folder.progress, `${JSON.stringify({ share, note: note ?? null })}\n`);
  };
  try {
    rmSync(folder.failure, { force: true });
    await runWhenFree(job, { progress: tell, signal });
    return { id, status: 'finished' };
  } catch (error) {
    const reason = messageOf(error);
    if (error instanceof Interrupted) return { id, status: 'interrupted', reason };
    recordFailure(job, reason, error);
    return { id, status: 'failed', reason };
  } finally {
    if (written > -Infinity) rmSync(folder.progress, { force: true });
  }
}

/**
 * A process that lost its executor, or is thought dead, may still be at its last day before it stops; it is waited for.
 */
async function runWhenFree({ spec, folder }: Job, options: RunOptions): Promise<void> {
  for (const waiting = performance.now(); ; await sleep(500)) {
    try {
      await runSpec(spec, folder, options);
      return;
    } catch (error) {
      if (!(error instanceof Locked) || performance.now() - waiting > patienceMs) throw error;
      if (options.signal?.aborted === true) throw new Interrupted(error.message);
    }
  }
}

/** Leaves the reason in the run folder, with the stack if the program rather than its input is at fault. */
export function recordFailure(job: Job, reason: string, error?: unknown): void {
  const stack = error instanceof Error && !(error instanceof InputError) ? { stack: error.stack } : {};
  try {
    writeAtomic(runFolder(job.folder).failure, `${JSON.stringify({ reason, ...stack }, null, 2)}\n`);
  } catch {
    // A full disk or a folder that cannot be written is what failed, perhaps; the outcome says so.
  }
}
