import { existsSync, readdirSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { readText, writeAtomic } from '../../src/io/files.js';
import { parseJsonLines } from '../../src/io/json.js';
import { experimentSchema } from '../run/config.js';
import { runFolder } from '../run/runFolder.js';
import type { Job } from './spec.js';
import { folderOf, runId, runName } from './spec.js';

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
    return checkJob({ ...job, folder: resolve(dirname(file), job.folder) }, where);
  });
}

/**
 * A job that came from elsewhere, as one that this program made: of its id's run, in a folder that is named after it, below
 * `root` if that is given, and that holds nothing but a run. Throws InputError naming `where` for any other.
 */
export function readJob(value: unknown, where: string, root?: string): Job {
  const job = checkJob(validate(line, value, where), where);
  const outside = root === undefined ? false : relative(resolve(root), job.folder).startsWith('..');
  if (outside) throw new InputError(`${where}: its folder ${job.folder} lies outside ${resolve(root!)}.`);
  if (existsSync(job.folder) && !existsSync(runFolder(job.folder).config) && readdirSync(job.folder).some((name) => !ofRuns.has(name) && !name.endsWith('.tmp'))) {
    throw new InputError(`${where}: its folder ${job.folder} is there and holds no run.`);
  }
  return job;
}

/** What a run's folder may hold before its configuration does. */
const ofRuns: ReadonlySet<string> = new Set(['lock', 'failure.json', 'checkpoint']);

function checkJob(job: Job, where: string): Job {
  const { id, name, folder, spec } = job;
  if (runId(spec) !== id) throw new InputError(`${where}: the run is not the one that its id ${id.slice(0, 8)} says.`);
  const expected = folderOf(spec, id, resolve(folder, '..', '..'));
  if (name !== runName(spec) || folder !== expected) {
    throw new InputError(`${where}: the run's name and folder are ${name} and ${folder}; expected ${runName(spec)} and a folder .../${relative(resolve(expected, '..', '..'), expected)}.`);
  }
  return job;
}
