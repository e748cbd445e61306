import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What tells one version of a file from another; null where there is no such plain file. */
export interface Version {
  readonly changedMs: number;
  readonly bytes: number;
}

/** Largest file that is read whole. */
const mostBytes = 256 * 1024 * 1024;

/** Looks at a file without following a link. */
export async function versionOf(file: string): Promise<Version | null> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true ? { changedMs: found.mtimeMs, bytes: found.size } : null;
}

export const sameVersion = (a: Version | null, b: Version | null): boolean => a?.changedMs === b?.changedMs && a?.bytes === b?.bytes;

/**
 * Reads a plain file of a run, or its last `tail` bytes. Null if it is absent, a link (or lies behind one), no plain
 * file, or larger than 256 MiB: what lies outside the runs folder cannot be reached by a link inside it.
 */
export async function readRunFile(folder: string, name: string, { tail = Infinity } = {}): Promise<string | null> {
  const path = join(folder, name);
  let file: FileHandle | undefined;
  try {
    if ((await realpath(folder)) !== folder || dirname(path) !== folder) return null;
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (!(await file.stat()).isFile() || size > mostBytes) return null;
    if (size <= tail) return await file.readFile('utf8');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tail), 0, tail, size - tail);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch {
    return null;
  } finally {
    await file?.close();
  }
}
