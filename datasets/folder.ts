import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/io/errors.js';

/** Files of a subfolder of a data folder, by name; none if there is no such subfolder. */
export function filesIn(folder: string, room: string): string[] {
  const path = join(folder, room);
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) throw new InputError(`${path} is not a folder; expected one with CSV files.`);
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(path, name))
    .sort();
}

/** Throws InputError unless the folder exists. */
export function requireFolder(folder: string): void {
  if (!existsSync(folder)) throw new InputError(`No data folder ${folder}; give the folder that holds price/, carbon/ and weather/.`);
  if (!statSync(folder).isDirectory()) throw new InputError(`${folder} is not a folder; give the folder that holds price/, carbon/ and weather/.`);
}
