import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ExperimentConfig } from '../run/config.js';
import { experimentSchema } from '../run/config.js';
import { schedulerLabel } from '../run/ownScheduler.js';

/**
 * One run, fully resolved: nothing outside it (but the data files that it names) decides its result. A new kind is a
 * member here and a line in `runSpec.ts`.
 */
export type RunSpec =
  | { readonly kind: 'train'; readonly config: ExperimentConfig }
  | { readonly kind: 'scheduler'; readonly config: ExperimentConfig; readonly scheduler: string }
  | { readonly kind: 'bound'; readonly config: ExperimentConfig };

/**
 * SHA-256, in hexadecimal, of what the spec sets apart from defaults; the order of its keys does not matter. So a key
 * that is added to the configuration later leaves finished runs what they are.
 */
export function runId(spec: RunSpec): string {
  defaults ??= experimentSchema.parse({});
  return createHash('sha256').update(canonicalJson({ ...spec, config: beyond(spec.config, defaults) })).digest('hex');
}

let defaults: ExperimentConfig | undefined;

/** What of `value` differs from `usual`, undefined if nothing does; lists of objects of equal length entry by entry. */
function beyond(value: unknown, usual: unknown): unknown {
  if (isObject(value) && isObject(usual)) {
    const found = Object.entries(value).map(([key, inner]) => [key, beyond(inner, usual[key])] as const);
    const own = found.filter(([, inner]) => inner !== undefined);
    return own.length === 0 ? undefined : Object.fromEntries(own);
  }
  if (Array.isArray(value) && Array.isArray(usual) && value.length === usual.length && value.every(isObject)) {
    const entries = value.map((entry, i) => beyond(entry, usual[i]) ?? null);
    return entries.every((entry) => entry === null) ? undefined : entries;
  }
  return isDeepStrictEqual(value, usual) ? undefined : value;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON with the keys of every object in order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** What people call the run; runs of different settings may share a name. */
export function runName(spec: RunSpec): string {
  const { agent, shaping, seed } = spec.config;
  switch (spec.kind) {
    case 'train':
      return `${agent.kind}-${shaping.kind}-s${seed}`;
    case 'scheduler':
      return schedulerLabel(spec.scheduler);
    case 'bound':
      return 'bound';
  }
}

/** One run of a sweep and where it goes. */
export interface Job {
  readonly id: string;
  readonly name: string;
  /** Run folder. */
  readonly folder: string;
  readonly spec: RunSpec;
}

/** `<out>/<experiment>/<name>-<start of the id>`. */
export const folderOf = (spec: RunSpec, id: string, out: string): string => join(out, spec.config.experiment, `${runName(spec)}-${id.slice(0, 8)}`);

/** The specs as jobs, each once, in their folders. */
export function jobsOf(specs: readonly RunSpec[], out: string): Job[] {
  const jobs = specs.map((spec) => {
    const id = runId(spec);
    const name = runName(spec);
    return { id, name, folder: folderOf(spec, id, out), spec };
  });
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}
