import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scheduler } from '../../agents/schedulers/index.js';
import type { Decision, FleetConfig, FleetSimulator } from '../../envs/index.js';
import { InputError, messageOf } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';

/** Makes a scheduler for a fleet: what a module of one's own exports as its default. */
export type SchedulerMaker = (fleet: FleetConfig) => Scheduler;

const pinnedName = /^(.*\.m?js)(?:#([0-9a-f]{64}))?$/s;

/** Whether a scheduler's name is that of a module: `./mine.js`, with or without the hash that `pinScheduler` adds. */
export const isOwnScheduler = (name: string): boolean => pinnedName.test(name);

/**
 * A module's name as runs keep it: its whole path, and the SHA-256 of its text, so that a run of another text is another
 * run. `folder` is what the path is relative to. Other names stay. Throws InputError for a file that cannot be read.
 */
export function pinScheduler(name: string, folder = '.'): string {
  if (!isOwnScheduler(name)) return name;
  const file = resolve(folder, name);
  return `${file}#${hashOf(file)}`;
}

/** How people call a scheduler: by its name, or its module's. */
export const schedulerLabel = (name: string): string => (isOwnScheduler(name) ? basename(pinnedName.exec(name)![1]!) : name);

/** Loads a module of one's own. Throws InputError if it exports no scheduler, or its text is not what was pinned. */
export async function loadOwnScheduler(name: string): Promise<SchedulerMaker> {
  const [, path, pin] = pinnedName.exec(name)!;
  const file = resolve(path!);
  if (pin !== undefined && hashOf(file) !== pin) throw new InputError(`${file} has changed since the run was asked for.`);
  let exported: unknown;
  try {
    exported = ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (error) {
    throw new InputError(`${file} cannot be loaded: ${messageOf(error)}.`);
  }
  if (typeof exported !== 'function') throw new InputError(`${file}: expected a default export that makes a scheduler for a fleet, found ${typeof exported}.`);
  return (fleet) => checked(make(exported as (fleet: FleetConfig) => unknown, fleet), file);
}

/** Calls a function, or makes an object of a class. */
const make = (maker: (fleet: FleetConfig) => unknown, fleet: FleetConfig): unknown =>
  isClass(maker) ? new (maker as unknown as new (fleet: FleetConfig) => unknown)(fleet) : maker(fleet);

const isClass = (maker: object): boolean => typeof (maker as { prototype?: { decide?: unknown } }).prototype?.decide === 'function';

/** The scheduler, with each decision looked at, since the simulator trusts those of schedulers. */
function checked(made: unknown, file: string): Scheduler {
  const scheduler = made as Partial<Scheduler> | null | undefined;
  if (typeof scheduler?.name !== 'string' || typeof scheduler.reset !== 'function' || typeof scheduler.decide !== 'function') {
    throw new InputError(`${file}: expected a scheduler with name, reset(seed) and decide(job, fleet).`);
  }
  const own = scheduler as Scheduler;
  return {
    name: own.name,
    reset: (seed) => own.reset(seed),
    decide: (job, fleet) => checkedDecision(own.decide(job, fleet), job, fleet, file),
  };
}

function checkedDecision(decision: Decision, job: number, fleet: FleetSimulator, file: string): Decision {
  const { site, steps } = (decision ?? {}) as Partial<Decision>;
  if (!(Number.isInteger(site) && site! >= 0 && site! < fleet.siteCount)) {
    throw new InputError(`${file}: decided for site ${String(site)} (job ${job}); expected a whole number from 0 to ${fleet.siteCount - 1}.`);
  }
  const kind = fleet.desk.kindOf(job);
  for (let level = 0; level < kind.levels; level++) if (kind.stepsAt(level) === steps) return decision;
  const choices = Array.from({ length: kind.levels }, (_, level) => kind.stepsAt(level));
  throw new InputError(`${file}: decided for ${String(steps)} steps (job ${job}); expected one of ${choices.join(', ')}.`);
}

const hashOf = (file: string): string => createHash('sha256').update(readText(file)).digest('hex');
