import type { Device } from './device.js';
import { flopPerCyclePerSm } from './device.js';

/** Sheets quote their peaks at different clocks and round them: this far apart, relatively, two may mean the same chip. */
const tolerance = 0.12;
const near = (a: number, b: number, share = tolerance): boolean => Math.abs(a / b - 1) <= share;

/** Whether two descriptions are of the same chip, on whatever board: as many SMs that do as much in a cycle, and the kind of memory. */
export function sameChip(a: Device, b: Device): boolean {
  return a.smCount === b.smCount && a.memory === b.memory && near(flopPerCyclePerSm(a, 'bf16', true), flopPerCyclePerSm(b, 'bf16', true));
}

/** Whether two boards carry the same chip with the same memory under the same limit, but for the rounding of sheets. */
export const sameBoard = (a: Device, b: Device): boolean =>
  sameChip(a, b) && near(a.dramGbPerS, b.dramGbPerS, 0.02) && near(a.powerCapW, b.powerCapW, 0.02);

/** What a chip brings with it, by the file's field that overrides it. */
const ofChip = {
  voltageMv: 'supply_voltage',
  processEnergy: 'process_energy',
  minClockMhz: 'sm_min_freq',
  l2BytesPerCycle: '',
  l2Mb: '',
  peakClockMhz: '',
  tensorTflops: '',
  cudaTflops: '',
} as const satisfies Partial<Record<keyof Device, string>>;

/**
 * A device as its file describes it, or, where that is a built-in chip or nearly so, with the built-in figures of the chip
 * and the file's of the board. What differs is noted.
 */
export function recognise(device: Device, said: ReadonlySet<string>, builtin: readonly Device[]): Device {
  const distance = (other: Device): number => Math.abs(Math.log(device.dramGbPerS / other.dramGbPerS)) + Math.abs(Math.log(device.powerCapW / other.powerCapW));
  const chips = builtin.filter((other) => sameChip(device, other)).sort((a, b) => distance(a) - distance(b));
  const known = chips[0];
  if (known === undefined) return device;
  const board = sameBoard(device, known);
  const taken: (keyof Device)[] = (Object.keys(ofChip) as (keyof typeof ofChip)[]).filter((property) => !said.has(ofChip[property]));
  if (board && !said.has('idle_power')) taken.push('idlePowerW', 'maxClockMhz');
  if (!said.has('link_bw')) taken.push('linkGbPerS');
  const differences = differencesOf(device, known);
  const notes = differences.length === 0 ? [] : [`taken as ${board ? 'a' : 'the chip of the'} built-in ${known.name}, from which it differs: ${differences.join(', ')}`];
  const merged: Device = { ...device, ...Object.fromEntries(taken.map((property) => [property, known[property]])), notes };
  return { ...merged, maxClockMhz: Math.max(merged.maxClockMhz, device.maxClockMhz) };
}

function differencesOf(device: Device, known: Device): string[] {
  const figures: [string, number, number, string][] = [
    ['clock', device.peakClockMhz, known.peakClockMhz, 'MHz'],
    ['bf16 peak', device.tensorTflops.bf16 ?? device.tensorTflops.fp16!, known.tensorTflops.bf16 ?? known.tensorTflops.fp16!, 'TFLOP/s'],
    ['memory bandwidth', device.dramGbPerS, known.dramGbPerS, 'GB/s'],
    ['memory', device.dramGb, known.dramGb, 'GB'],
    ['L2', device.l2Mb, known.l2Mb, 'MB'],
    ['power limit', device.powerCapW, known.powerCapW, 'W'],
  ];
  return figures.filter(([, own, other]) => !near(own, other, 0.002)).map(([what, own, other, unit]) => `${what} ${own} instead of ${other} ${unit}`);
}
