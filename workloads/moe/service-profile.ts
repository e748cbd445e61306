import { InputError } from '../../src/io/errors.js';
import type { ServiceCost, ServiceProfile, ServiceRequest } from '../aigc/profile.js';
import { v100 } from './devices.js';
import type { Device } from './devices.js';
import { servedModel } from './served-models.js';
import { simulate } from './simulate.js';
import type { Simulation, SimulationOptions } from './simulate.js';

/** How a model is served; what a request brings is left out. */
export type ServingOptions = Omit<SimulationOptions, 'batch' | 'sequenceTokens' | 'clockMhz'>;

/** Power of one device, W, as a function of the share of its peak floating-point rate that it delivers. */
export type PowerModel = (utilisation: number) => number;

/**
 * Power from data-sheet figures: idle + (limit - idle) x min(1, (utilisation / 0.45)^0.7), after Vidur-Energy (Özcan et
 * al. 2025, arXiv 2507.11417). A stand-in where no measured power model is at hand.
 */
export const dataSheetPower =
  (device: Device): PowerModel =>
  (utilisation) =>
    device.idleWatts + (device.boardWatts - device.idleWatts) * Math.min(1, (utilisation / 0.45) ** 0.7);

/**
 * A served mixture-of-experts model as a profile: requests are sequences of so many tokens to run through (language
 * model, encoder) or tokens to generate (decoder). A batch is spread evenly over the devices; a device with a sequence
 * less waits for the others.
 */
export function moeServiceProfile(
  options: ServingOptions,
  power: PowerModel = dataSheetPower(v100),
): ServiceProfile {
  const model = servedModel(options.model);
  const devices = options.nodes * v100.devicesPerNode;
  const cost = ({ device, clockMhz, batch, work }: ServiceRequest): ServiceCost => {
    if (device !== v100.name) throw new InputError(`Found no device "${device}" for ${model.name}; known: ${v100.name}.`);
    if (!('tokens' in work)) throw new InputError(`${model.name} serves tokens; found ${work.steps} denoising steps.`);
    const { tokens } = work;
    if (!Number.isInteger(tokens) || tokens < 1) {
      throw new InputError(`The number of tokens is ${tokens}; expected a whole number from 1.`);
    }
    if (!Number.isInteger(batch) || batch < 1) {
      throw new InputError(`The batch is ${batch}; expected a whole number from 1.`);
    }
    const steps = model.pass === 'step' ? tokens : 1;
    const pass = simulate({
      ...options,
      clockMhz,
      batch: Math.ceil(batch / devices),
      ...(model.pass === 'step' ? {} : { sequenceTokens: tokens }),
    });
    const seconds = (steps * pass.latencyMs) / 1000;
    return {
      seconds,
      joules: (devices * power(utilisation(pass)) * seconds) / batch,
      memoryBytes: pass.memory.totalBytes,
    };
  };
  return { name: `${model.name}, ${options.gating} gating, ${devices} x ${v100.name}`, devices, cost };
}

/** Share of a device's peak rate that a pass delivers, padding included. */
const utilisation = (pass: Simulation): number => pass.flop / (pass.latencyMs / 1000) / v100.peakFlopPerSecond;

/** A profile sampled at full batches of 1, 2, 4 ... sequences a device, as long as they fit. */
export interface ProfilePoint extends ServiceCost {
  /** Requests served together on all devices. */
  readonly batch: number;
}

const mostPerDevice = 64;

/** Requests have the model's own number of tokens (a decoder's generates one). */
export function sampleProfile(options: ServingOptions): ProfilePoint[] {
  const model = servedModel(options.model);
  const profile = moeServiceProfile(options);
  const points: ProfilePoint[] = [];
  for (let perDevice = 1; perDevice <= mostPerDevice; perDevice *= 2) {
    const batch = perDevice * profile.devices;
    const cost = profile.cost({
      device: v100.name,
      clockMhz: v100.clockMhz,
      batch,
      work: { tokens: model.pass === 'step' ? 1 : model.sequenceTokens },
    });
    if (cost.memoryBytes > v100.memoryBytes) break;
    points.push({ batch, ...cost });
  }
  return points;
}
