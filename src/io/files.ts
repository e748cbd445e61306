import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { InputError } from './errors.js';
import { parseJson } from './json.js';
import { decodeText, mostTextBytes, unzipped } from './text.js';

const reasons: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
};

/** Why a file could not be read or written, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Reads the text of a whole file, gzipped or not, in any of the encodings of `decodeText`. Throws InputError naming the
 * file and why it could not be read, or that it is too large.
 */
export function readText(file: string): string {
  const bytes = unzipped(readBytes(file), file);
  if (bytes.length > mostTextBytes) throw new InputError(`${file} has ${bytes.length} bytes; expected at most ${mostTextBytes}.`);
  return decodeText(bytes);
}

/** Reads a whole file. Throws InputError naming the file and why it could not be read. */
export function readBytes(file: string): Buffer {
  try {
    return statSync(file).isFile() ? readFileSync(file) : readStream(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot read ${file}: ${reasonOf(error)}.`);
  }
}

const chunkBytes = 1 << 20;

/** What a pipe or device gives until its end, which not every device has. */
function readStream(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(descriptor, chunk);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
      if (length > mostTextBytes) throw new InputError(`${file} has more than ${mostTextBytes} bytes; expected at most so many.`);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Parses a JSON file. Throws InputError naming the file, the line and what the parser found. */
export const readJson = (file: string): unknown => parseJson(readText(file), file);

/** Creates a folder and its parents. Throws InputError if that cannot be done. */
export function ensureFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
  } catch (error) {
    throw new InputError(`Cannot create folder ${folder}: ${reasonOf(error)}.`);
  }
}

/** Node's own recursive mkdir never returns where a file system, such as /proc, answers ENOENT below an existing folder. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Throws InputError if the folder's disk has not so much room left. */
export function requireRoom(folder: string, bytes: number, what: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const mb = (size: number): string => (size / 1e6).toFixed(1);
  if (bavail * bsize < bytes) {
    throw new InputError(`${folder}: the disk has ${mb(bavail * bsize)} MB left; expected at least ${mb(bytes)} MB for ${what}.`);
  }
}

/** Tells this process from all others, which a process id does on one machine only. */
const processToken = randomUUID();

/**
 * Where a file is written before it is renamed into place. Its name holds nothing of the file's own, so that no viewer
 * which looks for names takes it for one.
 */
const asideOf = (file: string): string => join(dirname(file), `.writing.${processToken}.tmp`);

/** What a process that was killed while it took a lock left is older than this, ms. */
const forgottenMs = 600_000;

/**
 * Removes what processes that are no more had written aside in a folder. The caller holds the folder's lock, so that no
 * other writes there, but others may be trying for the lock.
 */
export function clearAside(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (/^\.writing\..*\.tmp$/.test(name) || (name.endsWith('.tmp') && isForgotten(file))) rmSync(file, { force: true });
  }
}

const isForgotten = (file: string): boolean => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > forgottenMs;

/** Whether there is a process of that id on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Writes a file aside and renames it into place, so that a kill leaves the old file or the new one, never half. */
export function writeAtomic(file: string, content: string | Uint8Array): void {
  ensureFolder(dirname(file));
  const aside = asideOf(file);
  try {
    writeFileSync(aside, content);
    renameSync(aside, file);
  } catch (error) {
    rmSync(aside, { force: true });
    throw new InputError(`Cannot write ${file}: ${reasonOf(error)}.`);
  }
}

/**
 * Makes a file hold `content` in its place, by writing on from the first byte that differs: a reader that keeps the file
 * open, as a viewer of a growing file does, finds what was added. A kill may leave the file shorter than either. Throws
 * InputError if it cannot be written.
 */
export function writeInPlace(file: string, content: Uint8Array): void {
  ensureFolder(dirname(file));
  try {
    const before = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    let same = 0;
    while (same < before.length && before[same] === content[same]) same++;
    if (same < before.length) truncateSync(file, same);
    appendFileSync(file, content.subarray(same));
  } catch (error) {
    throw new InputError(`Cannot write ${file}: ${reasonOf(error)}.`);
  }
}
