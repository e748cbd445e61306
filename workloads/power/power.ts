import type { Device } from './device.js';
import { at, flopPerCyclePerSm } from './device.js';
import type { Timeline } from './timeline.js';

/**
 * Coefficients of the power model, all at least zero: watts beyond idle while a process holds the device; watts an awake
 * SM as wide as the A100's; picojoules a bf16-equivalent tensor-core FLOP of products, one of fused attention, a CUDA-core
 * FLOP, a byte through L2, a byte of HBM. Those of the core hold at the maximum clock and voltage.
 */
export const powerTerms = ['static', 'sm', 'tensor', 'attention', 'cuda', 'l2', 'dram'] as const;
export type PowerTerm = (typeof powerTerms)[number];
export type PowerCoefficients = Readonly<Record<PowerTerm, number>>;

/**
 * Dynamic power goes with V^2 f; leakage adds about one more power of V, for it grows with V and with the temperature
 * that the power itself sets.
 */
const voltageExponent = 3;
/** A GDDR6 interface spends about 3.6 pJ/bit more than HBM2 (7.5 against 3.9; O'Connor et al., MICRO 2017), on about 100 pJ/byte in all. */
const gddrFactor = 1.3;
/** Boards that throttle hold their mean power this far below the limit (241 of 250 W, 386 of 400 W, 677 of 700 W). */
const regulation = 0.965;

/** FLOP that an SM of the A100 starts in a cycle. */
const referenceWidth = 2048;

/** Mean power at which a board throttles, W. */
export const sustainedCapW = (device: Device): number => regulation * device.powerCapW;

/** How much of each coefficient a timeline takes at a clock, W per unit, in the order of `powerTerms`. */
export function powerLoads(timeline: Timeline, timeMs: number, device: Device, clockMhz: number): Float64Array {
  const { work } = timeline;
  const core = device.processEnergy * (at(device.voltageMv, clockMhz) / at(device.voltageMv, device.maxClockMhz)) ** voltageExponent;
  // An awake SM draws power with the size of its units.
  const width = flopPerCyclePerSm(device, 'bf16', true) / referenceWidth;
  const wattPerPico = 1e-9 / timeMs;
  return Float64Array.of(
    1,
    core * width * (clockMhz / device.maxClockMhz) * device.smCount * Math.min(1, timeline.busyMs / timeMs),
    core * work.tensorFlop * wattPerPico,
    core * work.attentionFlop * wattPerPico,
    core * work.cudaFlop * wattPerPico,
    core * work.l2Bytes * wattPerPico,
    (device.memory === 'gddr' ? gddrFactor : 1) * work.dramBytes * wattPerPico,
  );
}

/** Power of each module, W; `static` includes the idle power. Not capped. */
export function modulePower(timeline: Timeline, device: Device, clockMhz: number, coefficients: PowerCoefficients): Record<PowerTerm, number> {
  const loads = powerLoads(timeline, timeline.timeMs, device, clockMhz);
  const modules = Object.fromEntries(powerTerms.map((name, index) => [name, loads[index]! * coefficients[name]])) as Record<PowerTerm, number>;
  modules.static += at(device.idlePowerW, clockMhz);
  return modules;
}

export const totalPower = (modules: Readonly<Record<PowerTerm, number>>): number => powerTerms.reduce((sum, name) => sum + modules[name], 0);
