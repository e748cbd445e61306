import { InputError } from '../../../src/io/errors.js';
import type { RecordedObjective } from './cacheObjective.js';
import type { Json } from './cacheValues.js';
import { isObject, shown } from './cacheValues.js';
import { costOfValue } from './objective.js';

/** Numbers from here on mark a failure: 1e20 in older caches, the largest double in newer ones. */
const failureSentinel = 1e20;
const failureWords: readonly unknown[] = ['ErrorConfig', 'InvalidConfig', 'CompilationFailedConfig', 'RuntimeFailedConfig'];

/** What is minimised for a configuration: its mean, and its raw samples. */
export interface EntryResult {
  readonly cost: number;
  readonly samples: readonly number[];
}

/**
 * The result of one configuration, or why it failed: a word in place of a number, or in newer files an object around it; a
 * value that is missing, null, zero or not finite is none. Throws InputError for anything else that is no positive number.
 */
export function readResult(entry: Json, objective: RecordedObjective, where: string): string | EntryResult {
  const { key } = objective;
  const value = entry[key];
  const failed = failureOf(entry, value);
  if (failed !== undefined) return failed;
  if (value === undefined || value === null || value === 0 || Number.isNaN(value)) return `no value of ${key}`;
  if (typeof value === 'number' && Math.abs(value) >= failureSentinel) return 'failed';
  if (typeof value !== 'number' || value < 0) {
    throw new InputError(`${where}: objective "${key}" is ${shown(value)}; expected a positive number, or a word that says how it failed.`);
  }
  const samples = readSamples(entry, `${key}s`, where);
  return { cost: costOfValue(objective, value), samples: (samples.length === 0 ? [value] : samples).map((sample) => costOfValue(objective, sample)) };
}

function failureOf(entry: Json, value: unknown): string | undefined {
  const said = entry['__error__'] ?? value;
  if (typeof said === 'string') return said;
  if (isObject(said)) return String(Object.values(said)[0] ?? 'failed');
  // One that failed may say so in another field only, such as the time.
  return Object.values(entry).find((other): other is string => failureWords.includes(other));
}

/** Raw samples, which Kernel Tuner keeps under the metric's name with an s; those without a value are left out. */
function readSamples(entry: Json, key: string, where: string): number[] {
  const found = entry[key] ?? [];
  const isSample = (sample: unknown): boolean => sample === null || (typeof sample === 'number' && !(sample < 0));
  if (!Array.isArray(found) || !found.every(isSample)) {
    throw new InputError(`${where}: "${key}" is ${shown(found)}; expected a list of positive numbers.`);
  }
  return (found as (number | null)[]).filter((sample): sample is number => sample !== null && sample > 0 && sample < failureSentinel);
}
