import { InputError } from '../../src/io/errors.js';
import type { ServiceCost, ServiceProfile, ServiceRequest } from '../aigc/profile.js';
import { calibrate } from './calibration.js';
import { halfBytes, v100 } from './devices.js';
import type { Device } from './devices.js';
import { Pass } from './pass.js';
import { servedModel } from './servedModels.js';
import { atClock, simulate } from './simulate.js';
import type { SimulationOptions } from './simulate.js';
import { addDenseModel, tokensOf } from './transformer.js';

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

/** One pass of every device: its time, the floating-point operations of one device, and the memory it holds. */
interface DevicePass {
  readonly seconds: number;
  readonly flop: number;
  readonly memoryBytes: number;
}

/**
 * A served mixture-of-experts model as a profile: requests are sequences of so many tokens to run through (language
 * model, encoder) or tokens to generate (decoder). A batch is spread evenly over the devices; a device with a sequence
 * less waits for the others.
 */
export function moeServiceProfile(options: ServingOptions, power: PowerModel = dataSheetPower(v100)): ServiceProfile {
  return profileOver(`${options.gating} gating`, options, power, (size) => {
    const pass = simulate({ ...options, ...size });
    return { seconds: pass.latencyMs / 1000, flop: pass.flop, memoryBytes: pass.memory.totalBytes };
  });
}

/**
 * The dense model that the experts extend, a copy on every device, as a profile: one feed-forward network where the other
 * has experts. Memory is its weights and the widest activations of a layer.
 */
export function denseServiceProfile(options: Pick<ServingOptions, 'model' | 'nodes'>, power: PowerModel = dataSheetPower(v100)): ServiceProfile {
  const published = servedModel(options.model);
  const { launchSeconds, device } = calibrate(v100, published);
  return profileOver('dense', options, power, ({ clockMhz, batch, sequenceTokens }) => {
    const model = { ...published, sequenceTokens: sequenceTokens ?? published.sequenceTokens };
    const { dim, hidden, denseParameters, residentMoeLayers } = model;
    const tokens = tokensOf(model, batch);
    const pass = new Pass(atClock(device, clockMhz), launchSeconds);
    addDenseModel(pass, model, tokens);
    const weights = denseParameters + residentMoeLayers * 2 * dim * hidden;
    return { seconds: pass.seconds, flop: pass.flop, memoryBytes: halfBytes * (weights + 2 * tokens * (dim + hidden)) };
  });
}

function profileOver(
  how: string,
  options: Pick<ServingOptions, 'model' | 'nodes'>,
  power: PowerModel,
  passOf: (size: { clockMhz: number; batch: number; sequenceTokens?: number }) => DevicePass,
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
    const perDevice = Math.ceil(batch / devices);
    const pass = passOf({ clockMhz, batch: perDevice, ...(model.pass === 'step' ? {} : { sequenceTokens: tokens }) });
    // Share of a device's peak rate that it delivers, padding included.
    const utilisation = pass.flop / pass.seconds / v100.peakFlopPerSecond;
    const seconds = steps * pass.seconds;
    return { seconds, joules: (devices * power(utilisation) * seconds) / batch, memoryBytes: pass.memoryBytes };
  };
  return { name: `${model.name}, ${how}, ${devices} x ${v100.name}`, devices, cost };
}

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
