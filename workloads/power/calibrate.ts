import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { readBytes } from '../../src/io/files.js';
import type { Calibration } from './calibration.js';
import { chipOf } from './calibration.js';
import type { Device } from './device.js';
import { kindsOf } from './estimate.js';
import type { Coefficients, FitRow } from './fit.js';
import { fitCoefficients } from './fit.js';
import type { Dropped, Measurement } from './measurements.js';
import { stepsOf } from './phases.js';
import { modulePower, sustainedCapW, totalPower } from './power.js';
import { timelineOf, toVector } from './timeline.js';

/** A measurement with its device, ready to fit. */
export interface CalibrationRow extends FitRow {
  readonly measurement: Measurement;
}

export const toRow = (measurement: Measurement, device: Device): CalibrationRow => ({
  measurement,
  device,
  parts: stepsOf(measurement.workload, device),
  clockMhz: measurement.clockMhz,
  timeMs: measurement.timeMs,
  powerW: measurement.powerW,
});

/** Time and power of a row's workload at its measured clock. */
export function predict(row: FitRow, { time, power }: Coefficients): { timeMs: number; powerW: number } {
  const timeline = timelineOf(row.parts, row.device, row.clockMhz, toVector(time));
  const total = totalPower(modulePower(timeline, row.device, row.clockMhz, power));
  return { timeMs: timeline.timeMs, powerW: Math.min(total, sustainedCapW(row.device)) };
}

/** The share of truths an interval is to contain. */
const level = 0.9;

export type FittedCalibration = Omit<Calibration, 'provenance' | 'format' | 'version'>;

/**
 * Fits the rows and measures how sure the fit is on what it has not seen: each device held out in turn if there are
 * several, else each model family, else (one family only) each row. `checks` are measurements of yet other devices: they
 * are not fitted, only predicted, and count like a device held out.
 */
export function calibrateRows(rows: readonly CalibrationRow[], checks: readonly CalibrationRow[] = []): FittedCalibration {
  const devices = [...new Map(rows.map(({ device }) => [device.name, device])).values()];
  const families = new Set(rows.map(({ measurement }) => measurement.family));
  const heldOut = devices.length > 1 ? 'device' : families.size > 1 ? 'family' : 'row';
  const keyOf = (row: CalibrationRow): string =>
    heldOut === 'device' ? row.device.name : heldOut === 'family' ? row.measurement.family : row.measurement.name;
  const errors: { time: number; power: number; energy: number; weight: number }[] = [];
  const test = (group: readonly CalibrationRow[], coefficients: Coefficients): void => {
    for (const row of group) {
      const { timeMs, powerW } = predict(row, coefficients);
      const time = Math.log(timeMs / row.timeMs);
      const power = Math.log(powerW / row.powerW);
      // Every group weighs the same, however many rows it has: the next workload is of a new group.
      errors.push({ time: Math.abs(time), power: Math.abs(power), energy: Math.abs(time + power), weight: 1 / group.length });
    }
  };
  const keys = new Set(rows.map(keyOf));
  for (const key of keys) test(rows.filter((row) => keyOf(row) === key), fitCoefficients(rows.filter((row) => keyOf(row) !== key)));
  const fitted = fitCoefficients(rows);
  const checkedDevices = new Set(checks.map(({ device }) => device.name));
  for (const name of checkedDevices) test(checks.filter(({ device }) => device.name === name), fitted);
  // The spread itself is known from these groups only; the next one adds its own (variance of a new group's mean).
  const widening = Math.sqrt(1 + 1 / (keys.size + checkedDevices.size));
  const halfWidth = (quantity: 'time' | 'power' | 'energy'): number => widening * weightedQuantile(errors, (error) => error[quantity], level);
  // Where errors of time and power cancelled in the groups seen, they need not in the next.
  const energy = Math.max(halfWidth('energy'), halfWidth('time'));
  const clocks = rows.map((row) => row.clockMhz);
  const times = rows.map((row) => row.timeMs);
  return {
    devices: devices.map(chipOf),
    ...fitted,
    interval: { level, heldOut, time: halfWidth('time'), power: halfWidth('power'), energy },
    range: {
      clockMhz: [Math.min(...clocks), Math.max(...clocks)],
      timeMs: [Math.min(...times), Math.max(...times)],
      kinds: [...new Set(rows.flatMap((row) => kindsOf(row.measurement.workload)))].sort(),
    },
  };
}

/** The least value that `probability` of the weight does not exceed. */
function weightedQuantile<T extends { weight: number }>(items: readonly T[], value: (item: T) => number, probability: number): number {
  const sorted = [...items].sort((a, b) => value(a) - value(b));
  const total = sorted.reduce((sum, item) => sum + item.weight, 0);
  let seen = 0;
  for (const item of sorted) {
    seen += item.weight;
    if (seen >= probability * total) return value(item);
  }
  return value(sorted.at(-1)!);
}

/** A calibration as it is written to a file: the fit with where it comes from. */
export function withProvenance(
  fitted: FittedCalibration,
  sources: readonly { file: string; use: 'fitted' | 'checked'; rows: number; dropped: readonly Dropped[] }[],
  date: string,
): Calibration {
  return {
    format: 'jouleflow-power-calibration',
    version: 1,
    devices: fitted.devices,
    provenance: {
      date,
      sources: sources.map(({ file, use, rows, dropped }) => ({
        file: basename(file),
        use,
        sha256: createHash('sha256').update(readBytes(file)).digest('hex'),
        rows,
        dropped: dropped.length,
      })),
      dropped: sources.flatMap(({ use, dropped }) => dropped.filter(({ why }) => use === 'fitted' && !why.startsWith('no kernel list'))),
    },
    time: fitted.time,
    power: fitted.power,
    interval: fitted.interval,
    range: fitted.range,
  };
}
