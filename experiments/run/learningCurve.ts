import { existsSync } from 'node:fs';
import { readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import type { LearningCurve } from '../figures/learning.js';
import type { RunFolder } from './runFolder.js';

/** A run's looks at the validation days, from its metrics.csv. Throws InputError if it has none yet. */
export function readCurve(folder: RunFolder): LearningCurve {
  if (!existsSync(folder.metrics)) throw new InputError(`${folder.path} has no metrics yet.`);
  const table = readCsv(folder.metrics, ['step', 'validationUtility', 'validationLateRate']);
  const rows = Array.from({ length: table.length }, (_, row) => row).filter((row) => table.cell(row, 'validationUtility') !== '');
  return {
    steps: rows.map((row) => table.number(row, 'step')),
    utility: rows.map((row) => table.number(row, 'validationUtility')),
    lateRate: rows.map((row) => table.number(row, 'validationLateRate')),
  };
}

/** Seconds that a run took until its last row of metrics, looks at the validation days included; null if it kept no time. */
export function trainingSeconds(folder: RunFolder): number | null {
  if (!existsSync(folder.timing)) return null;
  const table = readCsv(folder.timing, ['step', 'wallSeconds']);
  return table.length === 0 ? null : table.number(table.length - 1, 'wallSeconds');
}
