import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CsvTable } from '../../src/io/csv.js';
import { readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import type { Device } from './device.js';
import { at, peakTflops } from './device.js';
import { bytesPerElement, compulsoryBytes, matrixFlop } from './kernel.js';
import { readKernelFile } from './kernelFile.js';
import type { Runtime } from './runtime.js';
import type { Workload } from './workload.js';

/** One measured workload. */
export interface Measurement {
  /** As the file names it. */
  readonly name: string;
  /** The model family: the name up to its first underscore. */
  readonly family: string;
  readonly workload: Workload;
  readonly timeMs: number;
  /** Of all devices together. */
  readonly powerW: number;
  /** Mean clock over the run, below the nominal one when the board throttled; null: not measured. */
  readonly clockMhz: number | null;
  readonly runtime: Runtime;
  /** The clock that was asked for; 0: not known. */
  readonly nominalClockMhz: number;
  /** Sequences, images or videos that the energy is shared by; default 1. */
  readonly items?: number;
  /** The middle pass, where a median stands beside the mean. */
  readonly typical?: { readonly workload: Workload; readonly timeMs: number };
}

export interface Dropped {
  readonly workload: string;
  readonly why: string;
}

export interface MeasurementSet {
  readonly measurements: readonly Measurement[];
  readonly dropped: readonly Dropped[];
}

/** Kernel lists of a folder by workload name: the file's name without `.json`, up to `_freq` if it has one. */
export function readWorkloads(folder: string): Map<string, () => Workload> {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    throw new InputError(`Cannot read the folder of kernel lists ${folder}: no such folder.`);
  }
  if (files.length === 0) throw new InputError(`${folder} holds no kernel lists; expected .json files.`);
  return new Map(
    files.sort().map((file) => {
      let workload: Workload | undefined;
      return [workloadName(file.replace(/\.json$/, '')), () => (workload ??= readKernelFile(join(folder, file)))];
    }),
  );
}

const workloadName = (name: string): string => name.split('_freq')[0]!;

/**
 * Reads measurements (columns workload, energy in J an iteration, time in ms an iteration, avg_freq in MHz) and joins each
 * with its kernel list. Rows without a list, and rows that cannot be true, are dropped with the reason.
 * Throws InputError (file, line) for figures that are missing, not finite or not positive.
 */
export function readMeasurements(file: string, workloads: ReadonlyMap<string, () => Workload>, device: Device): MeasurementSet {
  return parseMeasurements(measurementTable(file), workloads, device);
}

/** Reads a CSV file that must have rows. Throws InputError. */
export function measurementTable(file: string): CsvTable {
  const table = readCsv(file);
  if (table.length === 0) throw new InputError(`${file} holds no measurements, only a header.`);
  return table;
}

/** As `readMeasurements`, on a table. */
export function parseMeasurements(table: CsvTable, workloads: ReadonlyMap<string, () => Workload>, device: Device, runtime: Runtime = 'eager'): MeasurementSet {
  const measurements: Measurement[] = [];
  const dropped: Dropped[] = [];
  for (let row = 0; row < table.length; row++) {
    const name = table.cell(row, 'workload');
    const timeMs = positive(table, row, 'time');
    const powerW = (positive(table, row, 'energy') / timeMs) * 1e3;
    const clockMhz = positive(table, row, 'avg_freq');
    const key = workloadName(name.replace(/\.csv$/, ''));
    // A list that does not name its attention stands for runs of any.
    const read = workloads.get(key) ?? workloads.get(key.replace(/_attn[^_]*/, ''));
    if (read === undefined) {
      dropped.push({ workload: name, why: `no kernel list named ${key.replace(/_attn[^_]*/, '')}` });
      continue;
    }
    const nominal = /_freq(\d+(?:\.\d+)?)/.exec(name);
    const nominalClockMhz = nominal === null ? Math.round(clockMhz) : Number(nominal[1]);
    const measurement: Measurement = { name, family: key.split('_')[0]!, workload: read(), timeMs, powerW, clockMhz, nominalClockMhz, runtime };
    collect(measurement, device, measurements, dropped);
  }
  return { measurements, dropped };
}

/** Keeps a measurement that can be true; drops another with the reason. */
export function collect(measurement: Measurement, device: Device, measurements: Measurement[], dropped: Dropped[]): void {
  const why = impossibility(measurement, device);
  if (why === null) measurements.push(measurement);
  else dropped.push({ workload: measurement.name, why });
}

/** A cell that must be a number above zero. Throws InputError (file, line, column). */
export function positive(table: CsvTable, row: number, column: string): number {
  const value = table.number(row, column);
  if (value > 0) return value;
  throw new InputError(`${table.file}, line ${table.line(row)}, column "${column}": expected a number above zero, found ${value}.`);
}

/** Readings a few per cent beyond the board limit are meter noise. */
const capTolerance = 1.05;
/** Sheets may quote their peaks well below the highest clock. */
const clockTolerance = 1.25;
/** No run draws less than this share of idle power; idle figures may be assumed. */
const leastOfIdle = 0.5;

/** Why a measurement cannot be true of this device, or null. */
export function impossibility(measurement: Measurement, device: Device): string | null {
  const { timeMs, workload } = measurement;
  const powerW = measurement.powerW / (workload.devices ?? 1);
  const clockMhz = measurement.clockMhz ?? device.maxClockMhz;
  const bound = rooflineMs(workload, device, clockMhz);
  if (timeMs < bound) return `${timeMs.toFixed(1)} ms is below the roofline bound of ${bound.toFixed(1)} ms`;
  const idleW = at(device.idlePowerW, clockMhz);
  if (powerW < leastOfIdle * idleW) return `${powerW.toFixed(1)} W is far below the idle power of ${idleW.toFixed(1)} W`;
  if (powerW > capTolerance * device.powerCapW) return `${powerW.toFixed(0)} W is above the board limit of ${device.powerCapW} W`;
  if (clockMhz > clockTolerance * device.maxClockMhz) return `${clockMhz.toFixed(0)} MHz is above the device's ${device.maxClockMhz} MHz`;
  return null;
}

/** A time no device of these peaks can beat: each kernel takes its FLOP at peak, or its bytes that L2 cannot hold from DRAM. */
export function rooflineMs(workload: Workload, device: Device, clockMhz: number): number {
  let ms = 0;
  for (const { repeats, kernels } of workload.parts) {
    for (const { kernel, count } of kernels) {
      const { read, write } = compulsoryBytes(kernel);
      const dramMs = Math.max(0, read + write - device.l2Mb * 1e6) / (device.dramGbPerS * 1e6);
      const precision = 'precision' in kernel ? kernel.precision : 'fp32';
      const tensorCore = 'tensorCore' in kernel ? kernel.tensorCore : bytesPerElement[precision] <= 2;
      const flopPerMs = peakTflops(device, precision, tensorCore) * 1e9 * (clockMhz / device.peakClockMhz);
      ms += repeats * count * Math.max(dramMs, matrixFlop(kernel) / flopPerMs);
    }
  }
  return ms;
}
