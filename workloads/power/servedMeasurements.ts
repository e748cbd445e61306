import type { CsvTable } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import type { Device } from './device.js';
import { plainName } from './deviceFile.js';
import type { Precision } from './kernel.js';
import type { Dropped, Measurement, MeasurementSet } from './measurements.js';
import { collect, positive } from './measurements.js';
import type { Model } from './presets/catalogue.js';
import { modelOfCheckpoint, workloadFor } from './presets/catalogue.js';
import { servedWorkload } from './presets/decoderWorkload.js';
import type { Runtime } from './runtime.js';

/** Whether a table has the columns of the ML.ENERGY leaderboard's third version. */
export const isServedTable = (table: CsvTable): boolean => table.has('model_id') && table.has('gpu_model');

const precisions: Readonly<Record<string, Precision>> = { bfloat16: 'bf16', float16: 'fp16', fp8: 'fp8', float8: 'fp8', float8_e4m3fn: 'fp8' };

/**
 * Tokens of a prompt, which the files do not tell: the mean of prompts in chats with public models, as the memory that
 * their caches fill suggests (docs/power.md). Answers differ in length, so that a sequence under way is of a
 * long one more often: in the mean it is past the middle of the mean answer.
 */
export const assumed = { promptTokens: 300, progress: 0.75 } as const;

/**
 * Reads served models of the ML.ENERGY leaderboard (v3) that were measured on `device`: text (one pass of continuous
 * batching; time is the mean between two tokens of a sequence, whose median is reported beside), images and videos (a
 * batch). Kernel lists come from the built-in models; models that are not built in are dropped, rows of other GPUs ignored.
 * Throws InputError for columns that are missing and figures that are not positive.
 */
export function parseServedMeasurements(table: CsvTable, device: Device, runtime: Runtime): MeasurementSet {
  const measurements: Measurement[] = [];
  const dropped: Dropped[] = [];
  const names = [device.name, ...device.aliases].map(plainName);
  for (let row = 0; row < table.length; row++) {
    if (!names.includes(plainName(table.cell(row, 'gpu_model')))) continue;
    const repository = table.cell(row, 'model_id');
    const model = modelOfCheckpoint(repository);
    const label = labelOf(table, row, repository);
    const format = table.has('weight_precision') ? table.cell(row, 'weight_precision') : 'bfloat16';
    const precision = precisions[format.toLowerCase()];
    if (model === undefined) dropped.push({ workload: label, why: 'no kernel list: the model is not built in' });
    else if (precision === undefined) dropped.push({ workload: label, why: `no kernel list: weights in ${format} are not modelled` });
    else {
      const read = model.decoder === undefined ? generated : chatted;
      collect({ ...read(table, row, model, { precision, runtime }), name: label }, device, measurements, dropped);
    }
  }
  return { measurements, dropped };
}

function labelOf(table: CsvTable, row: number, repository: string): string {
  const batch = table.cell(row, table.has('batch_size') ? 'batch_size' : 'max_num_seqs');
  return `${repository}, batch ${batch}, ${table.cell(row, 'num_gpus')} x ${table.cell(row, 'gpu_model')}, line ${table.line(row)}`;
}

interface Format {
  readonly precision: Precision;
  readonly runtime: Runtime;
}

const whole = (table: CsvTable, row: number, column: string): number => {
  const value = positive(table, row, column);
  if (Number.isInteger(value)) return value;
  throw new InputError(`${table.file}, line ${table.line(row)}, column "${column}": expected a whole number, found ${value}.`);
};
const optional = (table: CsvTable, row: number, column: string): number => (table.has(column) ? whole(table, row, column) : 1);

function common(table: CsvTable, row: number, model: Model, { runtime }: Format) {
  return { family: model.name, powerW: positive(table, row, 'avg_power_watts'), clockMhz: null, nominalClockMhz: 0, runtime };
}

/** A language model under a constant number of sequences. */
function chatted(table: CsvTable, row: number, model: Model, format: Format): Omit<Measurement, 'name'> {
  const devices = whole(table, row, 'num_gpus');
  const data = optional(table, row, 'data_parallel');
  const parallel = { tensor: devices / data, expert: optional(table, row, 'expert_parallel') > 1 ? devices : 1, data };
  const sequences = positive(table, row, 'avg_batch_size');
  const answer = positive(table, row, 'avg_output_len');
  const throughput = positive(table, row, 'output_throughput_tokens_per_sec');
  const medianMs = positive(table, row, 'median_itl_ms');
  const joining = sequences / answer;
  const pass = (prompts: number) =>
    servedWorkload(model.name, model.decoder!, { sequences, context: assumed.promptTokens + assumed.progress * answer, prompts, promptTokens: assumed.promptTokens }, { ...format, parallel });
  return {
    ...common(table, row, model, format),
    workload: pass(joining),
    timeMs: (1e3 * sequences) / throughput,
    items: sequences,
    typical: { workload: pass(medianCount(joining)), timeMs: medianMs },
  };
}

/** The median of a Poisson count, made smooth: that many prompts join the middle pass when `mean` do so on average. */
const medianCount = (mean: number): number => Math.max(0, mean - 1 / 3 + 0.02 / Math.max(mean, 0.02)) * Number(mean > 1 / 3);

/** A batch of pictures or videos. */
function generated(table: CsvTable, row: number, model: Model, format: Format): Omit<Measurement, 'name'> {
  const video = table.has('num_frames');
  const side = (name: 'width' | 'height'): number => whole(table, row, `${video ? 'video' : 'image'}_${name}`);
  const workload = workloadFor(model, {
    batch: whole(table, row, 'batch_size'),
    steps: whole(table, row, 'inference_steps'),
    size: { width: side('width'), height: side('height'), frames: video ? whole(table, row, 'num_frames') : 1 },
    cut: { ulysses: optional(table, row, 'ulysses_degree'), ring: optional(table, row, 'ring_degree') },
    ...format,
  });
  return { ...common(table, row, model, format), workload, timeMs: 1e3 * positive(table, row, 'batch_latency_s'), items: whole(table, row, 'batch_size') };
}
