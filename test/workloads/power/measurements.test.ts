import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { parseCsv } from '../../../src/io/csv.js';
import { deviceNamed } from '../../../workloads/power/deviceFile.js';
import { isImageTable, parseImageMeasurements } from '../../../workloads/power/imageMeasurements.js';
import { gemm } from '../../../workloads/power/kernel.js';
import { parseMeasurements, readMeasurements, readWorkloads, rooflineMs } from '../../../workloads/power/measurements.js';
import type { Workload } from '../../../workloads/power/workload.js';
import { partOf } from '../../../workloads/power/workload.js';
import { temporaryFolder } from '../../support/cli.js';
import { hasSharedData } from '../../support/data.js';
import { fileWith, measurementsFile, roundDevice, workloadsFolder } from './support.js';

// 100 TFLOP at 100 TFLOP/s: no less than a second.
const heavy: Workload = { name: 'net_b1', parts: [partOf('p', [gemm(10000, 10000, 500000, 'bf16')])] };
const lists = new Map([['net_b1', () => heavy]]);
const parse = (body: string) => parseMeasurements(parseCsv(`workload,energy,time,avg_freq,temp\n${body}`, 'm.csv'), lists, roundDevice);

describe('parseMeasurements', () => {
  it('joins a row with its list by the name up to _freq, eager attention or not', () => {
    const { measurements } = parse('net_b1_freq900_iter3.csv,200,2000,1000,50\nnet_b1_attneager_freq900.csv,200,2000,980,50\nnet_b1,200,2000,1000,50\n');
    expect(measurements.map(({ family, powerW, clockMhz, nominalClockMhz }) => [family, powerW, clockMhz, nominalClockMhz])).toEqual([
      ['net', 100, 1000, 900], ['net', 100, 980, 900], ['net', 100, 1000, 1000],
    ]);
  });

  it.each([
    ['net_b1,100,999,1000,50', /999\.0 ms is below the roofline bound of 1000\.0 ms/],
    ['net_b1,100,1900,500,50', /1900\.0 ms is below the roofline bound of 2000\.0 ms/],
    ['net_b1,2000,2000,1000,50', /1000 W is above the board limit of 300 W/],
    ['net_b1,200,2000,3000,50', /3000 MHz is above the device's 1000 MHz/],
    ['net_b2,200,2000,1000,50', /no kernel list named net_b2/],
    ['net_b1,20,2000,1000,50', /10\.0 W is far below the idle power of 50\.0 W/],
  ])('drops %s with the reason', (row, why) => {
    const { measurements, dropped } = parse(`${row}\n`);
    expect(measurements).toEqual([]);
    expect(dropped[0]!.why).toMatch(why);
  });

  it.each([
    ['net_b1,200,0,1000,50', /m\.csv, line 2, column "time": expected a number above zero, found 0/],
    ['net_b1,-2,2000,1000,50', /line 2, column "energy"/],
    ['net_b1,nan,2000,1000,50', /line 2, column "energy": expected a finite number, found "nan"/],
    ['net_b1,1,2000,1000,50\nnet_b1,1,2000,,50', /line 3, column "avg_freq"/],
  ])('refuses %s', (body, message) => expect(() => parse(body)).toThrow(message));

  it.each([
    ['time,energy\n1,2\n', /has no column "workload"/],
    ['workload,energy,time,avg_freq\n', /holds no measurements, only a header/],
    ['workload,energy,time,avg_freq\na,1\n', /not a valid CSV file: .*line 2/],
    ['', /is empty/],
  ])('refuses the file %j', (text, message) => {
    const file = fileWith('m.csv', text);
    expect(() => readMeasurements(file, lists, roundDevice)).toThrow(InputError);
    expect(() => readMeasurements(file, lists, roundDevice)).toThrow(message);
  });

  it('refuses a folder without lists', () => {
    expect(() => readWorkloads('/nowhere')).toThrow(/Cannot read the folder of kernel lists \/nowhere: no such folder/);
    expect(() => readWorkloads(temporaryFolder())).toThrow(/holds no kernel lists; expected \.json files/);
  });
});

describe('rooflineMs', () => {
  it('is the slower of FLOP and bytes of each kernel, less what L2 can hold', () => {
    const small: Workload = { name: 's', parts: [partOf('p', [gemm(100, 100, 100, 'bf16')], 5)] };
    expect(rooflineMs(heavy, roundDevice, 500)).toBeCloseTo(2000, 6);
    expect(rooflineMs(small, roundDevice, 1000)).toBeCloseTo((5 * 2e6) / 100e9, 9);
    const thin: Workload = { name: 't', parts: [partOf('p', [gemm(100000, 1, 100000, 'bf16')])] };
    expect(rooflineMs(thin, roundDevice, 1000)).toBeCloseTo((2e10 + 4e5 - 10e6) / 1e9, 6);
  });
});

describe.skipIf(!hasSharedData)('the measured files', () => {
  it('drops the run that died of memory, and nothing else that has a list', () => {
    const set = readMeasurements(measurementsFile('a10'), readWorkloads(workloadsFolder), deviceNamed('A10'));
    const impossible = set.dropped.filter(({ why }) => !why.startsWith('no kernel list'));
    expect(set.measurements.length).toBe(51);
    expect(impossible.map(({ workload }) => workload)).toEqual(['optmodel_opt-1p3b_pbf16_b8_s2048_modeprefill_attneager_freq900_iter13.csv']);
  });
});

describe('parseImageMeasurements', () => {
  const header = 'Model,GPU,Batch latency (s),Batch size,Denoising steps,Energy/image (J)\n';
  const table = parseCsv(
    `${header}o/stable-diffusion-xl-base-1.0,NVIDIA A100-SXM4-40GB,2.86,1,25,1104\no/unheard-of,NVIDIA A100-SXM4-40GB,2,1,25,100\no/sdxl-turbo,NVIDIA H100 80GB HBM3,2,1,25,100\no/a-video-model,NVIDIA A100-SXM4-40GB,2,1,25,\n`,
    'i.csv',
  );

  it('takes the rows of its device, with the built-in model of the checkpoint', () => {
    expect(isImageTable(table)).toBe(true);
    const { measurements, dropped } = parseImageMeasurements(table, deviceNamed('A100-SXM4-40GB'));
    expect(measurements).toHaveLength(1);
    expect(measurements[0]).toMatchObject({ family: 'sdxl', timeMs: 2860 });
    expect(measurements[0]!.powerW).toBeCloseTo(1104 / 2.86, 6);
    expect(dropped.map(({ why }) => why)).toEqual(['no kernel list: the model is not built in', 'no kernel list: the model is not built in']);
  });
});
