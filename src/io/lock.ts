import { closeSync, linkSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
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

const holder = z.object({ pid: z.int().min(1), host: z.string(), machine: z.string().nullable().default(null), started: z.string().nullable(), token: z.string() });

/** The lock is held by someone alive. */
export class Locked extends InputError {}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Where `pid` means this process: containers may share a host's name and its disks, but not its processes. */
  readonly machine: string | null;
  /** Start of the process in clock ticks since boot, where the system tells; a later process of the same id is another. */
  readonly started: string | null;
  readonly token: string;
}

/** The running kernel and the namespace of process ids in it; the host's name where the system does not tell. */
export const thisMachine: string = (() => {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
})();

/**
 * Takes a lock that is a file, so that machines that share a file system respect it too. That of a dead process is taken
 * over: a process of this machine is asked for; of one elsewhere, silence is measured by the file system's clock alone,
 * which stamps its signs of life as it does this process's own file. Throws Locked naming the holder if one is alive,
 * InputError if the file cannot be written; `guarded` says in messages what the lock is for.
 */
export function takeLock(file: string, guarded = 'this folder'): Lock {
  const mine: Holder = { pid: process.pid, host: hostname(), machine: thisMachine, started: startOf(process.pid), token: randomUUID() };
  const aside = `${file}.${mine.token}.${mine.pid}.tmp`;
  const text = `${JSON.stringify(mine)}\n`;
  // Kept open, so that signs of life go to this lock even if it is moved and another stands in its place.
  let descriptor: number | undefined;
  const sign = (): void => void writeSync(descriptor!, text, 0);
  let taken = false;
  try {
    descriptor = openSync(aside, 'wx');
    sign();
    while (!linked(aside, file)) {
      const found = holderAt(file);
      if (found === null) continue;
      sign();
      if (alive(found, file, statSync(aside).mtimeMs)) {
        throw new Locked(`${file}: process ${found.pid} on ${found.host} is writing ${guarded}; wait for it or end it.`);
      }
      // Moved away first: if what was moved is no longer what was found dead, another was faster and keeps it.
      const moved = `${file}.${mine.token}.dead.${mine.pid}.tmp`;
      if (!renamed(file, moved)) continue;
      if (holderAt(moved)?.token !== found.token) linked(moved, file);
      rmSync(moved, { force: true });
    }
    taken = true;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot write ${file}: ${reasonOf(error)}.`);
  } finally {
    rmSync(aside, { force: true });
    if (!taken && descriptor !== undefined) closeSync(descriptor);
  }
  const beat = setInterval(() => {
    try {
      sign();
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
      if (!taken) return;
      taken = false;
      clearInterval(beat);
      closeSync(descriptor);
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

const retryMs = 50;

/** As `withLock`, but waits for whoever holds it, up to `patienceMs`; for work that is short. Throws Locked after that. */
export async function whenFree<T>(file: string, work: () => T | Promise<T>, patienceMs = 60_000): Promise<T> {
  for (const began = performance.now(); ; await sleep(retryMs)) {
    try {
      return await withLock(file, async () => work());
    } catch (error) {
      if (!(error instanceof Locked) || performance.now() - began > patienceMs) throw error;
    }
  }
}

/** Whether someone alive holds the lock, as far as can be told without writing: of one elsewhere, by this machine's clock. */
export function isLocked(file: string): boolean {
  const found = holderAt(file);
  return found !== null && alive(found, file, Date.now());
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
    return { pid: 0, host: 'an unknown machine', machine: null, started: null, token: text };
  }
}

function alive({ pid, machine, started }: Holder, file: string, nowMs: number): boolean {
  if (machine !== thisMachine) {
    try {
      return nowMs - statSync(file).mtimeMs < silenceMs;
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
