import { InputError } from '../../src/io/errors.js';
import { mean, quantile } from '../../src/math/statistics.js';
import { baselines } from './baselines.js';
import type { CalibrationRow } from './calibrate.js';
import { calibrateRows, toRow, withProvenance } from './calibrate.js';
import type { Calibration, ModelledDevice } from './calibration.js';
import { modelled } from './calibration.js';
import type { Device } from './device.js';
import type { Estimate, EstimateRequest } from './estimate.js';
import { estimate } from './estimate.js';
import type { Dropped, MeasurementSet } from './measurements.js';
import type { Runtime } from './runtime.js';

/** What is kept from the fit: each family in turn, every other clock, one half of the families and then the other, or nothing is fitted. */
export type Holdout = 'family' | 'clock' | 'half' | 'none';

/** A figure for each quantity; null where a baseline does not predict it. */
export type Errors<T = number> = Readonly<Record<'time' | 'power' | 'energy', T>>;

export interface ValidationRow {
  readonly workload: string;
  readonly family: string;
  /** Devices that ran it together. */
  readonly devices: number;
  readonly clockMhz: number;
  /** Energy is that of an item: an iteration, a token, an image, a video. Time is the middle one where a median was measured. */
  readonly measured: { readonly timeMs: number; readonly powerW: number; readonly energyJ: number };
  readonly predicted: { readonly timeMs: number; readonly powerW: number; readonly energyJ: number };
}

export interface Validation {
  readonly gpu: string;
  readonly holdout: Holdout;
  readonly runtime: Runtime;
  readonly rows: number;
  readonly dropped: readonly Dropped[];
  /** Mean absolute percentage error, and the 95th percentile of the absolute percentage error. */
  readonly mape: Errors;
  readonly p95: Errors;
  /** Median absolute percentage error. */
  readonly median: Errors;
  /** Mean signed percentage error. */
  readonly bias: Errors;
  /** Share of measurements inside the interval that the estimate came with, and the share it claims. */
  readonly coverage: Errors & { readonly level: number };
  readonly byFamily: readonly { readonly family: string; readonly rows: number; readonly mape: Errors; readonly median: Errors; readonly bias: Errors }[];
  /** The same by the number of devices that ran together, where it differs. */
  readonly byDevices: readonly { readonly devices: number; readonly rows: number; readonly median: Errors }[];
  readonly baselines: readonly { readonly name: string; readonly mape: Errors<number | null> }[];
  readonly detail: readonly ValidationRow[];
  readonly msPerEstimate: { readonly p50: number; readonly p95: number };
}

interface Fold {
  readonly fitted: readonly CalibrationRow[];
  readonly tested: readonly CalibrationRow[];
}

/** How measurements are compared: what is held out, how they ran, and on what host. */
export interface ValidationChoice {
  readonly holdout: Holdout;
  readonly runtime: Runtime;
  /** Time that the host took to launch a kernel, us; default: as the device's shipped calibration has it. */
  readonly hostLaunchUs?: number | undefined;
  /** Tested as it is; default: the nearest shipped one. */
  readonly given?: Calibration | undefined;
  /** Names the measurements in messages. */
  readonly where?: string;
}

/** A measurement with the estimate made for it, and its errors. */
interface Tested {
  readonly row: CalibrationRow;
  readonly answer: Estimate;
  /** What time is compared: the middle pass where a median was measured. */
  readonly measuredMs: number;
  readonly timed: Estimate;
  readonly percent: Errors;
}

/**
 * Compares estimates with measurements. With a holdout the model is fitted on the other rows only; without, it is the
 * calibration given or the nearest shipped one, fitted to none of these rows by this call.
 * Throws InputError when the rows cannot be split so.
 */
export function validate(set: MeasurementSet, device: Device, choice: ValidationChoice): Validation {
  const { holdout, runtime, given, where = 'the measurements' } = choice;
  const shipped = modelled(device, runtime, given);
  const hostLaunchUs = choice.hostLaunchUs ?? shipped.hostLaunchUs;
  const rows = set.measurements.map((measurement) => toRow(measurement, device, hostLaunchUs));
  if (rows.length === 0) throw nothingUsable(set, device, where);
  const tested: Tested[] = [];
  const simple = baselines.map(() => new Map<CalibrationRow, { timeMs: number | null; powerW: number | null }>());
  const requests: EstimateRequest[] = [];
  for (const { fitted, tested: held } of foldsOf(rows, holdout, where)) {
    const subject = holdout === 'none' ? shipped : freshlyFitted(device, runtime, fitted);
    for (const row of held) {
      const request = { device: subject, workload: row.measurement.workload, observed: true, hostLaunchUs, ...(row.clockKnown ? { clockMhz: row.clockMhz } : {}) };
      requests.push(request);
      tested.push(testOf(row, request));
      baselines.forEach((baseline, index) => simple[index]!.set(row, baseline.predict(row, fitted)));
    }
  }
  return { gpu: device.name, holdout, runtime, dropped: set.dropped, ...figuresOf(tested), baselines: baselines.map(({ name }, index) => ({ name, mape: baselineErrors(simple[index]!) })), msPerEstimate: timeEstimates(requests) };
}

function nothingUsable(set: MeasurementSet, device: Device, where: string): InputError {
  const first = set.dropped[0];
  return new InputError(
    first === undefined ? `${where} holds no measurements of ${device.name}.` : `${where}: none of the ${set.dropped.length} rows can be used; ${first.workload}: ${first.why}.`,
  );
}

function testOf(row: CalibrationRow, request: EstimateRequest): Tested {
  const { typical } = row.measurement;
  const answer = estimate(request);
  const timed = typical === undefined ? answer : estimate({ ...request, workload: typical.workload });
  const measuredMs = typical?.timeMs ?? row.timeMs;
  return { row, answer, timed, measuredMs, percent: percentErrors(row, answer, timed.timeMs / measuredMs) };
}

const absoluteMean = (values: number[]): number => mean(values.map(Math.abs));
const absoluteMedian = (values: number[]): number => quantile(values.map(Math.abs), 0.5);

function figuresOf(tested: readonly Tested[]) {
  const errors = tested.map(({ percent }) => percent);
  const familyOf = ({ row }: Tested): string => row.measurement.family;
  const devicesOf = ({ row }: Tested): number => row.measurement.workload.devices ?? 1;
  const groups = <K>(keyOf: (one: Tested) => K): [K, Errors[]][] => [...new Set(tested.map(keyOf))].map((key) => [key, tested.filter((one) => keyOf(one) === key).map(({ percent }) => percent)]);
  return {
    rows: tested.length,
    mape: summarise(errors, absoluteMean),
    p95: summarise(errors, (values) => quantile(values.map(Math.abs), 0.95)),
    median: summarise(errors, absoluteMedian),
    bias: summarise(errors, mean),
    coverage: { ...coverageOf(tested), level: tested[0]!.answer.interval.level },
    byFamily: groups(familyOf).map(([family, own]) => ({ family, rows: own.length, mape: summarise(own, absoluteMean), median: summarise(own, absoluteMedian), bias: summarise(own, mean) })),
    byDevices: groups(devicesOf).map(([devices, own]) => ({ devices, rows: own.length, median: summarise(own, absoluteMedian) })),
    detail: tested.map(detailOf),
  };
}

function detailOf({ row, answer, timed, measuredMs }: Tested): ValidationRow {
  const { name, family, items = 1, workload } = row.measurement;
  const { powerW } = row.measurement;
  return {
    workload: name,
    family,
    devices: workload.devices ?? 1,
    clockMhz: answer.clockMhz,
    measured: { timeMs: measuredMs, powerW, energyJ: (row.timeMs * powerW) / 1e3 / items },
    predicted: { timeMs: timed.timeMs, powerW: answer.powerW, energyJ: answer.energyJ / items },
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
function freshlyFitted(device: Device, runtime: Runtime, rows: readonly CalibrationRow[]): ModelledDevice {
  const fitted = calibrateRows(rows);
  const calibration = withProvenance(fitted, [], '');
  return { spec: device, runtime, calibration, basis: 'measured', interval: fitted.interval, hostLaunchUs: fitted.hostLaunchUs };
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
function percentErrors({ measurement: { timeMs, powerW } }: CalibrationRow, answer: Estimate, timeRatio: number): Errors {
  const off = (ratio: number): number => 100 * (ratio - 1);
  return { time: off(timeRatio), power: off(answer.powerW / powerW), energy: off((answer.energyJ / (timeMs * powerW)) * 1e3) };
}

function summarise(errors: readonly Errors[], statistic: (values: number[]) => number): Errors {
  return {
    time: statistic(errors.map(({ time }) => time)),
    power: statistic(errors.map(({ power }) => power)),
    energy: statistic(errors.map(({ energy }) => energy)),
  };
}

function coverageOf(tested: readonly Tested[]): Errors {
  const share = (truth: (one: Tested) => number, interval: (one: Tested) => readonly [number, number]): number =>
    mean(tested.map((one) => Number(truth(one) >= interval(one)[0] && truth(one) <= interval(one)[1])));
  return {
    time: share(({ measuredMs }) => measuredMs, ({ timed }) => timed.interval.timeMs),
    power: share(({ row }) => row.measurement.powerW, ({ answer }) => answer.interval.powerW),
    energy: share(({ row }) => (row.measurement.timeMs * row.measurement.powerW) / 1e3, ({ answer }) => answer.interval.energyJ),
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
