import { appendFileSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, messageOf } from '../../../src/io/errors.js';
import { ensureFolder, readText, writeAtomic } from '../../../src/io/files.js';
import { parseJsonLines } from '../../../src/io/json.js';
import type { Measurement } from './measurer.js';
import type { Configuration, Knob, KnobValue, SearchSpace } from '../space.js';

/**
 * One measured trial, one line of a history file. The configuration is kept by the names of its knobs, never as features,
 * so that records outlive any change of the model. Times are in ms.
 */
export interface HistoryRecord {
  readonly space: string;
  readonly method: string;
  readonly seed: number;
  readonly round: number;
  readonly config: Configuration;
  readonly times?: readonly number[];
  readonly error?: string;
}

export const measurementOf = (record: HistoryRecord): Measurement =>
  record.times === undefined ? { ok: false, why: record.error ?? 'failed' } : { ok: true, timesMs: record.times };

export const resultOf = (measurement: Measurement): Pick<HistoryRecord, 'times' | 'error'> =>
  measurement.ok ? { times: measurement.timesMs } : { error: measurement.why };

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

function parseRecord(value: unknown, where: string): HistoryRecord {
  const record = value as Partial<Record<keyof HistoryRecord, unknown>>;
  const refuse = (found: string): never => {
    throw new InputError(`${where}: ${found}; expected a record {space, method, seed, round, config, times or error}.`);
  };
  if (typeof record !== 'object' || record === null) refuse('no JSON object');
  if (typeof record.space !== 'string') refuse('it names no space');
  if (typeof record.config !== 'object' || record.config === null || Array.isArray(record.config)) refuse('it has no config');
  for (const [knob, value] of Object.entries(record.config as object)) {
    if (!['number', 'string', 'boolean'].includes(typeof value)) refuse(`knob "${knob}" is ${JSON.stringify(value)}`);
  }
  const { times, error, method = 'unknown', seed = 0, round = 0 } = record;
  if (typeof method !== 'string' || !Number.isInteger(seed) || !Number.isInteger(round)) refuse('its method, seed or round is of the wrong kind');
  const config = record.config as Configuration;
  const head = { space: record.space as string, method: method as string, seed: seed as number, round: round as number, config };
  if (typeof error === 'string') return { ...head, error };
  if (!Array.isArray(times) || times.length === 0 || !times.every((time) => Number.isFinite(time) && (time as number) > 0)) {
    refuse(`"times" is ${JSON.stringify(times)}`);
  }
  return { ...head, times: times as number[] };
}

/** Throws InputError unless the record has a value for exactly these knobs. */
export function checkKnobs(record: HistoryRecord, knobs: readonly Knob[], where: string): void {
  const names = knobs.map(({ name }) => name);
  const odd = names.find((name) => !(name in record.config)) ?? Object.keys(record.config).find((name) => !names.includes(name));
  if (odd !== undefined) {
    throw new InputError(`${where} is a history of another space, ${record.space}: knob "${odd}" is not in both; expected ${names.join(', ')}.`);
  }
}

const keyOf = (method: string, seed: number, config: Configuration): string =>
  JSON.stringify([method, seed, Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))] satisfies [string, number, [string, KnobValue][]]);

/** The space that a history file is of. */
type Measured = Pick<SearchSpace, 'name' | 'knobs'>;

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
    ensureFolder(dirname(file));
    if (!existsSync(file)) return;
    const text = readText(file);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) writeAtomic(file, whole);
    if (whole === '') return;
    readHistory(file).forEach((record, i) => {
      const where = `${file}, line ${i + 1}`;
      if (record.space !== space.name) throw new InputError(`${where} is of another space, ${record.space}; this run measures ${space.name}.`);
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
      appendFileSync(this.#file, `${JSON.stringify({ space: this.#space.name, ...head, ...resultOf(measurement) } satisfies HistoryRecord)}\n`);
    } catch (error) {
      throw new InputError(`Cannot write ${this.#file}: ${messageOf(error)}.`);
    }
  }
}
