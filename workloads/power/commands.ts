import { InputError } from '../../src/io/errors.js';
import { writeAtomic } from '../../src/io/files.js';
import { lineChart } from '../../src/plots/charts.js';
import { savePng } from '../../src/plots/render.js';
import type { CalibrationRow } from './calibrate.js';
import { calibrateRows, toRow, withProvenance } from './calibrate.js';
import type { Calibration, ModelledDevice } from './calibration.js';
import { modelled, readCalibration } from './calibration.js';
import type { Comparison } from './compare.js';
import { compare, comparisonChart } from './compare.js';
import type { Device } from './device.js';
import { deviceNamed } from './deviceFile.js';
import type { Estimate } from './estimate.js';
import { estimate } from './estimate.js';
import { isImageTable, parseImageMeasurements } from './imageMeasurements.js';
import type { MeasurementSet } from './measurements.js';
import { measurementTable, parseMeasurements, readWorkloads } from './measurements.js';
import type { Runtime } from './runtime.js';
import { launchUs } from './runtime.js';
import { isServedTable, parseServedMeasurements } from './servedMeasurements.js';
import type { Served } from './serving.js';
import { servedFigures } from './serving.js';
import type { Holdout, Validation } from './validate.js';
import { validate } from './validate.js';
import { workloadTotals } from './workload.js';
import type { WorkloadChoice } from './workloadChoice.js';
import { chooseWorkload } from './workloadChoice.js';

/** A device by name or file, with the calibration given or the nearest shipped one (`builtin`). */
const chooseDevice = (gpu: string, runtime: Runtime, calibration = 'builtin'): ModelledDevice => modelled(deviceNamed(gpu), runtime, chooseCalibration(calibration));

const chooseCalibration = (name: string): Calibration | undefined => (name === 'builtin' ? undefined : readCalibration(name));

export interface EstimateReport extends Estimate, Served {
  readonly workload: string;
  readonly gpu: string;
  readonly runtime: Runtime;
  readonly hostLaunchUs: number;
  /** Of each device. */
  readonly flop: number;
  readonly bytes: number;
  readonly kernels: number;
  /** How long the estimate took. */
  readonly estimateMs: number;
}

/** A time that a host takes to launch a kernel. Throws InputError for one that is none. */
function launchTime(value: number | undefined): number | undefined {
  if (value !== undefined && !(value > 0 && value < 1e5)) throw new InputError(`--host-launch-us: expected microseconds above zero, found ${value}.`);
  return value;
}

/** `power estimate`. */
export function runEstimate(
  choice: WorkloadChoice & { gpu: string; clock?: number | undefined; calibration?: string | undefined; hostLaunchUs?: number | undefined },
): EstimateReport {
  const chosen = chooseWorkload(choice);
  const device = chooseDevice(choice.gpu, chosen.runtime, choice.calibration);
  const hostLaunchUs = launchTime(choice.hostLaunchUs) ?? device.hostLaunchUs;
  const setting = { device, hostLaunchUs, ...(choice.clock === undefined ? {} : { clockMhz: choice.clock }) };
  const start = performance.now();
  const answer = estimate({ ...setting, workload: chosen.workload });
  const estimateMs = performance.now() - start;
  const served = servedFigures(chosen, answer, (workload) => estimate({ ...setting, workload, byKernel: false }));
  return { workload: chosen.workload.name, gpu: device.spec.name, runtime: chosen.runtime, hostLaunchUs, ...workloadTotals(chosen.workload), ...answer, ...served, estimateMs };
}

/** Measurements in any of the formats, told apart by their columns, and how they ran unless said. */
function readSet(file: string, workloads: string | undefined, device: Device, runtime: Runtime | undefined): { set: MeasurementSet; runtime: Runtime } {
  const table = measurementTable(file);
  if (isServedTable(table)) return { set: parseServedMeasurements(table, device, runtime ?? 'served'), runtime: runtime ?? 'served' };
  if (isImageTable(table)) return { set: parseImageMeasurements(table, device, runtime ?? 'eager'), runtime: runtime ?? 'eager' };
  if (workloads === undefined) throw new InputError(`--workloads: expected the folder of kernel lists that ${file} was measured on.`);
  return { set: parseMeasurements(table, readWorkloads(workloads), device, runtime ?? 'eager'), runtime: runtime ?? 'eager' };
}

/** One value for each of the files, where one may stand for all. */
function forEach<T>(files: readonly string[], values: readonly T[], option: string, what: string): T[] {
  if (values.length !== 1 && values.length !== files.length) {
    throw new InputError(`${option}: expected one ${what}, or one for each of the ${files.length} files of measurements, found ${values.length}.`);
  }
  return files.map((_, index) => values[values.length === 1 ? 0 : index]!);
}

function readSets(files: readonly string[], gpus: readonly string[], option: string, choice: { workloads?: string | undefined; hostLaunchUs?: readonly number[] | undefined }) {
  const rows: CalibrationRow[] = [];
  const devices = forEach(files, gpus, option, 'GPU');
  const launches = choice.hostLaunchUs === undefined ? undefined : forEach(files, choice.hostLaunchUs, '--host-launch-us', 'launch time');
  const sources = files.map((file, index) => {
    const device = deviceNamed(devices[index]!);
    const { set } = readSet(file, choice.workloads, device, undefined);
    const hostLaunchUs = launchTime(launches?.[index]) ?? launchUs.current;
    rows.push(...set.measurements.map((measurement) => toRow(measurement, device, hostLaunchUs)));
    return { file, rows: set.measurements.length, dropped: set.dropped };
  });
  return { rows, sources };
}

export interface MeasurementChoice {
  readonly measurements: readonly string[];
  readonly workloads?: string | undefined;
  readonly gpu: readonly string[];
}

/** `power calibrate`: fits the measurements, writes the calibration to `out`. */
export function runCalibrate(
  choice: MeasurementChoice & { hostLaunchUs?: readonly number[] | undefined; check?: readonly string[] | undefined; checkGpu?: readonly string[] | undefined; out: string },
): Calibration {
  const { measurements, gpu, check = [], checkGpu = [], out } = choice;
  const fitted = readSets(measurements, gpu, '--gpu', choice);
  const checked = check.length === 0 ? { rows: [], sources: [] } : readSets(check, checkGpu, '--check-gpu', { workloads: choice.workloads });
  if (fitted.rows.length < 2) throw new InputError(`${measurements.join(', ')}: ${fitted.rows.length} usable rows; expected at least 2 to fit.`);
  const sources = [
    ...fitted.sources.map((source) => ({ ...source, use: 'fitted' as const })),
    ...checked.sources.map((source) => ({ ...source, use: 'checked' as const })),
  ];
  const calibration = withProvenance(calibrateRows(fitted.rows, checked.rows), sources, new Date().toISOString().slice(0, 10));
  writeAtomic(out, `${JSON.stringify(calibration, null, 2)}\n`);
  return calibration;
}

/** `power validate`. A calibration that is named is tested as it is; otherwise each family is held out in turn. */
export function runValidate(choice: {
  measurements: string;
  workloads?: string | undefined;
  gpu: string;
  runtime?: Runtime | undefined;
  hostLaunchUs?: number | undefined;
  calibration?: string | undefined;
  holdout?: Holdout | undefined;
}): Validation {
  const device = deviceNamed(choice.gpu);
  const { set, runtime } = readSet(choice.measurements, choice.workloads, device, choice.runtime);
  const holdout = choice.holdout ?? (choice.calibration === undefined ? 'family' : 'none');
  const given = chooseCalibration(choice.calibration ?? 'builtin');
  return validate(set, device, { holdout, runtime, given, hostLaunchUs: launchTime(choice.hostLaunchUs), where: choice.measurements });
}

/** `power compare`: a model over GPUs (names or files, separated by commas) and clocks; draws the figure to `out`. */
export function runCompare(choice: WorkloadChoice & { gpus: string; out: string }): Comparison {
  const { workload, runtime, items, item } = chooseWorkload(choice);
  const devices = choice.gpus.split(',').map((gpu) => gpu.trim()).filter((gpu) => gpu !== '').map((gpu) => chooseDevice(gpu, runtime));
  const comparison = compare(workload, items, item, devices);
  savePng(choice.out, lineChart(comparisonChart(comparison)));
  return comparison;
}
