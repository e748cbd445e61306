import { InputError } from '../../../src/io/errors.js';
import { readJson } from '../../../src/io/files.js';
import type { Configuration, Knob, KnobValue, SearchSpace } from '../space.js';
import { indexOfConfiguration, productSize } from '../space.js';

/** An exhaustively measured space: what Kernel Tuner's cache file holds. */
export interface MeasuredSpace extends SearchSpace {
  /** The measured configurations, in the order of the file. */
  readonly indices: Float64Array;
  /** Position of a measured configuration in `indices`, by its index. */
  readonly rowOf: ReadonlyMap<number, number>;
  /** Mean objective (ms where the objective is a time); Infinity where the configuration failed. */
  readonly costs: Float64Array;
  /** Raw samples of the objective; empty where the configuration failed. */
  readonly samples: readonly (readonly number[])[];
  /** Why a configuration failed, by row. */
  readonly failures: ReadonlyMap<number, string>;
  /** The least mean objective. */
  readonly optimum: number;
}

/** Older caches mark a failure by this time instead of a word. */
const failureSentinel = 1e20;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isKnobValue = (value: unknown): value is KnobValue => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/**
 * Reads a Kernel Tuner cache (`.json`, or `.json.gz`): knobs in `tune_params`, results in `cache`, one entry per
 * configuration. Throws InputError for anything else, naming the entry.
 */
export function readKernelTunerCache(file: string): MeasuredSpace {
  return parseKernelTunerCache(readJson(file), file);
}

/** As `readKernelTunerCache`, on a document already parsed; `file` is only used in messages. */
export function parseKernelTunerCache(document: unknown, file: string): MeasuredSpace {
  if (!isObject(document)) throw new InputError(`${file} is not a Kernel Tuner cache: expected a JSON object.`);
  const knobs = readKnobs(document, file);
  const objective = readObjective(document, file);
  const cache = document['cache'];
  if (!isObject(cache)) throw new InputError(`${file}: "cache" is ${shown(cache)}; expected an object of measured configurations.`);
  const entries = Object.entries(cache);
  if (entries.length === 0) throw new InputError(`${file}: "cache" holds no measured configuration.`);

  const indices = new Float64Array(entries.length);
  const costs = new Float64Array(entries.length);
  const samples: (readonly number[])[] = [];
  const failures = new Map<number, string>();
  const rowOf = new Map<number, number>();
  entries.forEach(([key, entry], row) => {
    const where = `${file}, configuration "${key}"`;
    if (!isObject(entry)) throw new InputError(`${where}: expected an object, found ${shown(entry)}.`);
    const index = indexOfConfiguration(knobs, entry as Configuration, where);
    checkKey(key, knobs, entry, where);
    if (rowOf.has(index)) throw new InputError(`${where}: this configuration is measured twice.`);
    rowOf.set(index, row);
    indices[row] = index;
    const result = readResult(entry, objective, where);
    if (typeof result === 'string') failures.set(row, result);
    costs[row] = typeof result === 'string' ? Infinity : result.cost;
    samples.push(typeof result === 'string' ? [] : result.samples);
  });
  const valid = indices.slice().sort();
  const optimum = costs.reduce((least, cost) => Math.min(least, cost), Infinity);
  if (optimum === Infinity) {
    throw new InputError(`${file}: no configuration has a number as its objective "${objective}"; all ${entries.length} failed.`);
  }
  return {
    name: spaceName(document),
    knobs,
    size: productSize(knobs, file),
    isValid: (index) => rowOf.has(index),
    valid,
    sample: (random) => indices[random.integer(indices.length)]!,
    indices,
    rowOf,
    costs,
    samples,
    failures,
    optimum,
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

function readObjective(document: Json, file: string): string {
  const objective = document['objective'];
  if (typeof objective !== 'string') throw new InputError(`${file}: "objective" is ${shown(objective)}; expected the name of what was measured, such as "time".`);
  return objective;
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

function readResult(entry: Json, objective: string, where: string): string | { cost: number; samples: readonly number[] } {
  const value = entry[objective];
  if (value === undefined) throw new InputError(`${where}: it has no objective "${objective}".`);
  // A failure is a word, or in newer files an object around it.
  if (typeof value === 'string') return value;
  if (isObject(value)) return String(Object.values(value)[0] ?? 'failed');
  if (value === failureSentinel) return 'failed';
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw new InputError(`${where}: objective "${objective}" is ${shown(value)}; expected a positive number, or a word that says how it failed.`);
  }
  const times = entry['times'];
  if (objective !== 'time' || times === undefined) return { cost: value, samples: [value] };
  if (!Array.isArray(times) || times.length === 0 || !times.every((time) => Number.isFinite(time) && (time as number) > 0)) {
    throw new InputError(`${where}: "times" is ${shown(times)}; expected a list of positive numbers (ms).`);
  }
  return { cost: value, samples: times as number[] };
}
