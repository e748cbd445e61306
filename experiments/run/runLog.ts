import { existsSync } from 'node:fs';
import { readCsv } from '../../src/io/csv.js';
import { writeInPlace } from '../../src/io/files.js';
import type { MetricsLog } from '../../src/io/metricsLog.js';
import { createMetricsLog } from '../../src/io/metricsLog.js';
import { eventFile } from '../../src/io/tensorboard.js';
import type { RunFolder } from './runFolder.js';

/** One row of metrics.csv: a training day, with a look at the validation days where one was due. */
export type MetricsRow = {
  readonly step: number;
  readonly episode: number;
  readonly day: string;
  readonly utility: number | null;
  readonly lateRate: number | null;
  readonly paid: number;
  readonly criticLoss: number | null;
  readonly actorLoss: number | null;
  readonly shaperLoss: number | null;
  readonly value: number | null;
  readonly validationUtility: number | null;
  readonly validationLateRate: number | null;
};

export const metricsColumns: readonly (keyof MetricsRow)[] = [
  'step',
  'episode',
  'day',
  'utility',
  'lateRate',
  'paid',
  'criticLoss',
  'actorLoss',
  'shaperLoss',
  'value',
  'validationUtility',
  'validationLateRate',
];

/** One row of timing.csv: when the row of metrics.csv of the same step was reached. UTC, and seconds of work until then. */
type TimingRow = { readonly step: number; readonly wallSeconds: number; readonly time: string };

/** The numbers of a row by name, as viewers want them. */
export const scalarsOf = (row: MetricsRow): Record<string, number> =>
  Object.fromEntries(Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] !== 'step'));

/** What a training logs, in all the forms that its folder holds: metrics.csv, timing.csv, a TensorBoard event file. */
export interface RunLog {
  readonly rows: readonly MetricsRow[];
  /** When each of the rows was reached, in milliseconds since 1970. */
  readonly times: readonly number[];
  add(row: MetricsRow): void;
  flush(): void;
  /** Goes back to the rows of a checkpoint. What was timed after it will be timed again. */
  reset(rows: readonly MetricsRow[]): void;
}

export function createRunLog(folder: RunFolder): RunLog {
  const metrics: MetricsLog<MetricsRow> = createMetricsLog(folder.metrics, metricsColumns);
  const timing: MetricsLog<TimingRow> = createMetricsLog(folder.timing, ['step', 'wallSeconds', 'time']);
  const started = performance.now();
  let secondsBefore = 0;
  const wallSeconds = (): number => secondsBefore + (performance.now() - started) / 1000;
  const times = (): number[] => {
    const byStep = new Map(timing.rows.map((row) => [row.step, Date.parse(row.time)]));
    return metrics.rows.map((row) => byStep.get(row.step) ?? Date.now());
  };
  return {
    get rows() {
      return metrics.rows;
    },
    get times() {
      return times();
    },
    add: (row) => {
      metrics.add(row);
      timing.add({ step: row.step, wallSeconds: wallSeconds(), time: new Date().toISOString() });
    },
    flush: () => {
      metrics.flush();
      timing.flush();
      const at = times();
      // TensorBoard keeps the file open: one renamed into its place it would not see.
      writeInPlace(folder.events, eventFile(metrics.rows.map((row, i) => ({ step: row.step, wallTime: at[i]! / 1000, scalars: scalarsOf(row) }))));
    },
    reset: (rows) => {
      metrics.reset(rows);
      timing.reset(existsSync(folder.timing) ? readTiming(folder.timing).filter(({ step }) => step <= (rows.at(-1)?.step ?? 0)) : []);
      secondsBefore = timing.rows.at(-1)?.wallSeconds ?? 0;
    },
  };
}

function readTiming(file: string): TimingRow[] {
  const table = readCsv(file, ['step', 'wallSeconds', 'time']);
  return Array.from({ length: table.length }, (_, row) => ({
    step: table.number(row, 'step'),
    wallSeconds: table.number(row, 'wallSeconds'),
    time: table.cell(row, 'time'),
  }));
}
