import { availableParallelism } from 'node:os';
import { stopSignal } from '../run/stopSignal.js';
import type { Job, Outcome, RunSpec, SummaryOf } from '../sweep/index.js';
import { jobsOf, localExecutor, progressTable, runMissing, summaryOf } from '../sweep/index.js';
import type { Archive } from './collect.js';
import type { Cell } from './methodList.js';

function specOf({ method, seed, config }: Cell): RunSpec {
  if (method === null) return { kind: 'bound', config };
  return seed === null ? { kind: 'scheduler', config, scheduler: method.scheduler! } : { kind: 'train', config };
}

const jobOf = (cell: Cell, store: string): Job => jobsOf([specOf(cell)], store)[0]!;

/** Finished runs of a folder, found by what they are. */
export function archiveOf(store: string): Archive {
  const read = <K extends RunSpec['kind']>(_kind: K, cell: Cell): { folder: string; summary: SummaryOf<K> } | undefined => {
    const job = jobOf(cell, store);
    const summary = summaryOf<K>({ spec: job.spec as Extract<RunSpec, { kind: K }>, folder: job.folder });
    return summary === null ? undefined : { folder: job.folder, summary };
  };
  return {
    trained: (cell) => read('train', cell),
    scheduled: (cell) => read('scheduler', cell)?.summary.test,
    bounded: (cell) => read('bound', cell)?.summary.days,
  };
}

/** Runs what is not finished yet, a process for each; Ctrl-C stops them where they can go on. Returns what did not end well. */
export async function runCells(cells: readonly Cell[], store: string, workers = availableParallelism()): Promise<Exclude<Outcome, { status: 'finished' | 'skipped' }>[]> {
  const jobs = jobsOf(cells.map(specOf), store);
  const table = progressTable(jobs);
  try {
    const outcomes = await runMissing(jobs, localExecutor({ workers }), { onEvent: table.event, signal: stopSignal() });
    return outcomes.flatMap((outcome) => (outcome.status === 'failed' || outcome.status === 'interrupted' ? [outcome] : []));
  } finally {
    table.stop();
  }
}
