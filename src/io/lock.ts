import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { InputError } from './errors.js';
import { isRunning, reasonOf } from './files.js';

const heartbeatMs = 5_000;
/** A holder on another machine, whose processes cannot be asked for, is dead when it has not been heard of for so long. */
const silenceMs = 120_000;

/** A lock that is held. */
export interface Lock {
  /** Throws InputError if another process has taken the lock away, which it does of one it believes dead. */
  check(): void;
  release(): void;
}

const holder = z.object({ pid: z.int().min(1), host: z.string(), started: z.string().nullable(), token: z.string() });

/** The lock is held by someone alive. */
export class Locked extends InputError {}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process in clock ticks since boot, where the system tells; a later process of the same id is another. */
  readonly started: string | null;
  readonly token: string;
}

/**
 * Takes a lock that is a file, so that machines that share a file system respect it too. That of a dead process is taken
 * over. Throws Locked naming the holder if one is alive, InputError if the file cannot be written; `guarded` says in
 * messages what the lock is for.
 */
export function takeLock(file: string, guarded = 'this folder'): Lock {
  const mine: Holder = { pid: process.pid, host: hostname(), started: startOf(process.pid), token: randomUUID() };
  const aside = `${file}.${mine.token}.${mine.pid}.tmp`;
  const text = `${JSON.stringify(mine)}\n`;
  try {
    writeFileSync(aside, text);
    while (!linked(aside, file)) {
      const found = holderAt(file);
      if (found === null) continue;
      if (alive(found, file)) {
        throw new Locked(`${file}: process ${found.pid} on ${found.host} is writing ${guarded}; wait for it or end it.`);
      }
      // Moved away first: if what was moved is no longer what was found dead, another was faster and keeps it.
      const moved = `${file}.${mine.token}.dead.${mine.pid}.tmp`;
      if (!renamed(file, moved)) continue;
      if (holderAt(moved)?.token !== found.token) linked(moved, file);
      rmSync(moved, { force: true });
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot write ${file}: ${reasonOf(error)}.`);
  } finally {
    rmSync(aside, { force: true });
  }
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // Taken away, or the disk is gone: the next check says so.
    }
  }, heartbeatMs);
  beat.unref();
  const held = (): boolean => holderAt(file)?.token === mine.token;
  return {
    check: () => {
      if (!held()) throw new InputError(`${file}: another process has taken ${guarded} over.`);
    },
    release: () => {
      clearInterval(beat);
      if (held()) rmSync(file, { force: true });
    },
  };
}

/** Holds a lock while `work` runs. */
export async function withLock<T>(file: string, work: (lock: Lock) => Promise<T>, guarded?: string): Promise<T> {
  const lock = takeLock(file, guarded);
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

/** Whether someone alive holds the lock. */
export function isLocked(file: string): boolean {
  const found = holderAt(file);
  return found !== null && alive(found, file);
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** null if there is no lock. One that says nothing sensible belongs to some machine that may yet be heard of. */
function holderAt(file: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    return { pid: 0, host: 'an unknown machine', started: null, token: text };
  }
}

function alive({ pid, host, started }: Holder, file: string): boolean {
  if (host !== hostname()) {
    try {
      return Date.now() - statSync(file).mtimeMs < silenceMs;
    } catch {
      return false;
    }
  }
  return isRunning(pid) && (started === null || startOf(pid) === started);
}

/** null where the system does not tell, and of a process that has ended but whose parent has not looked. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
