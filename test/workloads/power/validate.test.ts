import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../src/io/csv.js';
import { readText } from '../../../src/io/files.js';
import { calibrateRows, predict, toRow, weighed } from '../../../workloads/power/calibrate.js';
import { builtinCalibrations, modelled } from '../../../workloads/power/calibration.js';
import { deviceNamed } from '../../../workloads/power/deviceFile.js';
import { estimate } from '../../../workloads/power/estimate.js';
import { fitCoefficients } from '../../../workloads/power/fit.js';
import { parseImageMeasurements } from '../../../workloads/power/imageMeasurements.js';
import { workloadOf } from '../../../workloads/power/index.js';
import type { Measurement } from '../../../workloads/power/measurements.js';
import { readMeasurements, readWorkloads } from '../../../workloads/power/measurements.js';
import { powerTerms } from '../../../workloads/power/power.js';
import { timeTerms } from '../../../workloads/power/timeline.js';
import { validate } from '../../../workloads/power/validate.js';
import { hasSharedData, sharedData } from '../../support/data.js';
import { measurementsFile, roundDevice, workloadsFolder } from './support.js';

const eager = { runtime: 'eager', hostLaunchUs: 33 } as const;
const device = { ...roundDevice, dramGb: 1000 };
const truth = {
  time: { ...Object.fromEntries(timeTerms.map((term) => [term, 1.4])), wave: 900, start: 4, launch: 25, launchBatched: 50, launchConv: 70 },
  power: { static: 6, sm: 0.5, tensor: 1.2, attention: 2, cuda: 10, l2: 4, dram: 80 },
} as ReturnType<typeof fitCoefficients>;

/** Workloads of several families at two clocks, with times and powers as `truth` has them. */
const measurements: Measurement[] = [
  ...[1, 4, 16, 64].flatMap((batch) => [128, 512].map((seq) => ({ family: 'bert', workload: workloadOf('bert-large', { batch, seq }) }))),
  ...[1, 4, 16, 64].flatMap((batch) => [128, 1024].map((seq) => ({ family: 'gpt2', workload: workloadOf('gpt2', { batch, seq }) }))),
  ...[1, 8, 32].map((batch) => ({ family: 'resnet', workload: workloadOf('resnet-101', { batch }) })),
  ...[1, 8, 32].map((batch) => ({ family: 'vit', workload: workloadOf('vit-large', { batch }) })),
].flatMap(({ family, workload }, index) => {
  const clockMhz = index % 2 === 0 ? 600 : 800;
  const bare: Measurement = { runtime: 'eager', name: `${workload.name} ${index}`, family, workload, timeMs: 1, powerW: 1, clockMhz, nominalClockMhz: clockMhz };
  const row = toRow(bare, { ...device, powerCapW: 1e6 }, 33);
  return [{ ...bare, ...predict(row, truth) }];
});
const rows = measurements.map((measurement) => toRow(measurement, { ...device, powerCapW: 1e6 }, 33));

describe('fitCoefficients', () => {
  it('recovers what made the measurements, to within what they determine', () => {
    const fitted = fitCoefficients(rows);
    for (const row of rows) {
      const { timeMs, powerW } = predict(row, fitted);
      expect(Math.abs(timeMs / row.timeMs - 1)).toBeLessThan(0.12);
      expect(Math.abs(powerW / row.powerW - 1)).toBeLessThan(0.06);
    }
    for (const term of timeTerms) expect(fitted.time[term]).toBeGreaterThanOrEqual(0);
    for (const term of powerTerms) expect(fitted.power[term]).toBeGreaterThanOrEqual(0);
    expect(fitted.time.launch).toBeGreaterThan(20);
    expect(fitted.time.launch).toBeLessThan(30);
  });

  it('gives the priors back when there is nothing to learn', () => {
    const fitted = fitCoefficients([]);
    expect(fitted.time.launch).toBeCloseTo(30, 6);
    expect(fitted.power.dram).toBeCloseTo(60, 6);
  });
});

describe('calibrateRows', () => {
  it('holds out devices if there are several, else families, else rows', () => {
    expect(calibrateRows(rows).interval.heldOut).toBe('family');
    expect(calibrateRows(rows.filter(({ measurement }) => measurement.family === 'vit')).interval.heldOut).toBe('row');
    const two = rows.map((row, i) => (i % 2 === 0 ? row : { ...row, device: { ...row.device, name: 'other', smCount: 90 } }));
    expect(calibrateRows(two).interval.heldOut).toBe('device');
  });

  it('counts what it checks on but does not fit', () => {
    const far = rows.slice(0, 6).map((row) => ({ ...row, device: { ...row.device, name: 'far' }, timeMs: 2 * row.timeMs }));
    const [alone, checked] = [calibrateRows(rows), calibrateRows(rows, far)];
    expect(checked.time).toEqual(alone.time);
    expect(checked.interval.time).toBeGreaterThan(0.6);
    expect(alone.interval.time).toBeLessThan(0.2);
  });

  it('gives an interval that grows with the scatter of the measurements', () => {
    const noisy = rows.map((row, i) => ({ ...row, timeMs: row.timeMs * (i % 2 === 0 ? 1.3 : 0.75) }));
    expect(calibrateRows(noisy).interval.time).toBeGreaterThan(calibrateRows(rows).interval.time + 0.1);
  });
});

describe('validate', () => {
  const set = { measurements, dropped: [] };

  it('never fits on what it tests', () => {
    // One family made absurd: the others must not notice, and it must not be predicted.
    const odd = { measurements: measurements.map((m) => (m.family === 'vit' ? { ...m, timeMs: 20 * m.timeMs } : m)), dropped: [] };
    const report = validate(odd, { ...device, powerCapW: 1e6 }, { holdout: 'family', ...eager });
    const vit = report.byFamily.find(({ family }) => family === 'vit')!;
    expect(vit.bias.time).toBeLessThan(-85);
  });

  it('reports every row, with the errors that its parts show', () => {
    const report = validate(set, { ...device, powerCapW: 1e6 }, { holdout: 'half', ...eager });
    expect(report.rows).toBe(measurements.length);
    expect(report.detail).toHaveLength(report.rows);
    const errors = report.detail.map(({ measured, predicted }) => 100 * Math.abs(predicted.energyJ / measured.energyJ - 1));
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeCloseTo(report.mape.energy, 6);
    expect(report.baselines.map(({ name }) => name)).toHaveLength(4);
  });

  it('splits by clock', () => {
    const report = validate(set, { ...device, powerCapW: 1e6 }, { holdout: 'clock', ...eager });
    expect(new Set(report.detail.map(({ clockMhz }) => clockMhz))).toEqual(new Set([800]));
  });

  it('refuses what it cannot split', () => {
    const vit = { measurements: measurements.filter(({ family }) => family === 'vit'), dropped: [] };
    expect(() => validate(vit, device, { holdout: 'family', ...eager, where: 'm.csv' })).toThrow(/m\.csv hold only one model family \(vit\).*--holdout none/);
    expect(() => validate({ measurements: [], dropped: [{ workload: 'a', why: 'b' }] }, device, { holdout: 'none', ...eager, where: 'm.csv' })).toThrow(/none of the 1 rows can be used; a: b/);
  });
});

describe.skipIf(!hasSharedData)('on measured devices', () => {
  const of = (name: string, gpu: string) => readMeasurements(measurementsFile(name), readWorkloads(workloadsFolder), deviceNamed(gpu));

  it.each([
    ['a100', 'A100', { power: 6, time: 11, energy: 9.5 }],
    ['a10', 'A10', { power: 5, time: 9.5, energy: 7.5 }],
  ])('%s: each family held out', (name, gpu, bounds) => {
    const report = validate(of(name, gpu), deviceNamed(gpu), { holdout: 'family', ...eager });
    for (const quantity of ['time', 'power', 'energy'] as const) expect(report.mape[quantity]).toBeLessThan(bounds[quantity]);
    for (const { mape } of report.byFamily) expect(mape.power).toBeLessThan(25);
    for (const quantity of ['time', 'power', 'energy'] as const) expect(report.coverage[quantity]).toBeGreaterThan(0.8);
    for (const { mape } of report.baselines) expect(mape.power!).toBeGreaterThan(report.mape.power);
  });

  it('ships what the present code fits', () => {
    const rows = of('a10', 'A10').measurements.map((measurement) => toRow(measurement, deviceNamed('A10'), 33));
    const fitted = fitCoefficients(weighed(rows));
    const { time, power } = modelled(deviceNamed('A10'), 'eager').calibration;
    for (const term of timeTerms) expect(fitted.time[term]).toBeCloseTo(time[term], 6);
    for (const term of powerTerms) expect(fitted.power[term]).toBeCloseTo(power[term], 6);
  });

  it('predicts clocks it was not fitted on', () => {
    const report = validate(of('a100_dvfs', 'A100'), deviceNamed('A100'), { holdout: 'clock', ...eager });
    expect(report.mape.power).toBeLessThan(7);
    expect(report.mape.time).toBeLessThan(10);
  });

  it.each([
    ['a100', 'A100', 'a10', 'A10'],
    ['a10', 'A10', 'a100', 'A100'],
  ])('forecasts from %s (%s) to %s with an interval that holds', (from, fromGpu, to, toGpu) => {
    const rowsOf = (name: string, gpu: string) => of(name, gpu).measurements.map((measurement) => toRow(measurement, deviceNamed(gpu), 33));
    const coefficients = fitCoefficients(rowsOf(from, fromGpu));
    const { interval } = builtinCalibrations().find(({ devices }) => devices.length > 1)!;
    const tested = rowsOf(to, toGpu);
    const within = (quantity: 'timeMs' | 'powerW', halfWidth: number): number =>
      tested.filter((row) => Math.abs(Math.log(predict(row, coefficients)[quantity] / row[quantity])) <= halfWidth).length / tested.length;
    expect(within('timeMs', interval.time)).toBeGreaterThanOrEqual(0.9);
    expect(within('powerW', interval.power)).toBeGreaterThanOrEqual(0.9);
  });

  it('estimates image generators it has never seen', () => {
    const gpu = deviceNamed('A100-SXM4-40GB');
    const set = parseImageMeasurements(parseCsv(readText(`${sharedData}/aigc/mlenergy_v2/diffusion_all.csv`), 'd.csv'), gpu);
    const report = validate(set, gpu, { holdout: 'half', ...eager });
    expect(report.byFamily).toHaveLength(5);
    expect(report.mape.energy).toBeLessThan(15);
    const sdxl = estimate({ device: modelled(gpu, 'eager'), workload: workloadOf('sdxl', { precision: 'fp16' }) });
    expect(sdxl.energyJ / 1104).toBeGreaterThan(0.85);
    expect(sdxl.energyJ / 1104).toBeLessThan(1.15);
  });
});
