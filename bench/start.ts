import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { medianMs } from './measure.js';
import type { Section } from './section.js';

const entry = join(import.meta.dirname, '..', '..', 'bin', 'jouleflow.js');

/** From the shell to the end of `jouleflow --help`, and of a Node that does nothing. */
export const start: Section = {
  name: 'start',
  run: () =>
    Promise.resolve({
      helpMs: processMs([entry, '--help']),
      nodeStartMs: processMs(['-e', '0']),
    }),
};

const processMs = (args: readonly string[]): number =>
  medianMs(() => void spawnSync(process.execPath, args, { stdio: 'ignore' }), { samples: 15, warmUp: 2 });
