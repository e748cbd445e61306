import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCsv, readCsv } from '../../../src/io/csv.js';
import { InputError } from '../../../src/io/errors.js';
import { deviceNamed } from '../../../workloads/power/deviceFile.js';
import { runValidate } from '../../../workloads/power/commands.js';
import { fuse } from '../../../workloads/power/fuse.js';
import { elementwise, gemm, reduction } from '../../../workloads/power/kernel.js';
import { parseServedMeasurements } from '../../../workloads/power/servedMeasurements.js';
import { jouleflow, refused } from '../../support/cli.js';
import { hasSharedData, sharedData } from '../../support/data.js';
import { fileWith } from './support.js';

const columns = 'avg_batch_size,avg_output_len,avg_power_watts,data_parallel,energy_per_token_joules,expert_parallel,gpu_model,max_num_seqs,median_itl_ms,model_id,num_gpus,output_throughput_tokens_per_sec,tensor_parallel,weight_precision';
const row = (change: Record<string, string> = {}): string => {
  const cells: Record<string, string> = {
    avg_batch_size: '8', avg_output_len: '400', avg_power_watts: '480', data_parallel: '1', energy_per_token_joules: '0.45', expert_parallel: '1', gpu_model: 'H100', max_num_seqs: '8', median_itl_ms: '7.3',
    model_id: 'meta-llama/Llama-3.1-8B-Instruct', num_gpus: '1', output_throughput_tokens_per_sec: '1067', tensor_parallel: '1', weight_precision: 'bfloat16', ...change,
  };
  return columns.split(',').map((column) => cells[column]).join();
};
const parse = (...rows: string[]) => parseServedMeasurements(parseCsv(`${columns}\n${rows.join('\n')}\n`, 'v3.csv'), deviceNamed('H100'), 'served');
const v3 = (name: string): string => join(sharedData, 'aigc', 'mlenergy_v3', `${name}_h100.csv`);

describe('parseServedMeasurements', () => {
  it('takes energy by the token, time by the middle pass, and parallelism from the columns', () => {
    const { measurements: [one] } = parse(row());
    expect(one).toMatchObject({ family: 'llama-3.1-8b', items: 8, clockMhz: null, typical: { timeMs: 7.3 } });
    expect((one!.timeMs * one!.powerW) / 1e3 / 8).toBeCloseTo(0.45, 2);
    const { measurements: [two] } = parse(row({ num_gpus: '2', expert_parallel: '2', model_id: 'Qwen/Qwen3-30B-A3B-Instruct-2507', avg_power_watts: '700' }));
    expect(two!.workload.devices).toBe(2);
    expect(two!.workload.parts[0]!.kernels.filter(({ kernel }) => 'grouped' in kernel).map(({ kernel }) => kernel)).toEqual([
      expect.objectContaining({ n: 2 * 768, k: 2048 }), expect.objectContaining({ n: 2048, k: 768 }),
    ]);
  });

  it('leaves out other GPUs, and lists what it cannot build', () => {
    const { measurements, dropped } = parse(row({ gpu_model: 'B200' }), row({ model_id: 'openai/gpt-oss-20b' }), row({ weight_precision: 'mxfp4' }));
    expect(measurements).toEqual([]);
    expect(dropped.map(({ why }) => why)).toEqual([expect.stringMatching(/not built in/), expect.stringMatching(/weights in mxfp4 are not modelled/)]);
  });

  it.each([
    [row({ avg_power_watts: '-1' }), /v3\.csv, line 2, column "avg_power_watts": expected a number above zero, found -1/],
    [row({ median_itl_ms: 'fast' }), /line 2, column "median_itl_ms": expected a finite number, found "fast"/],
    [row({ num_gpus: '1.5' }), /column "num_gpus": expected a whole number, found 1.5/],
    [row({ num_gpus: '3' }), /32 attention heads do not divide by 3/],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(InputError);
    expect(() => parse(text)).toThrow(message);
  });
});

describe('fuse', () => {
  it('makes one pass of a run over one size, and moves no more than its ends', () => {
    const chain = [elementwise('pointwise_add', 1000, 'bf16'), reduction('layernorm', 10, 100, 'bf16'), elementwise('pointwise_mul', 1000, 'bf16'), gemm(10, 10, 10, 'bf16'), elementwise('relu', 100, 'bf16')];
    const fused = fuse(chain);
    expect(fused.map(({ kind }) => kind)).toEqual(['layernorm', 'gemm', 'elementwise']);
    // Both operands of the sum, one more of the product; the result once.
    expect(fused[0]).toMatchObject({ readBytes: 4 + 2, writeBytes: 2 });
  });
});

describe.skipIf(!hasSharedData)('on served models', () => {
  it.each(['lm-arena-chat', 'text-to-image', 'text-to-video'])('%s: reads every row, and knows every model', (name) => {
    const { measurements, dropped } = parseServedMeasurements(readCsv(v3(name)), deviceNamed('H100'), 'served');
    expect(dropped).toEqual([]);
    expect(measurements.length).toBeGreaterThan(60);
  });

  it('holds each video model out, and stays near', () => {
    const { median, byDevices, rows, byFamily } = runValidate({ measurements: v3('text-to-video'), gpu: 'H100' });
    expect(rows).toBe(91);
    expect(byFamily).toHaveLength(2);
    expect(byDevices.map(({ devices }) => devices)).toEqual([1, 2, 4, 8]);
    for (const quantity of ['time', 'energy'] as const) expect(median[quantity]).toBeLessThan(30);
  });

  it('tests the shipped calibration as the command promises', () => {
    const { status, stdout } = jouleflow(['power', 'validate', '--measurements', v3('lm-arena-chat'), '--gpu', 'H100', '--calibration', 'builtin', '--holdout', 'none', '--json']);
    expect(status).toBe(0);
    const { median, dropped, coverage } = JSON.parse(stdout) as { median: Record<string, number>; dropped: unknown[]; coverage: { time: number } };
    expect(median['time']).toBeLessThan(12);
    expect(median['energy']).toBeLessThan(15);
    expect(coverage.time).toBeGreaterThan(0.8);
    expect(dropped).toEqual([]);
  });
});

describe('jouleflow power estimate, served', () => {
  const estimate = (...args: string[]): Record<string, number> => {
    const { status, stdout, stderr } = jouleflow(['power', 'estimate', ...args, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Record<string, number>;
  };

  it('says what a service is judged by', () => {
    const request = estimate('--model', 'llama-3.1-8b', '--gpu', 'H100', '--batch', '16', '--phase', 'request', '--seq', '400', '--output', '200');
    expect(request['joulesPerToken']! * 16 * 200).toBeCloseTo(request['energyJ']!, 6);
    expect((16 * 200 * 1e3) / request['tokensPerSecond']!).toBeCloseTo(request['timeMs']!, 6);
    expect(request['timeToFirstTokenMs']).toBeGreaterThan(10);
    expect(request['timeToFirstTokenMs']).toBeLessThan(0.5 * request['timeMs']!);
    const image = estimate('--model', 'flux.1', '--gpu', 'B200', '--batch', '2', '--steps', '20', '--ulysses', '4');
    expect(image['joulesPerImage']! * 2).toBeCloseTo(image['energyJ']!, 6);
    expect(image['devices']).toBe(4);
  });

  it('reads a hub configuration', () => {
    const config = fileWith('config.json', JSON.stringify({ model_type: 'llama', num_hidden_layers: 32, hidden_size: 4096, intermediate_size: 14336, num_attention_heads: 32, num_key_value_heads: 8, vocab_size: 128256 }));
    const [own, builtin] = [['--model-config', config], ['--model', 'llama-3.1-8b']].map((which) => estimate(...which, '--gpu', 'H100', '--phase', 'decode')['timeMs']);
    expect(own).toBe(builtin);
  });

  it.each([
    [['--model', 'llama-3.1-8b', '--gpu', 'A100', '--precision', 'fp8'], /A100-40GB has no tensor cores for fp8/],
    [['--model', 'llama-3.1-70b', '--gpu', 'H100', '--tensor-parallel', '5'], /do not divide by 5/],
    [['--model', 'llama-3.1-70b', '--gpu', 'H100'], /needs about 14\d\.\d GB and H100-SXM has 80 GB; try/],
    [['--model-config', 'nowhere.json', '--gpu', 'H100'], /nowhere\.json/],
    [['--model-config', fileWith('config.json', '{"model_type": "mamba"}'), '--gpu', 'H100'], /config\.json, "model_type": unknown architecture "mamba"/],
    [['--model', 'gpt2', '--gpu', 'H100', '--host-launch-us', '0'], /--host-launch-us: expected microseconds above zero, found 0/],
  ])('refuses %j in one sentence', (args, message) => expect(refused(['power', 'estimate', ...args])).toMatch(message));
});
