import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ExperimentConfig } from '../config.js';

/**
 * One run, fully resolved: nothing outside it (but the data files that it names) decides its result. A new kind is a
 * member here and a line in `runSpec.ts`.
 */
export type RunSpec =
  | { readonly kind: 'train'; readonly config: ExperimentConfig }
  | { readonly kind: 'scheduler'; readonly config: ExperimentConfig; readonly scheduler: string }
  | { readonly kind: 'bound'; readonly config: ExperimentConfig };

/** SHA-256 of the spec's content, in hexadecimal; the order of its keys does not matter. */
export const runId = (spec: RunSpec): string => createHash('sha256').update(canonicalJson(spec)).digest('hex');

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
      return spec.scheduler;
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

/** The specs as jobs, each once, in folders `<out>/<experiment>/<name>-<start of the id>`. */
export function jobsOf(specs: readonly RunSpec[], out: string): Job[] {
  const jobs = specs.map((spec) => {
    const id = runId(spec);
    const name = runName(spec);
    return { id, name, folder: join(out, spec.config.experiment, `${name}-${id.slice(0, 8)}`), spec };
  });
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}
