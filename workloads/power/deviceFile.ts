import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { parseYaml, validate } from '../../src/io/config.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';
import { recognise } from './chipIdentity.js';
import type { ClockCurve, Device } from './device.js';
import { flopPerCyclePerSm, typicalVoltage } from './device.js';
import type { Precision } from './kernel.js';

const positive = z.number().positive().finite();
const curve = z.record(z.string().regex(/^\d+(\.\d+)?$/, 'expected a clock in MHz'), positive);

/** The fields of a device file, in the units of EnergAIzer's `config/gpu/*.yaml`, and some of our own. */
const fields = z.strictObject({
  dram_bw: positive.describe('GB/s'),
  dram_freq: positive.describe('MHz').optional(),
  memory: z.enum(['hbm', 'gddr']).optional(),
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
  l2_bw: positive.describe('bytes/cycle').optional(),
  link_bw: positive.describe('GB/s to other devices, both directions together').optional(),
  xu_bw_per_sm: positive.optional(),
  idle_power: z.union([positive, curve]).describe('W, or W by MHz').optional(),
  supply_voltage: curve.describe('mV by MHz').optional(),
  process_energy: positive.optional(),
});
const document = z.strictObject({ gpu_configs: fields, source: z.string().optional(), aliases: z.array(z.union([z.string(), z.number()])).optional() });
type Fields = z.infer<typeof fields>;

/** Idle power where no figure is given, as a share of the board limit: that of the A100 PCIe at 900 MHz. */
const idleShare = 0.19;
/** An HBM stack is a wide, slow bus: over a thousand bytes a clock of its sheet, where GDDR moves a few hundred at most. */
const hbmBytesPerClock = 600;
/** Where no memory clock is given: no board has had this much GDDR memory, or this much bandwidth of it. */
const [hbmGb, hbmGbPerS] = [64, 1900] as const;
/** Chips with fp8 units are made in processes of TSMC's 5 nm family or later, which spend 30 % less than N7 (TSMC). */
const laterProcessEnergy = 0.7;
/** Bytes that an SM takes from L2 in a cycle, where no figure is given: the A100 white paper's 5,120 over 108 SMs. */
const l2BytesPerCyclePerSm = 47.4;
/** PCIe 4.0 x16, both directions. */
const pcieGbPerS = 64;
/**
 * FLOP a cycle of an SM that tensor cores have had, from Volta's 1,024 to Blackwell's 8,200 with room to either side. A
 * systolic array of 128 x 128 starts 32,768: such a chip has no SMs that tiles could fill in waves.
 */
const [leastFlopPerCycle, mostFlopPerCycle] = [128, 20_000] as const;

/**
 * Reads a device from a YAML file of the shape of EnergAIzer's `config/gpu/*.yaml`, of which only figures that stand on
 * data sheets must be given. If it describes a built-in chip, or nearly, that chip's figures are taken and the difference
 * is noted. Throws InputError (file, field, what was found), also for a chip that is no array of SMs.
 */
export function readDeviceFile(file: string): Device {
  const { device, said } = parseDevice(readText(file), file);
  const flopPerCycle = flopPerCyclePerSm(device, 'bf16', true);
  if (flopPerCycle < leastFlopPerCycle || flopPerCycle > mostFlopPerCycle) {
    throw new InputError(
      `${file}, gpu_configs: ${device.smCount} SMs with these peaks would start ${Math.round(flopPerCycle)} FLOP a cycle each; expected ${leastFlopPerCycle} to ${mostFlopPerCycle}, for the model fits GPUs only, not chips of a few large matrix units such as a TPU.`,
    );
  }
  return recognise(device, said, [...builtinDevices().values()]);
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
  const clocks = Object.keys({ ...(typeof config.idle_power === 'object' ? config.idle_power : {}), ...config.supply_voltage }).map(Number);
  const max = Math.max(config.sm_max_freq, ...clocks);
  const idle = config.idle_power ?? idleShare * config.power_cap;
  const device: Device = {
    name: basename(file).replace(/\.ya?ml$/i, ''),
    aliases: aliases.map(String),
    smCount: config.num_sm,
    minClockMhz: config.sm_min_freq ?? Math.min(210, max),
    maxClockMhz: max,
    peakClockMhz: config.sm_max_freq,
    tensorTflops: peaks(config, 'tc'),
    cudaTflops: peaks(config, 'cuda'),
    dramGbPerS: config.dram_bw,
    dramGb: config.dram_size,
    memory: config.memory ?? memoryOf(config),
    l2Mb: config.l2_size,
    l2BytesPerCycle: config.l2_bw ?? l2BytesPerCyclePerSm * config.num_sm,
    linkGbPerS: config.link_bw ?? pcieGbPerS,
    powerCapW: config.power_cap,
    idlePowerW: typeof idle === 'number' ? { mhz: [max], value: [idle] } : toCurve(idle),
    voltageMv: config.supply_voltage === undefined
      ? { mhz: typicalVoltage.mhz.map((share) => share * max), value: typicalVoltage.value }
      : toCurve(config.supply_voltage),
    processEnergy: config.process_energy ?? (config.tc_fp8_flops === undefined ? 1 : laterProcessEnergy),
    notes: [],
  };
  return { device, said: new Set(Object.keys(config)) };
}

function peaks(config: Fields, unit: 'tc' | 'cuda'): Partial<Record<Precision, number>> {
  return Object.fromEntries(
    (['fp64', 'fp32', 'fp16', 'bf16', 'fp8', 'int8'] as const).flatMap((precision) => {
      const value = (config as Record<string, unknown>)[`${unit}_${precision}_flops`];
      return value === undefined ? [] : [[precision, value]];
    }),
  );
}

function memoryOf(config: Fields): Device['memory'] {
  const wide = config.dram_freq === undefined
    ? config.dram_size >= hbmGb || config.dram_bw >= hbmGbPerS
    : (config.dram_bw * 1000) / config.dram_freq > hbmBytesPerClock;
  return wide ? 'hbm' : 'gddr';
}

function toCurve(points: Record<string, number>): ClockCurve {
  const sorted = Object.entries(points).map(([mhz, value]) => [Number(mhz), value] as const).sort((a, b) => a[0] - b[0]);
  return { mhz: sorted.map(([mhz]) => mhz), value: sorted.map(([, value]) => value) };
}

const folder = join(import.meta.dirname, 'devices');
let builtin: ReadonlyMap<string, Device> | undefined;

/** The devices that ship with the project, by name. */
export function builtinDevices(): ReadonlyMap<string, Device> {
  builtin ??= new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => [file.replace('.yaml', ''), parseDevice(readText(join(folder, file)), file).device]),
  );
  return builtin;
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
