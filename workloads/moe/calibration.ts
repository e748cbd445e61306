import type { Device } from './devices.js';
import { Pass } from './pass.js';
import { servedModel } from './servedModels.js';
import type { ServedModel } from './servedModels.js';
import { addDenseModel, denseKernels, tokensOf } from './transformer.js';

/** What the published dense latencies tell of a model's host and devices. */
export interface Calibration {
  /** Host time per kernel launch. */
  readonly launchSeconds: number;
  /** The device with the rate at which it really computes this model's products. */
  readonly device: Device;
}

/**
 * Calibrates on the published dense latencies and nothing else. A decoder step is bound by its launches, so its latency
 * tells the host's time for one. A pass over sequences is bound by the device, so its latency tells the rate of the
 * products; a decoder computes at its encoder's.
 */
export function calibrate(device: Device, model: ServedModel): Calibration {
  const decoder = servedModel('mt-decoder');
  const launchSeconds = decoder.denseSeconds / denseKernels(decoder);
  const passed = model.pass === 'step' ? servedModel('mt-encoder') : model;
  return { launchSeconds, device: withProductRate(device, passed, launchSeconds) };
}

/** Seconds of the dense model's pass at its published batch. */
export function denseSeconds(device: Device, model: ServedModel, launchSeconds: number): number {
  const pass = new Pass(device, launchSeconds);
  addDenseModel(pass, model, tokensOf(model, model.batch));
  return pass.seconds;
}

/** Finds the rate of products at which the dense pass takes as long as published, by bisection to a millionth. */
function withProductRate(device: Device, model: ServedModel, launchSeconds: number): Device {
  const at = (gemmFlopPerSecond: number): Device => ({ ...device, gemmFlopPerSecond });
  let low = 0;
  let high = device.peakFlopPerSecond;
  if (denseSeconds(at(high), model, launchSeconds) > model.denseSeconds) {
    throw new Error(`${device.name} cannot run the dense ${model.name} in ${model.denseSeconds} s even at its peak.`);
  }
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (denseSeconds(at(middle), model, launchSeconds) > model.denseSeconds) low = middle;
    else high = middle;
  }
  return at(high);
}
