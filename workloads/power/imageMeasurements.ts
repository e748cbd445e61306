import type { CsvTable } from '../../src/io/csv.js';
import type { Device } from './device.js';
import { plainName } from './deviceFile.js';
import type { Dropped, Measurement, MeasurementSet } from './measurements.js';
import { collect, positive } from './measurements.js';
import { modelOfCheckpoint, workloadFor } from './presets/catalogue.js';
import type { Runtime } from './runtime.js';

const columns = ['Model', 'GPU', 'Energy/image (J)', 'Batch latency (s)', 'Batch size', 'Denoising steps'] as const;

/** Whether a table has the columns of the ML.ENERGY leaderboard's image generation results. */
export const isImageTable = (table: CsvTable): boolean => columns.every((column) => table.has(column));

/**
 * Reads image generation results of the ML.ENERGY leaderboard (v2) that were measured on `device`; kernel lists come from
 * the built-in models. The clock was not recorded. Rows of other GPUs are ignored; models that are not built in are dropped.
 */
export function parseImageMeasurements(table: CsvTable, device: Device, runtime: Runtime = 'eager'): MeasurementSet {
  const measurements: Measurement[] = [];
  const dropped: Dropped[] = [];
  const names = [device.name, ...device.aliases].map(plainName);
  for (let row = 0; row < table.length; row++) {
    const gpu = plainName(table.cell(row, 'GPU'));
    if (!names.some((name) => gpu.includes(name))) continue;
    const repository = table.cell(row, 'Model');
    const images = `${repository}, batch ${table.cell(row, 'Batch size')}`;
    const model = modelOfCheckpoint(repository);
    if (model === undefined) {
      dropped.push({ workload: images, why: 'no kernel list: the model is not built in' });
      continue;
    }
    const batch = positive(table, row, 'Batch size');
    const timeMs = positive(table, row, 'Batch latency (s)') * 1e3;
    const energyJ = positive(table, row, 'Energy/image (J)') * batch;
    const workload = workloadFor(model, { batch, steps: positive(table, row, 'Denoising steps'), precision: 'fp16', runtime });
    collect({ name: images, family: model.name, workload, timeMs, powerW: (energyJ / timeMs) * 1e3, clockMhz: null, nominalClockMhz: 0, items: batch, runtime }, device, measurements, dropped);
  }
  return { measurements, dropped };
}
