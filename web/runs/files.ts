import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeText } from '../../src/io/text.js';

/** What tells one version of a file from another; null where there is no such plain file. */
export interface Version {
  readonly changedMs: number;
  readonly bytes: number;
}

/** Largest file that is read whole. */
const mostBytes = 256 * 1024 * 1024;

/** Looks at a file without following a link. */
export function versionOf(file: string): Version | null {
  const found = lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true ? { changedMs: found.mtimeMs, bytes: found.size } : null;
}

export const sameVersion = (a: Version | null, b: Version | null): boolean => a?.changedMs === b?.changedMs && a?.bytes === b?.bytes;

/**
 * Reads a plain file of a run, or its last `tail` bytes. Null if it is absent, a link (or lies behind one), no plain
 * file, or larger than 256 MiB: what lies outside the runs folder cannot be reached by a link inside it. Blocks: the
 * files are small and near, and a thread's round trip costs more than they do.
 */
export function readRunFile(folder: string, name: string, { tail = Infinity } = {}): Buffer | null {
  let file: number | undefined;
  try {
    if (realpathSync(folder) !== folder || basename(name) !== name) return null;
    file = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = fstatSync(file);
    const length = Math.min(found.size, tail);
    if (!found.isFile() || length > mostBytes) return null;
    const buffer = Buffer.allocUnsafe(length);
    let read = 0;
    for (let more = 1; more > 0 && read < length; read += more) more = readSync(file, buffer, read, length - read, found.size - length + read);
    return buffer.subarray(0, read);
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The same as text; null becomes nothing. */
export const readRunText = (folder: string, name: string, options?: { tail?: number }): string => decodeText(readRunFile(folder, name, options) ?? new Uint8Array());
