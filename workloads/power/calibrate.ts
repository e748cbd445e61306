import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { readBytes } from '../../src/io/files.js';
import type { Calibration } from './calibration.js';
import { chipOf } from './calibration.js';
import { sameChip } from './chipIdentity.js';
import type { Device } from './device.js';
import { kindsOf } from './estimate.js';
import type { FitRow } from './fit.js';
import { fitCoefficients } from './fit.js';
import type { Coefficients } from './sustainedClock.js';
import { sustainedClock } from './sustainedClock.js';
import type { Dropped, Measurement } from './measurements.js';
import { stepsOf } from './phases.js';
import { modulePower, sustainedCapW, totalPower } from './power.js';
import { launchUs } from './runtime.js';
import { timelineOf, toVector } from './timeline.js';

/** A measurement with its device, ready to fit. */
export interface CalibrationRow extends FitRow {
  readonly measurement: Measurement;
}

/** Of a family with many rows, as many as this count in full; more add as samples of one mean do, by their root. */
const fullRows = 12;

/** Weighs rows so that a family (a model on a device) with many of them does not outweigh the rest. */
export function weighed(rows: readonly CalibrationRow[]): CalibrationRow[] {
  const keyOf = ({ device, measurement }: CalibrationRow): string => `${device.name} ${measurement.family}`;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return rows.map((row) => ({ ...row, weight: Math.min(1, Math.sqrt(fullRows / counts.get(keyOf(row))!)) }));
}

/** A measurement on a device whose host takes so long to launch a kernel. */
export const toRow = (measurement: Measurement, device: Device, hostLaunchUs: number): CalibrationRow => ({
  measurement,
  device,
  launchShare: hostLaunchUs / launchUs.earlier,
  parts: stepsOf(measurement.workload, device),
  clockMhz: measurement.clockMhz ?? device.maxClockMhz,
  clockKnown: measurement.clockMhz !== null,
  timeMs: measurement.timeMs,
  powerW: measurement.powerW / (measurement.workload.devices ?? 1),
});

/** Time and power (of each device) of a row's workload at its measured clock, or at the one that the board can hold. */
export function predict(row: FitRow, coefficients: Coefficients): { timeMs: number; powerW: number } {
  const { time, power } = coefficients;
  const clockMhz = row.clockKnown ? row.clockMhz : sustainedClock(row, row.clockMhz, coefficients);
  const timeline = timelineOf(row, clockMhz, toVector(time));
  const total = totalPower(modulePower(timeline, row.device, clockMhz, power));
  return { timeMs: timeline.timeMs, powerW: Math.min(total, sustainedCapW(row.device)) };
}

/** The share of truths an interval is to contain. */
const level = 0.9;

export type FittedCalibration = Omit<Calibration, 'provenance' | 'format' | 'version'>;

/**
 * Fits the rows and measures how sure the fit is on what it has not seen. What is held out in turn: each device, of what
 * ran on several; else each model family; else (one family only) every tenth row. `checks` are measurements of yet other devices:
 * they are not fitted, only predicted, and count like a device held out.
 */
export function calibrateRows(measured: readonly CalibrationRow[], checks: readonly CalibrationRow[] = []): FittedCalibration {
  const rows = weighed(measured);
  const fitted = fitCoefficients(rows);
  const { heldOut, keyOf } = groupsOf(rows);
  const errors: GroupedError[] = [];
  const keys = new Set(rows.map(keyOf));
  for (const key of keys) {
    const others = fitCoefficients(rows.filter((row) => keyOf(row) !== key), fitted);
    errors.push(...errorsOf(rows.filter((row) => keyOf(row) === key), others));
  }
  const checkedDevices = new Set(checks.map(({ device }) => device.name));
  for (const name of checkedDevices) errors.push(...errorsOf(checks.filter(({ device }) => device.name === name), fitted));
  // The spread itself is known from these groups only; the next one adds its own (variance of a new group's mean).
  const widening = Math.sqrt(1 + 1 / (keys.size + checkedDevices.size));
  const halfWidth = (quantity: 'time' | 'power' | 'energy'): number => widening * weightedQuantile(errors, (error) => error[quantity], level);
  // Where errors of time and power cancelled in the groups seen, they need not in the next.
  const energy = Math.max(halfWidth('energy'), halfWidth('time'));
  const clocks = rows.map((row) => row.clockMhz);
  const times = rows.map((row) => row.timeMs);
  return {
    devices: [...new Map(rows.map(({ device }) => [device.name, device])).values()].map(chipOf),
    runtimes: [...new Set(rows.map(({ measurement }) => measurement.runtime))],
    hostLaunchUs: launchUs.earlier * Math.min(...rows.map(({ launchShare }) => launchShare)),
    ...fitted,
    interval: { level, heldOut, time: halfWidth('time'), power: halfWidth('power'), energy },
    range: {
      clockMhz: [Math.min(...clocks), Math.max(...clocks)],
      timeMs: [Math.min(...times), Math.max(...times)],
      kinds: [...new Set(rows.flatMap((row) => kindsOf(row.measurement.workload)))].sort(),
    },
  };
}

interface GroupedError {
  readonly time: number;
  readonly power: number;
  readonly energy: number;
  readonly weight: number;
}

/** Rows of one family are held out in so many groups at most. */
const rowGroups = 10;

/** What is held out together. */
function groupsOf(rows: readonly CalibrationRow[]): { heldOut: Calibration['interval']['heldOut']; keyOf: (row: CalibrationRow) => string } {
  const devicesOf = (runtime: string): number => new Set(rows.filter(({ measurement }) => measurement.runtime === runtime).map(({ device }) => device.smCount)).size;
  const several = new Set([...new Set(rows.map(({ measurement }) => measurement.runtime))].filter((runtime) => devicesOf(runtime) > 1));
  if (several.size > 0) {
    // Boards with one chip are held out together.
    const devices = [...new Map(rows.map(({ device }) => [device.name, device])).values()];
    const chip = (device: Device): string => devices.find((other) => sameChip(other, device))!.name;
    return { heldOut: 'device', keyOf: ({ measurement, device }) => (several.has(measurement.runtime) ? chip(device) : `${device.name} ${measurement.family}`) };
  }
  const families = new Set(rows.map(({ measurement }) => measurement.family));
  return families.size > 1 ? { heldOut: 'family', keyOf: ({ measurement }) => measurement.family } : { heldOut: 'row', keyOf: (row) => `${rows.indexOf(row) % rowGroups}` };
}

/** Absolute errors, as logarithms of ratios. Every group weighs the same, however many rows it has: the next workload is of a new group. */
const errorsOf = (group: readonly CalibrationRow[], coefficients: Coefficients): GroupedError[] =>
  group.map((row) => {
    const { timeMs, powerW } = predict(row, coefficients);
    const time = Math.log(timeMs / row.timeMs);
    const power = Math.log(powerW / row.powerW);
    return { time: Math.abs(time), power: Math.abs(power), energy: Math.abs(time + power), weight: 1 / group.length };
  });

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
    version: 2,
    devices: fitted.devices,
    runtimes: fitted.runtimes,
    hostLaunchUs: fitted.hostLaunchUs,
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
