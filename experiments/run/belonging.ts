import { validate } from '../../src/io/config.js';
import type { Saved, Stateful } from '../../src/io/checkpoint.js';
import { savedValue } from '../../src/io/checkpoint.js';
import { InputError } from '../../src/io/errors.js';
import type { ExperimentConfig } from './config.js';
import { experimentSchema } from './config.js';

/**
 * The configuration that a checkpoint belongs to, as a part of it: state of another seed or step size would be taken up
 * without a word, and give a run that is neither. Restoring throws InputError naming the first key that differs.
 */
export const belongingTo = (config: ExperimentConfig): Stateful => ({
  save: () => ({ arrays: {}, values: { config } }),
  restore: (saved) => refuseOther(savedValue(saved, 'config'), config, 'The checkpoint'),
});

/** The same of a policy, which may be judged in another world. Those of earlier versions do not say whose they are. */
export function requireOwnPolicy(saved: Saved, config: ExperimentConfig): void {
  if ('config' in saved.values) refuseOther(saved.values['config'], config, 'The policy', ['world']);
}

function refuseOther(found: unknown, config: ExperimentConfig, what: string, but: readonly (keyof ExperimentConfig)[] = []): void {
  // Keys that are newer than the file have their defaults there.
  const own: ExperimentConfig = validate(experimentSchema, found, `${what}'s configuration`);
  for (const key of Object.keys(config) as (keyof ExperimentConfig)[]) {
    const different = but.includes(key) ? undefined : firstDifference(own[key], config[key], key);
    if (different === undefined) continue;
    const { path, before, now } = different;
    throw new InputError(`${what} belongs to another configuration: ${path} is ${shown(before)} in it, and ${shown(now)} in the run's config.yaml.`);
  }
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'not set').slice(0, 60);

interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}

function firstDifference(before: unknown, now: unknown, path: string): Difference | undefined {
  if (!isContainer(before) || !isContainer(now)) return Object.is(before, now) ? undefined : { path, before, now };
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const found = firstDifference(before[key], now[key], `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
