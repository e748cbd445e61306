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
import type { Precision } from './kernel.js';
import { readKernelFile } from './kernelFile.js';
import type { MeasurementSet } from './measurements.js';
import { measurementTable, parseMeasurements, readWorkloads } from './measurements.js';
import { modelNamed, workloadOf } from './presets/catalogue.js';
import type { Holdout, Validation } from './validate.js';
import { validate } from './validate.js';
import type { Workload } from './workload.js';
import { workloadTotals } from './workload.js';

/** What the command line names: a built-in model with its size, or a file with a kernel list. */
export interface WorkloadChoice {
  readonly model?: string | undefined;
  readonly workload?: string | undefined;
  readonly batch: number;
  readonly seq: number;
  readonly steps: number;
  readonly phase: 'prefill' | 'decode';
  readonly precision: Precision;
}

function chooseWorkload(choice: WorkloadChoice): Workload {
  const { model, workload, batch, seq, steps, phase, precision } = choice;
  if ((model === undefined) === (workload === undefined)) throw new InputError('Name either a model (--model) or a kernel list (--workload).');
  return model === undefined ? readKernelFile(workload!) : workloadOf(model, { batch, seq, steps, phase, precision });
}

/** A device by name or file, with the calibration given or the nearest shipped one (`builtin`). */
function chooseDevice(gpu: string, calibration = 'builtin'): ModelledDevice {
  return modelled(deviceNamed(gpu), chooseCalibration(calibration));
}

const chooseCalibration = (name: string): Calibration | undefined => (name === 'builtin' ? undefined : readCalibration(name));

export interface EstimateReport extends Estimate {
  readonly workload: string;
  readonly gpu: string;
  readonly flop: number;
  readonly bytes: number;
  readonly kernels: number;
  /** How long the estimate took. */
  readonly estimateMs: number;
}

/** `power estimate`. */
export function runEstimate(choice: WorkloadChoice & { gpu: string; clock?: number | undefined; calibration?: string | undefined }): EstimateReport {
  const device = chooseDevice(choice.gpu, choice.calibration);
  const workload = chooseWorkload(choice);
  const start = performance.now();
  const answer = estimate({ device, workload, ...(choice.clock === undefined ? {} : { clockMhz: choice.clock }) });
  const estimateMs = performance.now() - start;
  return { workload: workload.name, gpu: device.spec.name, ...workloadTotals(workload), ...answer, estimateMs };
}

/** Measurements in either format, told apart by their columns. */
function readSet(file: string, workloads: string | undefined, device: Device): MeasurementSet {
  const table = measurementTable(file);
  if (isImageTable(table)) return parseImageMeasurements(table, device);
  if (workloads === undefined) throw new InputError(`--workloads: expected the folder of kernel lists that ${file} was measured on.`);
  return parseMeasurements(table, readWorkloads(workloads), device);
}

function readSets(files: readonly string[], gpus: readonly string[], option: string, workloads: string | undefined) {
  if (gpus.length !== 1 && gpus.length !== files.length) {
    throw new InputError(`${option}: expected one GPU, or one for each of the ${files.length} files of measurements, found ${gpus.length}.`);
  }
  const rows: CalibrationRow[] = [];
  const sources = files.map((file, index) => {
    const device = deviceNamed(gpus[gpus.length === 1 ? 0 : index]!);
    const set = readSet(file, workloads, device);
    rows.push(...set.measurements.map((measurement) => toRow(measurement, device)));
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
export function runCalibrate(choice: MeasurementChoice & { check?: readonly string[] | undefined; checkGpu?: readonly string[] | undefined; out: string }): Calibration {
  const { measurements, workloads, gpu, check = [], checkGpu = [], out } = choice;
  const fitted = readSets(measurements, gpu, '--gpu', workloads);
  const checked = check.length === 0 ? { rows: [], sources: [] } : readSets(check, checkGpu, '--check-gpu', workloads);
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
  calibration?: string | undefined;
  holdout?: Holdout | undefined;
}): Validation {
  const device = deviceNamed(choice.gpu);
  const set = readSet(choice.measurements, choice.workloads, device);
  const holdout = choice.holdout ?? (choice.calibration === undefined ? 'family' : 'none');
  return validate(set, device, holdout, chooseCalibration(choice.calibration ?? 'builtin'), choice.measurements);
}

/** `power compare`: a model over GPUs (names or files, separated by commas) and clocks; draws the figure to `out`. */
export function runCompare(choice: WorkloadChoice & { model: string; gpus: string; out: string }): Comparison {
  const devices = choice.gpus.split(',').map((gpu) => gpu.trim()).filter((gpu) => gpu !== '').map((gpu) => chooseDevice(gpu));
  const comparison = compare(chooseWorkload(choice), choice.batch, modelNamed(choice.model).item(choice.phase), devices);
  savePng(choice.out, lineChart(comparisonChart(comparison)));
  return comparison;
}
