import { totalmem } from 'node:os';
import { InputError } from './errors.js';

/** The part of the memory that one thing may take; the rest is for the program and its neighbours. */
const mostShare = 0.8;

/** Throws InputError, naming the key at fault, if the machine (or the limit that was set for this process) has not so much memory. */
export function requireMemory(bytes: number, key: string): void {
  const limit = process.constrainedMemory();
  const all = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const gb = (size: number): string => (size / 1e9).toFixed(1);
  if (bytes > mostShare * all) throw new InputError(`${key} needs ${gb(bytes)} GB of memory; this machine has ${gb(all)} GB, of which it may take ${gb(mostShare * all)}.`);
}
