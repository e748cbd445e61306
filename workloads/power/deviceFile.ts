import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { parseYaml, validate } from '../../src/io/config.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';
import type { ClockCurve, Device } from './device.js';
import { typicalVoltage } from './device.js';
import type { Precision } from './kernel.js';

const positive = z.number().positive().finite();
const curve = z.record(z.string().regex(/^\d+(\.\d+)?$/, 'expected a clock in MHz'), positive);

/** The fields of a device file, in the units of EnergAIzer's `config/gpu/*.yaml`, and five of our own. */
const fields = z.strictObject({
  dram_bw: positive.describe('GB/s'),
  dram_freq: positive.describe('MHz').optional(),
  cuda_fp64_flops: positive.optional(),
  cuda_fp32_flops: positive.describe('TFLOP/s'),
  cuda_fp16_flops: positive.optional(),
  cuda_bf16_flops: positive.optional(),
  tc_fp64_flops: positive.optional(),
  tc_fp32_flops: positive.optional(),
  tc_bf16_flops: positive.optional(),
  tc_fp16_flops: positive.optional(),
  tc_fp8_flops: positive.optional(),
  tc_int8_flops: positive.optional(),
  sm_freq: positive.describe('MHz').optional(),
  sm_min_freq: positive.describe('MHz').optional(),
  sm_max_freq: positive.describe('MHz'),
  num_sm: z.int().positive(),
  dram_size: positive.describe('GB'),
  power_cap: positive.describe('W'),
  l2_size: positive.describe('MB'),
  l2_bw: positive.describe('bytes/cycle'),
  xu_bw_per_sm: positive.optional(),
  idle_power: z.union([positive, curve]).describe('W, or W by MHz').optional(),
  supply_voltage: curve.describe('mV by MHz').optional(),
  launch_scale: positive.optional(),
  process_energy: positive.optional(),
});
const document = z.strictObject({ gpu_configs: fields, source: z.string().optional(), aliases: z.array(z.string()).optional() });

/** Idle power where no figure is given, as a share of the board limit: that of the A100 PCIe at 900 MHz. */
const idleShare = 0.19;
/** An HBM stack is a wide, slow bus: over a thousand bytes a clock of its sheet, where GDDR moves a few hundred at most. */
const hbmBytesPerClock = 600;

/**
 * Reads a device from a YAML file of the shape of EnergAIzer's `config/gpu/*.yaml`. What it leaves out (idle power,
 * voltage, process, host) is taken from the built-in device whose chip and board limit it describes, if there is one.
 * Throws InputError (file, field, what was found).
 */
export function readDeviceFile(file: string): Device {
  const { device, said } = parseDevice(readText(file), file);
  const same = ['smCount', 'peakClockMhz', 'dramGbPerS', 'powerCapW'] as const;
  const known = [...builtinDevices().values()].find((other) => same.every((field) => other[field] === device[field]));
  if (known === undefined) return device;
  const unsaid = Object.entries({
    idlePowerW: 'idle_power',
    maxClockMhz: 'idle_power',
    voltageMv: 'supply_voltage',
    processEnergy: 'process_energy',
    launchScale: 'launch_scale',
    memory: 'dram_freq',
    minClockMhz: 'sm_min_freq',
  }).filter(([, field]) => !said.has(field));
  return { ...device, ...Object.fromEntries(unsaid.map(([property]) => [property, known[property as keyof Device]])) };
}

interface DeviceDocument {
  readonly device: Device;
  /** The fields that the file gives. */
  readonly said: ReadonlySet<string>;
}

function parseDevice(text: string, file: string): DeviceDocument {
  const { gpu_configs: config, aliases = [] } = validate(document, parseYaml(text, file), file);
  if (config.tc_bf16_flops === undefined && config.tc_fp16_flops === undefined) {
    throw new InputError(`${file}, gpu_configs: expected tc_bf16_flops or tc_fp16_flops, the peak of the tensor cores in TFLOP/s.`);
  }
  const peaks = (unit: 'tc' | 'cuda'): Partial<Record<Precision, number>> =>
    Object.fromEntries(
      (['fp64', 'fp32', 'fp16', 'bf16', 'fp8', 'int8'] as const).flatMap((precision) => {
        const value = (config as Record<string, unknown>)[`${unit}_${precision}_flops`];
        return value === undefined ? [] : [[precision, value]];
      }),
    );
  const clocks = Object.keys({ ...(typeof config.idle_power === 'object' ? config.idle_power : {}), ...config.supply_voltage }).map(Number);
  const max = Math.max(config.sm_max_freq, ...clocks);
  const idle = config.idle_power ?? idleShare * config.power_cap;
  const device: Device = {
    name: basename(file).replace(/\.ya?ml$/i, ''),
    aliases,
    smCount: config.num_sm,
    minClockMhz: config.sm_min_freq ?? Math.min(210, max),
    maxClockMhz: max,
    peakClockMhz: config.sm_max_freq,
    tensorTflops: peaks('tc'),
    cudaTflops: peaks('cuda'),
    dramGbPerS: config.dram_bw,
    dramGb: config.dram_size,
    memory: (config.dram_bw * 1000) / (config.dram_freq ?? Infinity) > hbmBytesPerClock ? 'hbm' : 'gddr',
    l2Mb: config.l2_size,
    l2BytesPerCycle: config.l2_bw,
    powerCapW: config.power_cap,
    idlePowerW: typeof idle === 'number' ? { mhz: [max], value: [idle] } : toCurve(idle),
    voltageMv: config.supply_voltage === undefined
      ? { mhz: typicalVoltage.mhz.map((share) => share * max), value: typicalVoltage.value }
      : toCurve(config.supply_voltage),
    launchScale: config.launch_scale ?? 1,
    processEnergy: config.process_energy ?? 1,
  };
  return { device, said: new Set(Object.keys(config)) };
}

function toCurve(points: Record<string, number>): ClockCurve {
  const sorted = Object.entries(points).map(([mhz, value]) => [Number(mhz), value] as const).sort((a, b) => a[0] - b[0]);
  return { mhz: sorted.map(([mhz]) => mhz), value: sorted.map(([, value]) => value) };
}

const folder = join(import.meta.dirname, 'devices');
let builtin: Map<string, DeviceDocument> | undefined;

/** The devices that ship with the project, by name. */
export function builtinDevices(): ReadonlyMap<string, Device> {
  builtin ??= new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => [file.replace('.yaml', ''), parseDevice(readText(join(folder, file)), file)]),
  );
  return new Map([...builtin].map(([name, { device }]) => [name, device]));
}

/** A name as names are compared: without case and separators. A point is none: opt-13b is not opt-1.3b. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '');

/** A device by built-in name (case and separators aside) or alias, or from a YAML file. Throws InputError with the nearest names. */
export function deviceNamed(name: string): Device {
  if (/\.ya?ml$/i.test(name)) return readDeviceFile(name);
  const devices = builtinDevices();
  for (const device of devices.values()) {
    if ([device.name, ...device.aliases].some((known) => plainName(known) === plainName(name))) return device;
  }
  throw new InputError(`Unknown GPU "${name}".${suggest(name, [...devices.values()].flatMap((device) => [device.name, ...device.aliases]))} A YAML file describes any other.`);
}
