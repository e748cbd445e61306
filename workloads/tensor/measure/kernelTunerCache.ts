import { InputError } from '../../../src/io/errors.js';
import type { Configuration, Knob, KnobValue, SearchSpace } from '../space.js';
import { indexOfConfiguration, productSize } from '../space.js';
import type { EntryResult } from './cacheEntry.js';
import { readResult } from './cacheEntry.js';
import { readCacheDocument } from './cacheFile.js';
import type { ObjectiveChoice } from './cacheObjective.js';
import { readObjective } from './cacheObjective.js';
import type { Json } from './cacheValues.js';
import { isObject, shown } from './cacheValues.js';

/** An exhaustively measured space: what Kernel Tuner's cache file holds. */
export interface MeasuredSpace extends SearchSpace {
  /** The measured configurations, in the order of the file. */
  readonly indices: Float64Array;
  /** Position of a measured configuration in `indices`, by its index. */
  readonly rowOf: ReadonlyMap<number, number>;
  /** What is minimised (`costOfValue` of the mean), by row; Infinity where the configuration failed. */
  readonly costs: Float64Array;
  /** The same of the raw samples; empty where the configuration failed. */
  readonly samples: readonly (readonly number[])[];
  /** Why a configuration failed, by row. */
  readonly failures: ReadonlyMap<number, string>;
  /** The least cost. */
  readonly optimum: number;
}

const isKnobValue = (value: unknown): value is KnobValue => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);

/**
 * Reads a Kernel Tuner cache (`.json`, or `.json.gz`): knobs in `tune_params`, results in `cache`, one entry per
 * configuration, judged by its own objective or the one chosen. Of a configuration that is there twice the last entry
 * counts, as for Kernel Tuner. Throws InputError for anything else, naming the entry.
 */
export function readKernelTunerCache(file: string, choice: ObjectiveChoice = {}): MeasuredSpace {
  return parseKernelTunerCache(readCacheDocument(file), file, choice);
}

/** As `readKernelTunerCache`, on a document already parsed; `file` is only used in messages. */
export function parseKernelTunerCache(document: unknown, file: string, choice: ObjectiveChoice = {}): MeasuredSpace {
  if (!isObject(document)) throw new InputError(`${file} is not a Kernel Tuner cache: expected a JSON object.`);
  const knobs = readKnobs(document, file);
  const cache = document['cache'];
  if (!isObject(cache)) throw new InputError(`${file}: "cache" is ${shown(cache)}; expected an object of measured configurations.`);
  const entries = Object.entries(cache);
  if (entries.length === 0) throw new InputError(`${file}: "cache" holds no measured configuration.`);
  const { key, ...objective } = readObjective(document, entries, choice, file);
  const results = new Map<number, string | EntryResult>();
  for (const [name, entry] of entries) {
    const where = `${file}, configuration "${name}"`;
    if (!isObject(entry)) throw new InputError(`${where}: expected an object, found ${shown(entry)}.`);
    const index = indexOfConfiguration(knobs, entry as Configuration, where);
    checkKey(name, knobs, entry, where);
    results.set(index, readResult(entry, { ...objective, key }, where));
  }
  const space = measuredSpace({ name: spaceName(document), knobs, size: productSize(knobs, file), objective }, results);
  if (space.optimum === Infinity) {
    throw new InputError(`${file}: no configuration has a number as its objective "${objective.name}"; all ${results.size} failed.`);
  }
  return space;
}

/** Whether any configuration of a cache has a number as this objective. */
export function hasObjective(document: unknown, name: string): boolean {
  const cache = isObject(document) ? document['cache'] : undefined;
  return isObject(cache) && Object.values(cache).some((entry) => isObject(entry) && typeof entry[name] === 'number');
}

function measuredSpace(head: Pick<SearchSpace, 'name' | 'knobs' | 'size' | 'objective'>, results: ReadonlyMap<number, string | EntryResult>): MeasuredSpace {
  const indices = Float64Array.from(results.keys());
  const costs = new Float64Array(indices.length);
  const samples: (readonly number[])[] = [];
  const failures = new Map<number, string>();
  const rowOf = new Map<number, number>();
  [...results].forEach(([index, result], row) => {
    rowOf.set(index, row);
    if (typeof result === 'string') failures.set(row, result);
    costs[row] = typeof result === 'string' ? Infinity : result.cost;
    samples.push(typeof result === 'string' ? [] : result.samples);
  });
  return {
    ...head,
    isValid: (index) => rowOf.has(index),
    valid: indices.slice().sort(),
    sample: (random) => indices[random.integer(indices.length)]!,
    indices,
    rowOf,
    costs,
    samples,
    failures,
    optimum: costs.reduce((least, cost) => Math.min(least, cost), Infinity),
  };
}

function spaceName(document: Json): string {
  const part = (key: string): string => (typeof document[key] === 'string' ? (document[key] as string).trim() : '') || `unnamed ${key.split('_')[0]}`;
  const problem = document['problem_size'];
  const size = Array.isArray(problem) ? problem.join('x') : typeof problem === 'number' || typeof problem === 'string' ? String(problem) : '';
  return `${part('kernel_name')}${size === '' ? '' : ` ${size}`} on ${part('device_name')}`;
}

function readKnobs(document: Json, file: string): Knob[] {
  const names = document['tune_params_keys'];
  const values = document['tune_params'];
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
    throw new InputError(`${file}: "tune_params_keys" is ${shown(names)}; expected a list of knob names.`);
  }
  if (!isObject(values)) throw new InputError(`${file}: "tune_params" is ${shown(values)}; expected the values of every knob.`);
  return names.map((name: string) => {
    const declared = values[name];
    if (!Array.isArray(declared) || declared.length === 0 || !declared.every(isKnobValue)) {
      throw new InputError(`${file}: "tune_params" gives knob "${name}" ${shown(declared)}; expected a list of numbers, strings or booleans.`);
    }
    return { name, values: [...new Set(declared)] };
  });
}

/** A key lists the knob values in order; one that contradicts its own entry means a damaged file. */
function checkKey(key: string, knobs: readonly Knob[], entry: Json, where: string): void {
  const parts = key.split(',');
  if (parts.length !== knobs.length) return; // a value holds a comma, or another tool wrote the key
  knobs.forEach(({ name }, k) => {
    const value = entry[name];
    if (typeof value === 'number' && Number(parts[k]) !== value) {
      throw new InputError(`${where}: the key says ${name} = ${parts[k]}, the entry says ${value}.`);
    }
  });
}
