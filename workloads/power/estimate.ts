import { InputError } from '../../src/io/errors.js';
import type { ModelledDevice } from './calibration.js';
import type { Kernel } from './kernel.js';
import type { KernelTimes, PartSteps } from './phases.js';
import { stepsOf, withKernelTime } from './phases.js';
import type { PowerTerm } from './power.js';
import { modulePower, sustainedCapW, totalPower } from './power.js';
import type { KernelTime, Timeline } from './timeline.js';
import { timelineOf, toVector } from './timeline.js';
import type { Workload } from './workload.js';
import { memoryNeeded } from './workload.js';

export interface EstimateRequest {
  readonly device: ModelledDevice;
  readonly workload: Workload;
  /** Core clock; the device's maximum unless given. */
  readonly clockMhz?: number;
  /** The workload was seen to run with this mean clock: it is taken as it is, though it might throttle or seem too large. */
  readonly observed?: boolean;
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
  readonly powerW: number;
  readonly energyJ: number;
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
 * Time, power and energy of one iteration of a workload on a device at a clock, in well under a millisecond and without
 * input or output. Throws InputError for a clock outside the device's range or a workload that does not fit in its memory.
 */
export function estimate({ device, workload, clockMhz, observed = false, byKernel = true, kernelTime }: EstimateRequest): Estimate {
  const { spec, calibration } = device;
  const requested = clockMhz ?? spec.maxClockMhz;
  if (!observed) {
    checkClock(device, requested);
    checkMemory(device, workload);
  }
  const parts = stepsOf(workload, spec);
  const run = new Run(device, kernelTime === undefined ? parts : withKernelTime(parts, kernelTime));
  const held = observed ? requested : run.sustainedClock(requested);
  const kernels: KernelTime[] = [];
  const { timeline, modules } = run.at(held, byKernel ? (kernel) => kernels.push(kernel) : undefined);
  const cap = sustainedCapW(spec);
  const powerW = Math.min(totalPower(modules), cap);
  const energyJ = (powerW * timeline.timeMs) / 1e3;
  const { level, time, power, energy } = device.interval;
  const around = (value: number, halfWidth: number): [number, number] => [value * Math.exp(-halfWidth), value * Math.exp(halfWidth)];
  const [lowW, highW] = around(powerW, power);
  return {
    timeMs: timeline.timeMs,
    powerW,
    energyJ,
    interval: {
      level,
      timeMs: around(timeline.timeMs, time),
      powerW: [lowW, Math.min(highW, spec.powerCapW)],
      energyJ: around(energyJ, energy),
    },
    clockMhz: held,
    throttled: held < requested,
    basis: device.basis,
    warnings: warningsFor(calibration, workload, held, timeline.timeMs),
    byKernel: sharesOf(kernels, timeline.busyMs),
    byModule: modules,
  };
}

/** One workload on one device, evaluated at any clock. */
class Run {
  readonly #device: ModelledDevice;
  readonly #parts: readonly PartSteps[];
  readonly #coefficients: Float64Array;

  constructor(device: ModelledDevice, parts: readonly PartSteps[]) {
    this.#device = device;
    this.#parts = parts;
    this.#coefficients = toVector(device.calibration.time);
  }

  at(clockMhz: number, onKernel?: (kernel: KernelTime) => void): { timeline: Timeline; modules: Record<PowerTerm, number> } {
    const { spec, calibration } = this.#device;
    const timeline = timelineOf(this.#parts, spec, clockMhz, this.#coefficients, onKernel);
    return { timeline, modules: modulePower(timeline, spec, clockMhz, calibration.power) };
  }

  /** The highest clock up to `wanted` whose power the board can sustain, to within 1 MHz. */
  sustainedClock(wanted: number): number {
    const { spec } = this.#device;
    const fits = (mhz: number): boolean => totalPower(this.at(mhz).modules) <= sustainedCapW(spec);
    if (fits(wanted)) return wanted;
    let low = spec.minClockMhz;
    let high = wanted;
    while (high - low > 1) {
      const middle = (low + high) / 2;
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return low;
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
    throw new InputError(`${workload.name} needs about ${neededGb.toFixed(1)} GB and ${spec.name} has ${spec.dramGb} GB; try a smaller batch or sequence.`);
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

function labelOf(kernel: Kernel): string {
  switch (kernel.kind) {
    case 'gemm':
      return `gemm ${kernel.batch > 1 ? `${kernel.batch} x ` : ''}${kernel.m}x${kernel.n}x${kernel.k} ${kernel.precision}`;
    case 'conv':
      return `conv ${kernel.m}x${kernel.n}x${kernel.k}${kernel.groups > 1 ? ' depthwise' : ''} ${kernel.precision}`;
    case 'attention':
      return `attention ${kernel.batch * kernel.heads} x ${kernel.queries}x${kernel.keys}x${kernel.headDim} ${kernel.precision}`;
    case 'elementwise':
      return `${kernel.op} ${kernel.elements}`;
    default:
      return `${kernel.kind} ${kernel.rows}x${kernel.columns}`;
  }
}
