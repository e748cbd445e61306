import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, messageOf } from '../../../src/io/errors.js';
import { ensureFolder, readText, writeAtomic } from '../../../src/io/files.js';
import { parseJsonLines } from '../../../src/io/json.js';
import { withLock } from '../../../src/io/lock.js';
import type { Measurement } from './measurer.js';
import type { Configuration, Knob, KnobValue, SearchSpace } from '../space.js';
import type { Objective } from './objective.js';
import { costOfValue, isObjective, isTime, timeObjective, valueOfCost } from './objective.js';

/**
 * One measured trial, one line of a history file. The configuration is kept by the names of its knobs, never as features,
 * so that records outlive any change of the model. It has `times` in ms, or `values` of another objective, or an `error`.
 */
export interface HistoryRecord {
  readonly space: string;
  readonly method: string;
  readonly seed: number;
  readonly round: number;
  readonly config: Configuration;
  /** What was measured, if not the time. */
  readonly objective?: Objective;
  readonly times?: readonly number[];
  readonly values?: readonly number[];
  readonly error?: string;
}

export const objectiveOf = ({ objective = timeObjective }: HistoryRecord): Objective => objective;

/** A space's name and what was measured there: records that share it can be compared. */
export const spaceAndObjective = (record: HistoryRecord): string => (record.objective === undefined ? record.space : `${record.space}, ${record.objective.name}`);

export function measurementOf(record: HistoryRecord): Measurement {
  const values = record.times ?? record.values;
  if (values === undefined) return { ok: false, why: record.error ?? 'failed' };
  return { ok: true, costs: values.map((value) => costOfValue(objectiveOf(record), value)) };
}

/** What a record holds of a measurement. */
export function resultOf(measurement: Measurement, objective: Objective): Pick<HistoryRecord, 'objective' | 'times' | 'values' | 'error'> {
  const head = isTime(objective) ? {} : { objective };
  if (!measurement.ok) return { ...head, error: measurement.why };
  return isTime(objective) ? { times: measurement.costs } : { ...head, values: measurement.costs.map((cost) => valueOfCost(objective, cost)) };
}

/**
 * Reads a history file. A last line without its newline was cut off by a kill, and is left out. Throws InputError, naming
 * the line, for anything that is no record.
 */
export const readHistory = (file: string): HistoryRecord[] => parseHistory(readText(file), file);

/** As `readHistory`, on text already in memory; `file` is only used in messages. */
export function parseHistory(text: string, file: string): HistoryRecord[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const records = Array.from(parseJsonLines(whole, file), ({ value, line }) => parseRecord(value, `${file}, line ${line}`));
  if (records.length === 0) throw new InputError(`${file} holds no whole record; expected a tuning history, one JSON object a line.`);
  return records;
}

type Fields = Partial<Record<keyof HistoryRecord, unknown>>;

function parseRecord(value: unknown, where: string): HistoryRecord {
  const record = value as Fields;
  const refuse = (found: string): never => {
    throw new InputError(`${where}: ${found}; expected a record {space, method, seed, round, config, and times, values with their objective, or error}.`);
  };
  if (typeof record !== 'object' || record === null) refuse('no JSON object');
  if (typeof record.space !== 'string') refuse('it names no space');
  if (typeof record.config !== 'object' || record.config === null || Array.isArray(record.config)) refuse('it has no config');
  for (const [knob, value] of Object.entries(record.config as object)) {
    if (!['number', 'string', 'boolean'].includes(typeof value)) refuse(`knob "${knob}" is ${JSON.stringify(value)}`);
  }
  const { method = 'unknown', seed = 0, round = 0 } = record;
  if (typeof method !== 'string' || !Number.isInteger(seed) || !Number.isInteger(round)) refuse('its method, seed or round is of the wrong kind');
  const config = record.config as Configuration;
  return { space: record.space as string, method: method as string, seed: seed as number, round: round as number, config, ...parseResult(record, refuse) };
}

/** A record's objective and its result. */
function parseResult({ error, objective: found, times, values }: Fields, refuse: (found: string) => never): Partial<HistoryRecord> {
  if (found !== undefined && !isObjective(found)) refuse(`"objective" is ${JSON.stringify(found)}`);
  const head = found === undefined ? {} : { objective: found as Objective };
  if (typeof error === 'string') return { ...head, error };
  const [key, samples] = found === undefined ? (['times', times] as const) : (['values', values] as const);
  if (!Array.isArray(samples) || samples.length === 0 || !samples.every((sample) => Number.isFinite(sample) && (sample as number) > 0)) {
    refuse(`"${key}" is ${JSON.stringify(samples)}`);
  }
  return { ...head, [key]: samples as number[] };
}

/** Throws InputError unless the record has a value for exactly these knobs. */
export function checkKnobs(record: HistoryRecord, knobs: readonly Knob[], where: string): void {
  const names = knobs.map(({ name }) => name);
  const odd = names.find((name) => !(name in record.config)) ?? Object.keys(record.config).find((name) => !names.includes(name));
  if (odd !== undefined) {
    throw new InputError(`${where} is a history of another space, ${record.space}: knob "${odd}" is not in both; expected ${names.join(', ')}.`);
  }
}

/** Items by key, in the order in which keys first come. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

const keyOf = (method: string, seed: number, config: Configuration): string =>
  JSON.stringify([method, seed, Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))] satisfies [string, number, [string, KnobValue][]]);

/** The space that a history file is of. */
type Measured = Pick<SearchSpace, 'name' | 'knobs' | 'objective'>;

/**
 * Opens a history file for `work`; nobody else can write it meanwhile. Throws InputError if somebody does, or if the file
 * holds anything but this space.
 */
export async function withHistory<T>(file: string, space: Measured, work: (history: HistoryFile) => Promise<T>): Promise<T> {
  ensureFolder(dirname(file));
  return withLock(`${file}.lock`, () => work(new HistoryFile(file, space)), 'this history');
}

/** A history file that goes on from what it holds: every new trial is one appended line. */
export class HistoryFile {
  /** Trials that the file held when it was opened. */
  length = 0;
  readonly #file: string;
  readonly #space: Measured;
  readonly #known = new Map<string, Measurement[]>();

  /** Throws InputError if the file holds anything but this space. */
  constructor(file: string, space: Measured) {
    this.#file = file;
    this.#space = space;
    if (!existsSync(file)) return;
    const text = readText(file);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) writeAtomic(file, whole);
    if (whole === '') return;
    readHistory(file).forEach((record, i) => {
      const where = `${file}, line ${i + 1}`;
      if (record.space !== space.name) throw new InputError(`${where} is of another space, ${record.space}; this run measures ${space.name}.`);
      const { direction, name } = objectiveOf(record);
      if (name !== space.objective.name || direction !== space.objective.direction) {
        throw new InputError(`${where} measures another objective, to ${direction} ${name}; this run is to ${space.objective.direction} ${space.objective.name}.`);
      }
      checkKnobs(record, space.knobs, where);
      const key = keyOf(record.method, record.seed, record.config);
      const repeats = this.#known.get(key) ?? [];
      repeats.push(measurementOf(record));
      this.#known.set(key, repeats);
      this.length++;
    });
  }

  /** What the file held when it was opened: the first (`repeat` 0) or a later measurement of a configuration. */
  find(method: string, seed: number, config: Configuration, repeat: number): Measurement | undefined {
    return this.#known.get(keyOf(method, seed, config))?.[repeat];
  }

  append(trial: { method: string; seed: number; round: number; config: Configuration; measurement: Measurement }): void {
    const { measurement, ...head } = trial;
    try {
      appendFileSync(this.#file, `${JSON.stringify({ space: this.#space.name, ...head, ...resultOf(measurement, this.#space.objective) } satisfies HistoryRecord)}\n`);
    } catch (error) {
      throw new InputError(`Cannot write ${this.#file}: ${messageOf(error)}.`);
    }
  }
}
