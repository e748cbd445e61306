import type { CsvTable } from '../../src/io/csv.js';
import { readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import { parseStamp } from '../time.js';

/** Instants of a column, checked to be stamps that never go back. Throws InputError naming the line. */
function risingTimes(table: CsvTable, column: string): Float64Array {
  const times = new Float64Array(table.length);
  for (let row = 0; row < table.length; row++) {
    const text = table.cell(row, column);
    const time = parseStamp(text);
    const where = `${table.file}, line ${table.line(row)}`;
    if (Number.isNaN(time)) throw new InputError(`${where}: "${text}" is no time; expected YYYY-MM-DD HH:MM:SS.`);
    if (row > 0 && time < times[row - 1]!) throw new InputError(`${where}: ${text} comes before the line above; expected times that never go back.`);
    times[row] = time;
  }
  return times;
}

/** A column of numbers within bounds; empty cells become `blank`, or are refused if there is none. */
function bounded(table: CsvTable, column: string, [low, high]: readonly [number, number], blank?: number): Float64Array {
  const values = new Float64Array(table.length);
  for (let row = 0; row < table.length; row++) {
    if (blank !== undefined && table.cell(row, column) === '') {
      values[row] = blank;
      continue;
    }
    const value = table.number(row, column);
    if (value < low || value > high) {
      throw new InputError(`${table.file}, line ${table.line(row)}, column "${column}": ${value} is outside ${low} to ${high}.`);
    }
    values[row] = value;
  }
  return values;
}

const requireRows = (table: CsvTable): CsvTable => {
  if (table.length === 0) throw new InputError(`${table.file} has a header and no rows; expected requests.`);
  return table;
};

/** Production requests to a Stable Diffusion service; one entry a request, in order of time. */
export interface ImageRequests {
  readonly file: string;
  /** As recorded: the clock is anonymised. Subtract `genTd26ClockAheadHours` for local time. */
  readonly timeMs: Float64Array;
  readonly type: readonly string[];
  readonly status: readonly string[];
  /** From arrival to answer: queueing and model loading are in it. */
  readonly executionSeconds: Float64Array;
  /** NaN where the trace says nothing. */
  readonly imagesPerPrompt: Float64Array;
  readonly denoisingSteps: Float64Array;
}

/** Hours by which the trace's anonymised clock runs ahead of one on which work happens in office hours. */
export const genTd26ClockAheadHours = 8;

/** Alibaba's GenTD26 trace (`lora_request_trace.csv`). Throws InputError (file, line) for a bad column or value. */
export function readGenTd26(file: string): ImageRequests {
  const table = requireRows(readCsv(file, ['gmt_create', 'predict_type', 'predict_status', 'exec_time_seconds', 'num_images_per_prompt', 'num_inference_steps']));
  const texts = (column: string): string[] => Array.from({ length: table.length }, (_, row) => table.cell(row, column));
  return {
    file,
    timeMs: risingTimes(table, 'gmt_create'),
    type: texts('predict_type'),
    status: texts('predict_status'),
    executionSeconds: bounded(table, 'exec_time_seconds', [0, 86_400], NaN),
    imagesPerPrompt: bounded(table, 'num_images_per_prompt', [1, 1000], NaN),
    denoisingSteps: bounded(table, 'num_inference_steps', [1, 1000], NaN),
  };
}

/** Requests to a language model; one entry a request, in order of time. */
export interface TokenRequests {
  readonly file: string;
  readonly timeMs: Float64Array;
  readonly contextTokens: Float64Array;
  readonly generatedTokens: Float64Array;
}

/**
 * Azure's LLM inference traces (`TIMESTAMP,ContextTokens,GeneratedTokens`). Throws InputError (file, line) for a bad column or
 * value, or a trace in which no request has a prompt and an answer.
 */
export function readAzureLlm(file: string): TokenRequests {
  const table = requireRows(readCsv(file, ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens']));
  const columns = ['ContextTokens', 'GeneratedTokens'] as const;
  const [contextTokens, generatedTokens] = columns.map((column) => bounded(table, column, [0, 1e7])) as [Float64Array, Float64Array];
  [contextTokens, generatedTokens].forEach((tokens, i) => {
    if (tokens.every((value) => value < 1)) throw new InputError(`${file}, column "${columns[i]}": all ${tokens.length} values are below 1; expected requests with a prompt and an answer.`);
  });
  if (!contextTokens.some((context, row) => context >= 1 && generatedTokens[row]! >= 1)) {
    throw new InputError(`${file}: no request has both ContextTokens and GeneratedTokens of at least 1; expected requests with a prompt and an answer.`);
  }
  return { file, timeMs: risingTimes(table, 'TIMESTAMP'), contextTokens, generatedTokens };
}

/** Total request rates by model class over fixed intervals from the start of the recording. */
export interface RequestRates {
  readonly file: string;
  readonly intervalSeconds: number;
  /** Requests per second, one entry an interval; NaN where the class was not recorded. */
  readonly requestsPerSecond: ReadonlyMap<string, Float64Array>;
}

/** ServeGen's rates: `t_s` rising by one fixed interval, one column per model class. Throws InputError (file, line). */
export function readServeGen(file: string): RequestRates {
  const table = requireRows(readCsv(file, ['t_s']));
  const seconds = bounded(table, 't_s', [0, 1e10]);
  const intervalSeconds = table.length > 1 ? seconds[1]! - seconds[0]! : NaN;
  if (!(intervalSeconds > 0)) throw new InputError(`${file}: t_s does not rise from its first value to its second; expected a fixed interval in seconds.`);
  for (let row = 1; row < table.length; row++) {
    const step = seconds[row]! - seconds[row - 1]!;
    if (step !== intervalSeconds) throw new InputError(`${file}, line ${table.line(row)}: t_s rises by ${step}; expected ${intervalSeconds} throughout.`);
  }
  const classes = table.columns.filter((column) => column !== 't_s');
  if (classes.length === 0) throw new InputError(`${file} has no column beside t_s; expected one per model class.`);
  return { file, intervalSeconds, requestsPerSecond: new Map(classes.map((name) => [name, bounded(table, name, [0, 1e7], NaN)])) };
}
