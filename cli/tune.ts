import { group } from './command.js';
import { tuneReplay } from './tuneReplay.js';
import { tuneReport } from './tuneReport.js';
import { tuneRun } from './tuneRun.js';

export const tune = group('tune', 'Learn to optimise tensor programs: search a space of kernels with a learned cost model', [
  tuneReplay,
  tuneRun,
  tuneReport,
]);
