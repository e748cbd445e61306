import { InputError } from '../../src/io/errors.js';
import type { Precision } from './kernel.js';

/** A quantity measured at some clocks (MHz, ascending); linear between them, constant beyond. */
export interface ClockCurve {
  readonly mhz: readonly number[];
  readonly value: readonly number[];
}

/** What an estimate needs to know of an accelerator: its data sheet, its idle power and its voltage curve. */
export interface Device {
  readonly name: string;
  /** Other names it goes by. */
  readonly aliases: readonly string[];
  readonly smCount: number;
  readonly minClockMhz: number;
  /** The highest clock it boosts to, where it runs unless told otherwise. */
  readonly maxClockMhz: number;
  /** The clock at which the peak throughputs are quoted. */
  readonly peakClockMhz: number;
  /** Peak dense throughput at `peakClockMhz`, TFLOP/s, of tensor cores and of CUDA cores. */
  readonly tensorTflops: Partial<Record<Precision, number>>;
  readonly cudaTflops: Partial<Record<Precision, number>>;
  readonly dramGbPerS: number;
  readonly dramGb: number;
  /** High-bandwidth memory on the package, or GDDR beside it: the latter spends more energy a byte. */
  readonly memory: 'hbm' | 'gddr';
  readonly l2Mb: number;
  readonly l2BytesPerCycle: number;
  readonly powerCapW: number;
  /** Power with the clock locked and nothing running, W. */
  readonly idlePowerW: ClockCurve;
  /** Core voltage; only its ratios matter. */
  readonly voltageMv: ClockCurve;
  /** Energy of an operation of the core, relative to the same design in TSMC N7 (the A100's process). */
  readonly processEnergy: number;
  /** Bandwidth to other devices, GB/s, both directions together, as data sheets say it. */
  readonly linkGbPerS: number;
  /** How the device came by its figures, where that must be said; empty as a rule. */
  readonly notes: readonly string[];
}

/** The curve's value at a clock. */
export function at(curve: ClockCurve, mhz: number): number {
  const { mhz: x, value: y } = curve;
  if (mhz <= x[0]!) return y[0]!;
  for (let i = 1; i < x.length; i++) {
    if (mhz <= x[i]!) return y[i - 1]! + ((y[i]! - y[i - 1]!) * (mhz - x[i - 1]!)) / (x[i]! - x[i - 1]!);
  }
  return y[y.length - 1]!;
}

/** Peak throughput at the maximum clock, TFLOP/s. */
export function peakTflops(device: Device, precision: Precision, tensorCore: boolean): number {
  if (!tensorCore) return device.cudaTflops[precision] ?? device.cudaTflops.fp32!;
  // Where a sheet is silent: FP16 and BF16 run alike, TF32 at half of them (every NVIDIA part since Ampere).
  const half = device.tensorTflops.bf16 ?? device.tensorTflops.fp16!;
  return device.tensorTflops[precision] ?? (precision === 'fp32' || precision === 'fp64' ? half / 2 : half);
}

/** Formats that a chip without tensor-core units for them emulates; the others it cannot run. */
const emulated: ReadonlySet<Precision> = new Set(['fp64', 'fp32', 'fp16', 'bf16']);

/** Throws InputError for a precision that the chip has no units for. */
export function checkPrecision(device: Device, precision: Precision): void {
  if (emulated.has(precision) || device.tensorTflops[precision] !== undefined) return;
  const has = (['bf16', 'fp16', 'fp8', 'int8'] as const).filter((format) => emulated.has(format) || device.tensorTflops[format] !== undefined);
  throw new InputError(`${device.name} has no tensor cores for ${precision}; expected ${has.join(', ')} or fp32.`);
}

/** FLOP that one SM can start in a cycle. */
export function flopPerCyclePerSm(device: Device, precision: Precision, tensorCore: boolean): number {
  return (peakTflops(device, precision, tensorCore) * 1e6) / (device.peakClockMhz * device.smCount);
}

/**
 * Supply voltage over clock, both relative to their maximum, of a device whose curve is unknown: flat up to 0.73 of the
 * maximum clock, then nearly linear. Derived from the A100 PCIe curve in EnergAIzer's artifact (config/dvfs/yz8).
 */
export const typicalVoltage: ClockCurve = { mhz: [0.73, 0.8, 0.87, 0.94, 1], value: [0.776, 0.818, 0.867, 0.93, 1] };
