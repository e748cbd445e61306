import { group } from './command.js';
import { tuneReplay } from './tune-replay.js';
import { tuneReport } from './tune-report.js';
import { tuneRun } from './tune-run.js';

export const tune = group('tune', 'Learn to optimise tensor programs: search a space of kernels with a learned cost model', [
  tuneReplay,
  tuneRun,
  tuneReport,
]);
