import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { readText, writeAtomic } from '../../src/io/files.js';
import { parseJsonLines } from '../../src/io/json.js';
import { experimentSchema } from '../run/config.js';
import type { Job } from './spec.js';
import { runId } from './spec.js';

const spec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('train'), config: experimentSchema }),
  z.strictObject({ kind: z.literal('scheduler'), config: experimentSchema, scheduler: z.string() }),
  z.strictObject({ kind: z.literal('bound'), config: experimentSchema }),
]);
const line = z.strictObject({ id: z.string(), name: z.string(), folder: z.string(), spec });

/** Writes jobs as JSON lines, one a run; folders are relative to the manifest's, so that the whole can be moved. */
export function writeManifest(file: string, jobs: readonly Job[]): void {
  const at = dirname(file);
  writeAtomic(file, jobs.map((job) => `${JSON.stringify({ ...job, folder: relative(at, job.folder) })}\n`).join(''));
}

/** Reads what `writeManifest` wrote. Throws InputError naming the line that is broken, or whose run is not what its id says. */
export function readManifest(file: string): Job[] {
  return Array.from(parseJsonLines(readText(file), file), ({ value, line: at }) => {
    const where = `${file}, line ${at}`;
    const job = validate(line, value, where);
    if (runId(job.spec) !== job.id) throw new InputError(`${where}: the run is not the one that its id ${job.id.slice(0, 8)} says.`);
    return { ...job, folder: resolve(dirname(file), job.folder) };
  });
}
