import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { readJson } from '../../src/io/files.js';
import type { Device } from './device.js';
import { peakTflops } from './device.js';
import { sameBoard, sameChip } from './chipIdentity.js';
import { deviceNamed } from './deviceFile.js';
import { powerTerms } from './power.js';
import type { Runtime } from './runtime.js';
import { launchUs, runtimes } from './runtime.js';
import { timeTerms } from './timeline.js';

const coefficient = z.number().nonnegative().finite();
const table = <T extends string>(terms: readonly T[]) =>
  z.strictObject(Object.fromEntries(terms.map((term) => [term, coefficient])) as Record<T, typeof coefficient>);
const range = z.tuple([z.number(), z.number()]);

const chip = z.strictObject({
  name: z.string(),
  smCount: z.number(),
  peakClockMhz: z.number(),
  tensorTflops: z.number(),
  dramGbPerS: z.number(),
  powerCapW: z.number(),
});

const schema = z.strictObject({
  format: z.literal('jouleflow-power-calibration'),
  version: z.literal(2),
  devices: z.array(chip).min(1),
  /** What ran on them, and the host's time to launch a kernel, us. */
  runtimes: z.array(z.enum(runtimes)).min(1),
  hostLaunchUs: z.number().positive(),
  provenance: z.strictObject({
    date: z.string(),
    sources: z.array(z.strictObject({ file: z.string(), use: z.enum(['fitted', 'checked']), sha256: z.string(), rows: z.number(), dropped: z.number() })),
    dropped: z.array(z.strictObject({ workload: z.string(), why: z.string() })),
  }),
  time: table(timeTerms),
  power: table(powerTerms),
  /** Half-widths of the interval, as the logarithm of a ratio. */
  interval: z.strictObject({
    level: z.number(),
    heldOut: z.enum(['family', 'device', 'row']),
    time: z.number(),
    power: z.number(),
    energy: z.number(),
  }),
  range: z.strictObject({ clockMhz: range, timeMs: range, kinds: z.array(z.string()) }),
});

/** Fitted coefficients of one device or several, how sure they are, and where they come from. */
export type Calibration = z.infer<typeof schema>;
export type Chip = z.infer<typeof chip>;

/** The figures by which a device is recognised; its name plays no part. */
export function chipOf(device: Device): Chip {
  const { name, smCount, peakClockMhz, dramGbPerS, powerCapW } = device;
  return { name, smCount, peakClockMhz, tensorTflops: peakTflops(device, 'bf16', true), dramGbPerS, powerCapW };
}

/** Reads a calibration written by `power calibrate`. Throws InputError (file, field). */
export function readCalibration(file: string): Calibration {
  return validate(schema, readJson(file), `${file} is no power calibration`);
}

const folder = join(import.meta.dirname, 'calibrations');
let shipped: readonly Calibration[] | undefined;

/** The calibrations that ship with the project. */
export function builtinCalibrations(): readonly Calibration[] {
  shipped ??= readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => readCalibration(join(folder, file)));
  return shipped;
}

/** A device with the coefficients that describe it best. */
export interface ModelledDevice {
  readonly spec: Device;
  readonly runtime: Runtime;
  readonly calibration: Calibration;
  /** `measured`: fitted on this very device; `same chip`: on the same chip in another board; `forecast`: from its data sheet. */
  readonly basis: 'measured' | 'same chip' | 'forecast';
  /** How sure: the calibration's own interval, or where the device was not measured that of forecasting one. */
  readonly interval: Calibration['interval'];
  /** Time that the host takes to launch a kernel, us: that of the calibrated host where the device was measured, else of today's. */
  readonly hostLaunchUs: number;
}

/** Pairs a device and what runs on it with the nearest shipped calibration, or with the one given. */
export function modelled(spec: Device, runtime: Runtime, given?: Calibration): ModelledDevice {
  const all = builtinCalibrations();
  const forecast = all.find(({ devices }) => devices.length > 1);
  const candidates = given === undefined ? all.filter(({ devices, runtimes: seen }) => devices.length === 1 && (seen.includes(runtime) || (runtime === 'compiled' && seen.includes('eager')))) : [given];
  const calibratedOn = (alike: (known: Device, here: Device) => boolean) => candidates.find(({ devices }) => devices.some((chip) => alike(asDevice(chip, spec), spec)));
  const measured = calibratedOn(sameBoard);
  if (measured !== undefined) return { spec, runtime, calibration: measured, basis: 'measured', interval: measured.interval, hostLaunchUs: measured.hostLaunchUs };
  const known = calibratedOn(sameChip);
  const calibration = known ?? given ?? forecast;
  if (calibration === undefined) throw new Error('No forecasting calibration is shipped.');
  const interval = calibration.interval.heldOut === 'device' ? calibration.interval : (forecast ?? calibration).interval;
  return { spec, runtime, calibration, basis: known === undefined ? 'forecast' : 'same chip', interval, hostLaunchUs: launchUs.current };
}

/** The figures of a calibrated chip in the place of a device's own. */
const asDevice = ({ tensorTflops, ...chip }: Chip, like: Device): Device => ({ ...like, ...chip, tensorTflops: { bf16: tensorTflops } });

/** A built-in device, or one from a YAML file, ready for estimates. Throws InputError for an unknown name. */
export const loadDevice = (nameOrFile: string, runtime: Runtime = 'eager'): ModelledDevice => modelled(deviceNamed(nameOrFile), runtime);
