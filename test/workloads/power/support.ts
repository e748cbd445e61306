import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../../../workloads/power/device.js';
import { deviceNamed } from '../../../workloads/power/deviceFile.js';
import { sharedData } from '../../support/data.js';
import { temporaryFolder } from '../../support/cli.js';

export const powerData = join(sharedData, 'power');
export const measurementsFile = (name: string): string => join(powerData, 'measurements', `${name}.csv`);
export const workloadsFolder = join(powerData, 'workloads');

/** A device whose figures make hand calculation easy: 100 SMs of 1000 FLOP a cycle at 1 GHz. */
export const roundDevice: Device = {
  ...deviceNamed('A100'),
  name: 'round',
  smCount: 100,
  minClockMhz: 200,
  maxClockMhz: 1000,
  peakClockMhz: 1000,
  tensorTflops: { bf16: 100 },
  cudaTflops: { fp32: 10 },
  dramGbPerS: 1000,
  dramGb: 10,
  l2Mb: 10,
  l2BytesPerCycle: 5000,
  linkGbPerS: 64,
  powerCapW: 300,
  idlePowerW: { mhz: [1000], value: [50] },
  voltageMv: { mhz: [500, 1000], value: [500, 1000] },
};

export function fileWith(name: string, content: string): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}
