import { InputError } from '../../src/io/errors.js';
import type { ModelledDevice } from './calibration.js';
import type { Kernel } from './kernel.js';
import type { Device } from './device.js';
import { checkPrecision } from './device.js';
import { sustainedClock } from './sustainedClock.js';
import type { KernelTimes } from './phases.js';
import { stepsOf, withKernelTime } from './phases.js';
import type { PowerTerm } from './power.js';
import { modulePower, powerTerms, sustainedCapW, totalPower } from './power.js';
import { launchUs } from './runtime.js';
import type { KernelTime, Setting } from './timeline.js';
import { timelineOf, toVector } from './timeline.js';
import type { Workload } from './workload.js';
import { memoryNeeded } from './workload.js';

export interface EstimateRequest {
  readonly device: ModelledDevice;
  readonly workload: Workload;
  /** Core clock; the device's maximum unless given. */
  readonly clockMhz?: number;
  /** The workload was seen to run, with this mean clock if one is given: it is taken as it is, though it might throttle or seem too large. */
  readonly observed?: boolean;
  /** Time that the host takes to launch a kernel, us; default: as the device's calibration has it. */
  readonly hostLaunchUs?: number;
  /** Whether to tell kernels apart; default true. Off, an estimate takes a little less time. */
  readonly byKernel?: boolean;
  /** Other kernels than the library's, by class; default: the library's. */
  readonly kernelTime?: KernelTimes;
}

export interface KernelShare {
  readonly kernel: string;
  readonly count: number;
  readonly timeMs: number;
  /** Of the device's busy time. */
  readonly share: number;
  readonly boundBy: KernelTime['boundBy'];
}

export interface Interval {
  /** The share of truths that it is to contain. */
  readonly level: number;
  readonly timeMs: readonly [number, number];
  readonly powerW: readonly [number, number];
  readonly energyJ: readonly [number, number];
}

export interface Estimate {
  readonly timeMs: number;
  /** Of all devices that run it together, as are the energy and the watts by module. */
  readonly powerW: number;
  readonly energyJ: number;
  readonly devices: number;
  readonly interval: Interval;
  /** The clock that the board holds: below the one asked for when its power limit forces it down. */
  readonly clockMhz: number;
  readonly throttled: boolean;
  readonly basis: ModelledDevice['basis'];
  /** What to know before trusting the figures, such as leaving the calibrated range; empty as a rule. */
  readonly warnings: readonly string[];
  /** Distinct kernels, the longest first. */
  readonly byKernel: readonly KernelShare[];
  /** Watts by module; `static` is idle power and what goes with holding the device. */
  readonly byModule: Readonly<Record<PowerTerm, number>>;
}

/**
 * Time, power and energy of one iteration of a workload on a device, or on several of them if it is cut over several, at a
 * clock, in well under a millisecond and without input or output. Throws InputError for a clock outside the device's range,
 * a precision that it lacks, or a workload that does not fit in its memory.
 */
export function estimate({ device, workload, clockMhz, observed = false, hostLaunchUs, byKernel = true, kernelTime }: EstimateRequest): Estimate {
  const { spec, calibration } = device;
  const requested = clockMhz ?? spec.maxClockMhz;
  checkPrecisions(spec, workload);
  if (!observed) {
    checkClock(device, requested);
    checkMemory(device, workload);
  }
  const steps = stepsOf(workload, spec);
  const parts = kernelTime === undefined ? steps : withKernelTime(steps, kernelTime);
  const setting: Setting = { parts, device: spec, launchShare: (hostLaunchUs ?? device.hostLaunchUs) / launchUs.earlier };
  const held = observed && clockMhz !== undefined ? requested : sustainedClock(setting, requested, calibration);
  const kernels: KernelTime[] = [];
  const timeline = timelineOf(setting, held, toVector(calibration.time), byKernel ? (kernel) => kernels.push(kernel) : undefined);
  const { devices = 1 } = workload;
  const modules = modulePower(timeline, spec, held, calibration.power);
  const powerW = devices * Math.min(totalPower(modules), sustainedCapW(spec));
  return {
    timeMs: timeline.timeMs,
    powerW,
    energyJ: (powerW * timeline.timeMs) / 1e3,
    devices,
    interval: intervalOf(device, timeline.timeMs, powerW, devices),
    clockMhz: held,
    throttled: held < requested,
    basis: device.basis,
    warnings: [...spec.notes, ...warningsFor(calibration, workload, held, timeline.timeMs)],
    byKernel: sharesOf(kernels, timeline.busyMs),
    byModule: Object.fromEntries(powerTerms.map((name) => [name, devices * modules[name]])) as Record<PowerTerm, number>,
  };
}

function intervalOf({ spec, interval: { level, time, power, energy } }: ModelledDevice, timeMs: number, powerW: number, devices: number): Interval {
  const around = (value: number, halfWidth: number): [number, number] => [value * Math.exp(-halfWidth), value * Math.exp(halfWidth)];
  const [lowW, highW] = around(powerW, power);
  return {
    level,
    timeMs: around(timeMs, time),
    powerW: [lowW, Math.min(highW, devices * spec.powerCapW)],
    energyJ: around((powerW * timeMs) / 1e3, energy),
  };
}

function checkPrecisions(spec: Device, workload: Workload): void {
  for (const { kernels } of workload.parts) {
    for (const { kernel } of kernels) if ('precision' in kernel) checkPrecision(spec, kernel.precision);
  }
}

function checkClock({ spec }: ModelledDevice, clockMhz: number): void {
  const { name, minClockMhz, maxClockMhz } = spec;
  if (!(clockMhz >= minClockMhz && clockMhz <= maxClockMhz)) {
    throw new InputError(`${name} cannot run at ${clockMhz} MHz; expected ${minClockMhz} to ${maxClockMhz} MHz.`);
  }
}

function checkMemory({ spec }: ModelledDevice, workload: Workload): void {
  const neededGb = memoryNeeded(workload) / 1e9;
  if (neededGb > spec.dramGb) {
    const [each, cure] = (workload.devices ?? 1) > 1 ? [' on each device', 'more devices, or a smaller batch or sequence'] : ['', 'a smaller batch or sequence'];
    throw new InputError(`${workload.name} needs about ${neededGb.toFixed(1)} GB${each} and ${spec.name} has ${spec.dramGb} GB; try ${cure}.`);
  }
}

/** Clocks this far outside the calibrated ones, relatively, are still near. */
const nearClock = 0.02;

function warningsFor({ range }: ModelledDevice['calibration'], workload: Workload, clockMhz: number, timeMs: number): string[] {
  const warnings: string[] = [];
  const [low, high] = range.clockMhz;
  if (clockMhz < low * (1 - nearClock) || clockMhz > high * (1 + nearClock)) {
    warnings.push(`${clockMhz.toFixed(0)} MHz is outside the calibrated clocks (${low.toFixed(0)} to ${high.toFixed(0)} MHz)`);
  }
  if (timeMs < range.timeMs[0] / 2 || timeMs > range.timeMs[1] * 2) {
    warnings.push(`${timeMs.toPrecision(3)} ms is outside the calibrated times (${range.timeMs[0].toPrecision(3)} to ${range.timeMs[1].toPrecision(3)} ms)`);
  }
  const unseen = kindsOf(workload).filter((kind) => !range.kinds.includes(kind));
  if (unseen.length > 0) warnings.push(`no calibrated workload has kernels of kind ${unseen.join(', ')}`);
  return warnings;
}

/** The kinds of a workload's kernels, by which a calibration says what it has seen: what runs, and in which precision. */
export function kindsOf(workload: Workload): string[] {
  const kindOf = (kernel: Kernel): string => ('precision' in kernel ? `${kernel.kind} ${kernel.precision}` : kernel.kind);
  return [...new Set(workload.parts.flatMap(({ kernels }) => kernels.map(({ kernel }) => kindOf(kernel))))];
}

function sharesOf(kernels: readonly KernelTime[], busyMs: number): KernelShare[] {
  return kernels
    .map(({ phases, count, timeMs, boundBy }) => ({ kernel: labelOf(phases.kernel), count, timeMs, share: timeMs / busyMs, boundBy }))
    .sort((a, b) => b.timeMs - a.timeMs);
}

/** Rows are fractions where a kernel stands for the mean of many. */
const whole = (value: number): string => String(Math.round(value));

function labelOf(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'gemm':
      return `gemm ${kernel.batch > 1 ? `${whole(kernel.batch)} x ` : ''}${whole(kernel.m)}x${kernel.n}x${kernel.k} ${kernel.precision}`;
    case 'conv':
      return `conv ${kernel.m}x${kernel.n}x${kernel.k}${kernel.groups > 1 ? ' depthwise' : ''} ${kernel.precision}`;
    case 'attention':
      return `attention ${whole(kernel.batch * kernel.heads)} x ${whole(kernel.queries)}x${whole(kernel.keys)}x${kernel.headDim} ${kernel.precision}`;
    case 'elementwise':
      return `${kernel.op} ${whole(kernel.elements)}`;
    case 'softmax':
    case 'layernorm':
      return `${kernel.kind} ${whole(kernel.rows)}x${kernel.columns}`;
    default:
      return `${kernel.kind} ${(kernel.bytes / 1e6).toPrecision(3)} MB among ${kernel.ranks}`;
  }
}
