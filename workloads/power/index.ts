/** Time, power and energy of an AI workload on an accelerator at a clock, from its structure alone. */
export type { Calibration, ModelledDevice } from './calibration.js';
export { loadDevice, modelled, readCalibration } from './calibration.js';
export type { Device } from './device.js';
export { at } from './device.js';
export { builtinDevices, deviceNamed, readDeviceFile } from './deviceFile.js';
export type { Estimate, EstimateRequest, Interval } from './estimate.js';
export { estimate } from './estimate.js';
export type { Kernel, Precision } from './kernel.js';
export type { Runtime } from './runtime.js';
export { runtimes } from './runtime.js';
export { readModelConfig } from './presets/modelConfig.js';
export type { KernelTimes } from './phases.js';
export { readKernelFile } from './kernelFile.js';
export type { Model, ModelRequest } from './presets/catalogue.js';
export { decoderModel, modelNamed, models, workloadFor, workloadOf } from './presets/catalogue.js';
export type { Part, Workload } from './workload.js';
export { partOf, workloadTotals } from './workload.js';
