import { suggest, InputError } from '../../src/io/errors.js';
import { v100 } from '../moe/devices.js';
import type { Device, ModelledDevice, Runtime } from '../power/index.js';
import { at, builtinDevices, deviceNamed, modelled } from '../power/index.js';

/** What serving needs to know of a device besides its profile. */
export interface ServingDevice {
  readonly name: string;
  readonly minClockMhz: number;
  readonly maxClockMhz: number;
  /** Between two batches: at the lowest clock, where an idle device goes. */
  readonly idleWatts: number;
  readonly memoryBytes: number;
  /** For the power model, by what runs on it; not there for a device that only `workloads/moe` knows. */
  readonly modelled?: Readonly<Record<Runtime, ModelledDevice>>;
}

/** Below this share of its highest clock no calibration has seen a device. */
const lowestShare = 0.5;

const known = new Map<string, ServingDevice>([
  [v100.name, { name: v100.name, minClockMhz: lowestShare * v100.clockMhz, maxClockMhz: v100.clockMhz, idleWatts: v100.idleWatts, memoryBytes: v100.memoryBytes }],
]);

/** A device by name or alias of `workloads/power`, by YAML file, or the V100 of `workloads/moe`. Throws InputError for another. */
export function servingDevice(name: string): ServingDevice {
  let device = known.get(name);
  if (device === undefined) {
    const spec = load(name);
    const { minClockMhz, maxClockMhz, idlePowerW, dramGb } = spec;
    device = {
      name,
      minClockMhz: Math.max(minClockMhz, lowestShare * maxClockMhz),
      maxClockMhz,
      idleWatts: at(idlePowerW, minClockMhz),
      memoryBytes: 1e9 * dramGb,
      modelled: { eager: modelled(spec, 'eager'), compiled: modelled(spec, 'compiled'), served: modelled(spec, 'served') },
    };
    known.set(name, device);
  }
  return device;
}

function load(name: string): Device {
  try {
    return deviceNamed(name);
  } catch (error) {
    if (!(error instanceof InputError) || /\.ya?ml$/i.test(name)) throw error;
    throw new InputError(`Unknown device "${name}".${suggest(name, [...known.keys(), ...builtinDevices().keys()])}`);
  }
}
