import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { readJson, writeAtomic } from '../../src/io/files.js';
import { isLocked, whenFree } from '../../src/io/lock.js';
import { runFolder } from '../run/runFolder.js';
import { readManifest, writeManifest } from './manifest.js';
import type { Job } from './spec.js';
import { isFinished, summaryOf } from './summary.js';

/** What a run folder tells of its run, whoever runs it. */
export type RunState =
  | { readonly state: 'finished' | 'waiting' | 'stopped' }
  | { readonly state: 'running'; readonly share: number; readonly note: string | null }
  | { readonly state: 'failed'; readonly reason: string };

/** `stopped` has a checkpoint to go on from. */
export function runState(job: Job): RunState {
  const folder = runFolder(job.folder);
  if (isFinished(job)) return { state: 'finished' };
  if (isLocked(folder.lock)) {
    const { share, note } = readIfThere<{ share: number; note: string | null }>(folder.progress) ?? { share: 0, note: null };
    return { state: 'running', share, note };
  }
  const failure = readIfThere<{ reason: string }>(folder.failure);
  if (failure !== null) return { state: 'failed', reason: failure.reason };
  return { state: existsSync(folder.checkpoint) ? 'stopped' : 'waiting' };
}

/** null for a file that is not there, or went while it was looked for. */
function readIfThere<T>(file: string): T | null {
  if (!existsSync(file)) return null;
  try {
    return readJson(file) as T;
  } catch {
    return null;
  }
}

/** One run in `results.json`: utility units per day and the share of late jobs on the test days. */
export interface SweepResult {
  readonly id: string;
  readonly name: string;
  readonly kind: Job['spec']['kind'];
  readonly folder: string;
  readonly state: RunState['state'];
  readonly reason: string | null;
  readonly utility: number | null;
  readonly lateRate: number | null;
}

export const manifestOf = (folder: string): string => join(folder, 'manifest.jsonl');
export const resultsOf = (folder: string): string => join(folder, 'results.json');

/** The jobs of a sweep's folder. Throws InputError if it has no manifest. */
export function jobsIn(folder: string): Job[] {
  if (!existsSync(manifestOf(folder))) throw new InputError(`${folder} is no sweep's folder: it has no manifest.jsonl.`);
  return readManifest(manifestOf(folder));
}

/** The manifest and the results are an experiment's, which several sweeps may run at once. */
const lockOf = (folder: string): string => join(folder, 'sweep.lock');

/** Adds jobs to the manifest of a sweep's folder; those that other sweeps of the experiment put there stay. */
export const addToManifest = (folder: string, jobs: readonly Job[]): Promise<void> =>
  whenFree(lockOf(folder), () => {
    const before = existsSync(manifestOf(folder)) ? readManifest(manifestOf(folder)) : [];
    const all = new Map([...before, ...jobs].map((job) => [job.id, job]));
    writeManifest(manifestOf(folder), [...all.values()]);
  });

/** Gathers what the runs of an experiment left in their folders into its `results.json`, in the order of the manifest. */
export const collect = (folder: string): Promise<SweepResult[]> =>
  whenFree(lockOf(folder), () => {
    const results = jobsIn(folder).map(resultOf);
    writeAtomic(resultsOf(folder), `${JSON.stringify(results, null, 2)}\n`);
    return results;
  });

function resultOf(job: Job): SweepResult {
  const state = runState(job);
  return {
    id: job.id,
    name: job.name,
    kind: job.spec.kind,
    folder: join(basename(dirname(job.folder)), basename(job.folder)),
    state: state.state,
    reason: state.state === 'failed' ? state.reason : null,
    ...figuresOf(job),
  };
}

function figuresOf(job: Job): { utility: number | null; lateRate: number | null } {
  const summary = summaryOf(job);
  if (summary === null) return { utility: null, lateRate: null };
  if ('mean' in summary) return { utility: summary.mean, lateRate: null };
  const { test } = summary;
  const { utility, lateRate } = 'best' in test ? test.best : test;
  return { utility: utility.mean, lateRate };
}
