import { InputError } from '../../src/io/errors.js';
import { mean, quantile } from '../../src/math/statistics.js';
import { baselines } from './baselines.js';
import type { CalibrationRow } from './calibrate.js';
import { calibrateRows, toRow } from './calibrate.js';
import type { Calibration, ModelledDevice } from './calibration.js';
import { modelled } from './calibration.js';
import type { Device } from './device.js';
import type { Estimate, EstimateRequest } from './estimate.js';
import { estimate } from './estimate.js';
import type { Dropped, MeasurementSet } from './measurements.js';

/** What is kept from the fit: each family in turn, every other clock, one half of the families and then the other, or nothing is fitted. */
export type Holdout = 'family' | 'clock' | 'half' | 'none';

/** A figure for each quantity; null where a baseline does not predict it. */
export type Errors<T = number> = Readonly<Record<'time' | 'power' | 'energy', T>>;

export interface ValidationRow {
  readonly workload: string;
  readonly family: string;
  readonly clockMhz: number;
  readonly measured: { readonly timeMs: number; readonly powerW: number; readonly energyJ: number };
  readonly predicted: { readonly timeMs: number; readonly powerW: number; readonly energyJ: number };
}

export interface Validation {
  readonly gpu: string;
  readonly holdout: Holdout;
  readonly rows: number;
  readonly dropped: readonly Dropped[];
  /** Mean absolute percentage error, and the 95th percentile of the absolute percentage error. */
  readonly mape: Errors;
  readonly p95: Errors;
  /** Mean signed percentage error. */
  readonly bias: Errors;
  /** Share of measurements inside the interval that the estimate came with, and the share it claims. */
  readonly coverage: Errors & { readonly level: number };
  readonly byFamily: readonly { readonly family: string; readonly rows: number; readonly mape: Errors; readonly bias: Errors }[];
  readonly baselines: readonly { readonly name: string; readonly mape: Errors<number | null> }[];
  readonly detail: readonly ValidationRow[];
  readonly msPerEstimate: { readonly p50: number; readonly p95: number };
}

interface Fold {
  readonly fitted: readonly CalibrationRow[];
  readonly tested: readonly CalibrationRow[];
}

/**
 * Compares estimates with measurements. With a holdout the model is fitted on the other rows only; without, it is `given`
 * or the nearest shipped calibration, fitted to none of these rows by this call.
 * Throws InputError when the rows cannot be split so.
 */
export function validate(set: MeasurementSet, device: Device, holdout: Holdout, given?: Calibration, where = 'the measurements'): Validation {
  const rows = set.measurements.map((measurement) => toRow(measurement, device));
  if (rows.length === 0) {
    const first = set.dropped[0];
    throw new InputError(
      first === undefined ? `${where} holds no measurements of ${device.name}.` : `${where}: none of the ${set.dropped.length} rows can be used; ${first.workload}: ${first.why}.`,
    );
  }
  const estimates = new Map<CalibrationRow, Estimate>();
  const simple = baselines.map(() => new Map<CalibrationRow, { timeMs: number | null; powerW: number | null }>());
  const requests = new Map<CalibrationRow, EstimateRequest>();
  for (const { fitted, tested } of foldsOf(rows, holdout, where)) {
    const subject = holdout === 'none' ? modelled(device, given) : freshlyFitted(device, fitted);
    for (const row of tested) {
      const request = { device: subject, workload: row.measurement.workload, clockMhz: row.clockMhz, observed: true };
      requests.set(row, request);
      estimates.set(row, estimate(request));
      baselines.forEach((baseline, index) => simple[index]!.set(row, baseline.predict(row, fitted)));
    }
  }
  const detail = [...estimates].map(([row, answer]) => ({ row, answer, percent: percentErrors(row, answer) }));
  const errors = detail.map(({ percent }) => percent);
  return {
    gpu: device.name,
    holdout,
    rows: detail.length,
    dropped: set.dropped,
    mape: summarise(errors, (values) => mean(values.map(Math.abs))),
    p95: summarise(errors, (values) => quantile(values.map(Math.abs), 0.95)),
    bias: summarise(errors, mean),
    coverage: { ...coverageOf(detail), level: detail[0]!.answer.interval.level },
    byFamily: [...new Set(detail.map(({ row }) => row.measurement.family))].map((family) => {
      const own = detail.filter(({ row }) => row.measurement.family === family).map(({ percent }) => percent);
      return { family, rows: own.length, mape: summarise(own, (values) => mean(values.map(Math.abs))), bias: summarise(own, mean) };
    }),
    baselines: baselines.map(({ name }, index) => ({ name, mape: baselineErrors(simple[index]!) })),
    detail: detail.map(({ row, answer }) => ({
      workload: row.measurement.name,
      family: row.measurement.family,
      clockMhz: row.clockMhz,
      measured: { timeMs: row.timeMs, powerW: row.powerW, energyJ: (row.timeMs * row.powerW) / 1e3 },
      predicted: { timeMs: answer.timeMs, powerW: answer.powerW, energyJ: answer.energyJ },
    })),
    msPerEstimate: timeEstimates([...requests.values()]),
  };
}

/** Timed apart from the fits, whose garbage would be collected at the expense of some estimate. */
function timeEstimates(requests: readonly EstimateRequest[]): { p50: number; p95: number } {
  const milliseconds = requests.map((request) => {
    const start = performance.now();
    estimate(request);
    return performance.now() - start;
  });
  return { p50: quantile(milliseconds, 0.5), p95: quantile(milliseconds, 0.95) };
}

/** As a user would have it who had calibrated this device on these rows. */
function freshlyFitted(device: Device, rows: readonly CalibrationRow[]): ModelledDevice {
  const fitted = calibrateRows(rows);
  const provenance = { date: '', sources: [], dropped: [] };
  return { spec: device, calibration: { format: 'jouleflow-power-calibration', version: 1, provenance, ...fitted }, basis: 'measured', interval: fitted.interval };
}

function foldsOf(rows: readonly CalibrationRow[], holdout: Holdout, where: string): Fold[] {
  if (holdout === 'none') return [{ fitted: rows, tested: rows }];
  const keyOf = (row: CalibrationRow): string | number => (holdout === 'clock' ? row.measurement.nominalClockMhz : row.measurement.family);
  const keys = [...new Set(rows.map(keyOf))].sort((a, b) => (typeof a === 'number' ? a - (b as number) : a < (b as string) ? -1 : 1));
  if (keys.length < 2) {
    const what = holdout === 'clock' ? `one clock (${keys[0]} MHz)` : `one model family (${keys[0]})`;
    throw new InputError(`${where} hold only ${what}, so none can be held out; use --holdout none.`);
  }
  if (holdout === 'family') {
    return keys.map((key) => ({ fitted: rows.filter((row) => keyOf(row) !== key), tested: rows.filter((row) => keyOf(row) === key) }));
  }
  const even = new Set(keys.filter((_, index) => index % 2 === 0));
  const [evens, odds] = [rows.filter((row) => even.has(keyOf(row))), rows.filter((row) => !even.has(keyOf(row)))];
  // Clocks: the test reaches above the fitted ones. Families: each half is tested on the fit of the other.
  return holdout === 'clock' ? [{ fitted: evens, tested: odds }] : [{ fitted: evens, tested: odds }, { fitted: odds, tested: evens }];
}

/** Signed, in percent of what was measured. */
function percentErrors(row: CalibrationRow, answer: Estimate): Errors {
  const off = (predicted: number, measured: number): number => 100 * (predicted / measured - 1);
  return {
    time: off(answer.timeMs, row.timeMs),
    power: off(answer.powerW, row.powerW),
    energy: off(answer.energyJ, (row.timeMs * row.powerW) / 1e3),
  };
}

function summarise(errors: readonly Errors[], statistic: (values: number[]) => number): Errors {
  return {
    time: statistic(errors.map(({ time }) => time)),
    power: statistic(errors.map(({ power }) => power)),
    energy: statistic(errors.map(({ energy }) => energy)),
  };
}

function coverageOf(detail: readonly { row: CalibrationRow; answer: Estimate }[]): Errors {
  const share = (truth: (row: CalibrationRow) => number, interval: (answer: Estimate) => readonly [number, number]): number =>
    mean(detail.map(({ row, answer }) => Number(truth(row) >= interval(answer)[0] && truth(row) <= interval(answer)[1])));
  return {
    time: share((row) => row.timeMs, ({ interval }) => interval.timeMs),
    power: share((row) => row.powerW, ({ interval }) => interval.powerW),
    energy: share((row) => (row.timeMs * row.powerW) / 1e3, ({ interval }) => interval.energyJ),
  };
}

function baselineErrors(predictions: ReadonlyMap<CalibrationRow, { timeMs: number | null; powerW: number | null }>): Errors<number | null> {
  const error = (pairs: readonly (readonly [number | null, number])[]): number | null =>
    pairs.some(([predicted]) => predicted === null) ? null : mean(pairs.map(([predicted, measured]) => 100 * Math.abs(predicted! / measured - 1)));
  const rows = [...predictions];
  return {
    time: error(rows.map(([row, { timeMs }]) => [timeMs, row.timeMs])),
    power: error(rows.map(([row, { powerW }]) => [powerW, row.powerW])),
    energy: error(rows.map(([row, { timeMs, powerW }]) => [timeMs === null ? null : timeMs * powerW!, row.timeMs * row.powerW])),
  };
}
