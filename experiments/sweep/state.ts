import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { readJson, writeAtomic } from '../../src/io/files.js';
import { isLocked } from '../../src/io/lock.js';
import { runFolder } from '../run/runFolder.js';
import { readManifest } from './manifest.js';
import type { BoundSummary, SchedulerSummary } from './runSpec.js';
import type { RunSummary } from '../run/runFolder.js';
import type { Job } from './spec.js';

/** What a run folder tells of its run, whoever runs it. */
export type RunState =
  | { readonly state: 'finished' | 'waiting' | 'stopped' }
  | { readonly state: 'running'; readonly share: number; readonly note: string | null }
  | { readonly state: 'failed'; readonly reason: string };

/** `stopped` has a checkpoint to go on from. */
export function runState({ folder: path }: Job): RunState {
  const folder = runFolder(path);
  if (existsSync(folder.summary)) return { state: 'finished' };
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

/** Gathers what the runs of a sweep left in their folders into its `results.json`, in the order of the manifest. */
export function collect(folder: string): SweepResult[] {
  const results = jobsIn(folder).map(resultOf);
  writeAtomic(resultsOf(folder), `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

function resultOf(job: Job): SweepResult {
  const state = runState(job);
  return {
    id: job.id,
    name: job.name,
    kind: job.spec.kind,
    folder: join(basename(dirname(job.folder)), basename(job.folder)),
    state: state.state,
    reason: state.state === 'failed' ? state.reason : null,
    ...(state.state === 'finished' ? figures(job) : { utility: null, lateRate: null }),
  };
}

function figures({ spec, folder }: Job): { utility: number; lateRate: number | null } {
  const summary = readJson(runFolder(folder).summary);
  if (spec.kind === 'bound') return { utility: (summary as BoundSummary).mean, lateRate: null };
  const { test } = summary as RunSummary | SchedulerSummary;
  const { utility, lateRate } = 'best' in test ? test.best : test;
  return { utility: utility.mean, lateRate };
}
