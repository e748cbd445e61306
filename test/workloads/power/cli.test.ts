import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { runCalibrate, runCompare, runEstimate, runValidate } from '../../../workloads/power/commands.js';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';
import { hasSharedData } from '../../support/data.js';
import { fileWith, measurementsFile, workloadsFolder } from './support.js';

const json = (args: readonly string[]): Record<string, unknown> => {
  const { status, stdout, stderr } = jouleflow([...args, '--json']);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const aGemm = JSON.stringify([[{ batch: 1, dimM: 4096, dimN: 4096, dimK: 4096, precM: 'bf16', precA: 'bf16', useTensorCore: true }, ['gemm', 'tc', 'bf16_bf16']]]);

describe('jouleflow power', () => {
  it('estimates a model and a kernel list', () => {
    const keys = ['timeMs', 'powerW', 'energyJ', 'interval', 'byKernel', 'byModule', 'estimateMs'];
    expect(Object.keys(json(['power', 'estimate', '--model', 'opt-1.3b', '--gpu', 'A100', '--batch', '8', '--seq', '512', '--clock', '900']))).toEqual(expect.arrayContaining(keys));
    expect(json(['power', 'estimate', '--workload', fileWith('w.json', aGemm), '--gpu', 'A10'])).toMatchObject({ gpu: 'A10', flop: 2 * 4096 ** 3, kernels: 1 });
  });

  it('prints for people', () => {
    const { stdout, status } = jouleflow(['power', 'estimate', '--model', 'gpt2', '--gpu', 'L40S']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/not calibrated: forecast from its data sheet/);
  });

  it('compares, and draws the figure', () => {
    const figure = join(temporaryFolder(), 'c.png');
    const { best } = json(['power', 'compare', '--model', 'sdxl', '--steps', '30', '--gpus', 'A100,H100,L40S', '--out', figure]);
    expect(best).toHaveLength(3);
    expect(readFileSync(figure).subarray(1, 4).toString()).toBe('PNG');
  });

  it.skipIf(!hasSharedData)('calibrates, and validates with what it wrote', () => {
    const out = join(temporaryFolder(), 'a10.json');
    const source = ['--measurements', measurementsFile('a10'), '--workloads', workloadsFolder, '--gpu', 'A10'];
    expect(json(['power', 'calibrate', ...source, '--out', out])).toMatchObject({ devices: [{ name: 'A10' }], provenance: { sources: [{ file: 'a10.csv', rows: 51 }] } });
    const report = json(['power', 'validate', ...source, '--calibration', out]);
    expect(Object.keys(report)).toEqual(expect.arrayContaining(['rows', 'dropped', 'mape', 'p95', 'byFamily', 'baselines', 'detail', 'msPerEstimate']));
    expect(report).toMatchObject({ rows: 51, holdout: 'none' });
    expect((report as { mape: { power: number } }).mape.power).toBeLessThan(5);
  });

  it.each([
    [['estimate', '--model', 'opt-1.3b', '--gpu', 'H1000'], /Unknown GPU "H1000"\. Did you mean "H100"/],
    [['estimate', '--model', 'gpt2', '--gpu', 'A100', '--clock', 'fast'], /--clock: expected a number, found "fast"/],
  ])('refuses %j', (args, message) => expect(refused(['power', ...args])).toMatch(message));

  const alone = { tensorParallel: 1, expertParallel: 1, dataParallel: 1, ulysses: 1, ring: 1 } as const;
  const size = { model: 'gpt2', workload: undefined, batch: 1, seq: 512, output: 64, steps: 25, phase: 'prefill', gpu: 'A100', ...alone } as const;
  it.each([
    [{ model: 'opt-1.3bb' }, /Unknown model "opt-1\.3bb"\. Did you mean "opt-1\.3b"/],
    [{ model: undefined }, /Name one of a model/],
    [{ workload: 'x.json' }, /Name one of a model/],
    [{ batch: -1 }, /--batch: expected a whole number/],
    [{ clock: 99999 }, /cannot run at 99999 MHz; expected 210 to/],
    [{ model: 'opt-1.3b', gpu: 'A10', batch: 64, seq: 2048 }, /needs about \d+\.\d GB and A10 has 24 GB/],
    [{ model: undefined, workload: 'nowhere.json' }, /Cannot read nowhere\.json/],
    [{ calibration: 'nowhere.json' }, /Cannot read nowhere\.json/],
  ])('refuses an estimate with %j', (change, message) => {
    expect(() => runEstimate({ ...size, ...change })).toThrow(InputError);
    expect(() => runEstimate({ ...size, ...change })).toThrow(message);
  });

  it('refuses comparisons, validations and calibrations without their files', () => {
    expect(() => runCompare({ ...size, gpus: ',', out: 'x.png' })).toThrow(/--gpus: expected at least one GPU/);
    expect(() => runValidate({ measurements: 'nowhere.csv', workloads: '.', gpu: 'A100' })).toThrow(/Cannot read nowhere\.csv/);
    expect(() => runValidate({ measurements: fileWith('m.csv', 'workload,energy,time,avg_freq\nw,1,5,900\n'), gpu: 'A100' })).toThrow(/--workloads: expected the folder/);
    expect(() => runCalibrate({ measurements: ['a', 'b', 'c'], workloads: '.', gpu: ['A100', 'A10'], out: 'x' })).toThrow(/--gpu: expected one GPU, or one for each of the 3 files/);
  });

  it('refuses broken files, and writes nothing', () => {
    const out = join(temporaryFolder(), 'c.json');
    const rows = fileWith('m.csv', 'workload,energy,time,avg_freq\nw,1,-5,900\n');
    const folder = join(fileWith('w.json', aGemm), '..');
    expect(refused(['power', 'calibrate', '--measurements', rows, '--workloads', folder, '--gpu', 'A100', '--out', out])).toMatch(/m\.csv, line 2, column "time": expected a number above zero, found -5/);
    expect(existsSync(out)).toBe(false);
    expect(refused(['power', 'estimate', '--workload', fileWith('k.json', '[1,\n2,,]'), '--gpu', 'A100'])).toMatch(/k\.json, line 2, is not valid JSON/);
    expect(refused(['power', 'estimate', '--model', 'gpt2', '--gpu', 'A100', '--calibration', fileWith('c.json', '{}')])).toMatch(/c\.json is no power calibration: "format"/);
  });
});
