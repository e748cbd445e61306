import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { modelled } from '../../../workloads/power/calibration.js';
import { at, checkPrecision } from '../../../workloads/power/device.js';
import { builtinDevices, deviceNamed, readDeviceFile } from '../../../workloads/power/deviceFile.js';
import { hasSharedData } from '../../support/data.js';
import { fileWith, powerData } from './support.js';

const sheet = `gpu_configs:
  dram_bw: 500 # GB/s
  dram_freq: 6000
  cuda_fp32_flops: 20
  tc_fp16_flops: 100
  sm_max_freq: 1500
  num_sm: 60
  dram_size: 16
  power_cap: 200
  l2_size: 4
`;

describe('devices', () => {
  it('names those built in, whatever the case and separators', () => {
    expect([...builtinDevices().keys()]).toEqual(['A10', 'A100-40GB', 'A100-80GB', 'A100-SXM4-40GB', 'B200', 'H100-PCIe', 'H100-SXM', 'H200', 'L40S', 'MI300X', 'RTX4090', 'RTX5090']);
    expect(deviceNamed('a100').name).toBe('A100-40GB');
    expect(deviceNamed('A100 80GB').name).toBe('A100-80GB');
    expect(deviceNamed('h100').name).toBe('H100-SXM');
  });

  it('reads a data sheet with what it leaves out assumed', () => {
    const device = readDeviceFile(fileWith('x.yaml', sheet));
    expect(device).toMatchObject({ name: 'x', smCount: 60, dramGbPerS: 500, memory: 'gddr', tensorTflops: { fp16: 100 }, minClockMhz: 210, processEnergy: 1 });
    expect(at(device.idlePowerW, 900)).toBeCloseTo(38, 6);
    expect(at(device.voltageMv, 1500) / at(device.voltageMv, 300)).toBeCloseTo(1 / 0.776, 6);
  });

  it('reads idle power and voltage by clock, in any order of clocks', () => {
    const device = readDeviceFile(fileWith('x.yml', `${sheet}  idle_power: {1500: 60, 300: 40}\n  supply_voltage: {300: 700, 1500: 1000}\n`));
    expect(at(device.idlePowerW, 900)).toBeCloseTo(50, 9);
    expect(at(device.voltageMv, 100)).toBe(700);
    expect(at(device.voltageMv, 9000)).toBe(1000);
  });

  it.skipIf(!hasSharedData)('knows a built-in device by its figures, not by the name of the file', () => {
    const file = readDeviceFile(join(powerData, 'gpu', 'yz8.yaml'));
    const { idlePowerW, voltageMv, tensorTflops, powerCapW } = deviceNamed('A100');
    expect(file).toMatchObject({ name: 'yz8', idlePowerW, voltageMv, tensorTflops, powerCapW });
    expect(readDeviceFile(join(powerData, 'gpu', 'h100sxm.yaml')).processEnergy).toBe(0.7);
  });

  const h100 = (change: Record<string, number> = {}): string => {
    const figures = { cuda_fp32_flops: 66.9, tc_bf16_flops: 989.4, sm_max_freq: 1830, num_sm: 132, dram_bw: 3352, dram_size: 80, power_cap: 700, l2_size: 50, ...change };
    return `gpu_configs:\n${Object.entries(figures).map(([name, value]) => `  ${name}: ${value}\n`).join('')}`;
  };

  it('knows a near copy of a built-in chip, and says what differs', () => {
    const same = readDeviceFile(fileWith('same.yaml', h100()));
    expect(same).toMatchObject({ notes: [], idlePowerW: deviceNamed('H100').idlePowerW, processEnergy: 0.7, linkGbPerS: 900, memory: 'hbm' });
    const near = readDeviceFile(fileWith('near.yaml', h100({ sm_max_freq: 1980 })));
    expect(near).toMatchObject({ peakClockMhz: 1830, maxClockMhz: 1980, idlePowerW: deviceNamed('H100').idlePowerW });
    expect(near.notes.join()).toMatch(/taken as a built-in H100-SXM, from which it differs: clock 1980 instead of 1830 MHz/);
    expect(modelled(near, 'served').basis).toBe('measured');
    const board = readDeviceFile(fileWith('nvl.yaml', h100({ dram_bw: 3938, dram_size: 94, power_cap: 400 })));
    expect(board).toMatchObject({ dramGbPerS: 3938, powerCapW: 400 });
    expect(board.notes.join()).toMatch(/the chip of the built-in H100-SXM.*power limit 400 instead of 700 W/);
    expect(modelled(board, 'served').basis).toBe('same chip');
    expect(readDeviceFile(fileWith('other.yaml', h100({ num_sm: 128 }))).notes).toEqual([]);
  });

  it('refuses a chip that is no array of SMs', () => {
    const tpu = fileWith('tpu.yaml', h100({ num_sm: 1, tc_bf16_flops: 197, sm_max_freq: 1500, dram_bw: 819, dram_size: 16, power_cap: 200 }));
    expect(() => readDeviceFile(tpu)).toThrow(InputError);
    expect(() => readDeviceFile(tpu)).toThrow(/tpu\.yaml, gpu_configs: 1 SMs with these peaks would start 131333 FLOP a cycle each; expected 128 to 20000/);
  });

  it('lacks the formats that its sheet leaves out', () => {
    expect(() => checkPrecision(deviceNamed('A100'), 'fp8')).toThrow(/A100-40GB has no tensor cores for fp8; expected bf16, fp16, int8 or fp32/);
    expect(() => checkPrecision(deviceNamed('H100'), 'fp8')).not.toThrow();
    expect(() => checkPrecision(deviceNamed('A10'), 'fp32')).not.toThrow();
  });

  it.each([
    ['gpu_configs:\n  a: [1\n', /x\.yaml.*line \d+/],
    ['power: 1\n', /x\.yaml: "gpu_configs"/],
    [sheet.replace('dram_bw: 500', 'dram_bw: -500'), /x\.yaml: "gpu_configs\.dram_bw": too small.*found -500/],
    [sheet.replace('dram_bw: 500', 'dram_bw: .nan'), /"gpu_configs\.dram_bw".*NaN/],
    [sheet.replace('dram_bw: 500', 'dram_bw: fast'), /"gpu_configs\.dram_bw".*expected number.*found "fast"/],
    [sheet.replace('num_sm: 60', 'num_sm: 60.5'), /"gpu_configs\.num_sm"/],
    [sheet.replace('num_sm', 'numsm'), /gpu_configs\.num_?sm"/],
    [`${sheet}  dram_bww: 3\n`, /unknown key "gpu_configs\.dram_bww"\. Did you mean "dram_bw"/],
    [sheet.replace('tc_fp16_flops: 100', 'tc_int8_flops: 100'), /expected tc_bf16_flops or tc_fp16_flops/],
  ])('refuses a bad sheet in one sentence', (text, message) => {
    const file = fileWith('x.yaml', text);
    expect(() => readDeviceFile(file)).toThrow(InputError);
    expect(() => readDeviceFile(file)).toThrow(message);
    expect(() => readDeviceFile(file)).not.toThrow(/\n/);
  });

  it.each([
    ['H10O', /Unknown GPU "H10O"\. Did you mean/],
    ['nowhere.yaml', /Cannot read nowhere\.yaml: no such file/],
  ])('refuses %s', (name, message) => expect(() => deviceNamed(name)).toThrow(message));
});
