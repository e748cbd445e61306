import { InputError } from '../../src/io/errors.js';
import { readCsv } from '../../src/io/csv.js';
import { median } from '../../src/math/statistics.js';
import { plainName } from '../power/deviceFile.js';
import { modelOfCheckpoint } from '../power/presets/catalogue.js';
import { servedModels } from './catalogue.js';
import { servingDevice } from './devices.js';
import { profileOf } from './serving.js';

/** A measured batch of images beside its profile; ratios are profile / measurement. */
export interface ProfileCheck {
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  readonly measured: { readonly seconds: number; readonly joules: number };
  readonly profile: { readonly seconds: number; readonly joules: number };
}

export interface ProfileValidation {
  readonly device: string;
  readonly rows: readonly ProfileCheck[];
  /** Checkpoints of the file that are not in the catalogue. */
  readonly left: readonly string[];
  /** Median absolute errors, as shares, and the rows with the largest. */
  readonly medianError: { readonly seconds: number; readonly joules: number };
  readonly worst: { readonly seconds: ProfileCheck; readonly joules: ProfileCheck };
}

const columns = ['Model', 'GPU', 'Energy/image (J)', 'Batch latency (s)', 'Batch size', 'Denoising steps'];

/**
 * Compares image profiles with measurements of the ML.ENERGY leaderboard (v2) on a device, at its highest clock. Nothing
 * is fitted. Throws InputError for a bad file or one without a row of the device and the catalogue.
 */
export function validateProfiles(file: string, deviceName: string): ProfileValidation {
  const table = readCsv(file, columns);
  const { maxClockMhz } = servingDevice(deviceName);
  const rows: ProfileCheck[] = [];
  const left = new Set<string>();
  for (let row = 0; row < table.length; row++) {
    if (!plainName(table.cell(row, 'GPU')).includes(plainName(deviceName)) || table.cell(row, 'Energy/image (J)') === '') continue;
    const checkpoint = table.cell(row, 'Model');
    const model = servedModels.find(({ name }) => name === modelOfCheckpoint(checkpoint)?.name);
    if (model === undefined) {
      left.add(checkpoint);
      continue;
    }
    const batch = table.number(row, 'Batch size');
    const steps = table.number(row, 'Denoising steps');
    const { seconds, joules } = profileOf(model).cost({ device: deviceName, clockMhz: maxClockMhz, batch, work: { steps } });
    const measured = { seconds: table.number(row, 'Batch latency (s)'), joules: table.number(row, 'Energy/image (J)') };
    rows.push({ model: model.name, batch, steps, measured, profile: { seconds, joules } });
  }
  if (rows.length === 0) throw new InputError(`${file} has no image measured on ${deviceName} by a model of the catalogue.`);
  return {
    device: deviceName,
    rows,
    left: [...left],
    medianError: { seconds: median(rows.map((row) => errorOf(row, 'seconds'))), joules: median(rows.map((row) => errorOf(row, 'joules'))) },
    worst: { seconds: worstBy(rows, 'seconds'), joules: worstBy(rows, 'joules') },
  };
}

const errorOf = ({ measured, profile }: ProfileCheck, of: 'seconds' | 'joules'): number => Math.abs(profile[of] / measured[of] - 1);
const worstBy = (rows: readonly ProfileCheck[], of: 'seconds' | 'joules'): ProfileCheck =>
  rows.reduce((a, b) => (errorOf(b, of) > errorOf(a, of) ? b : a));
