import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { parseKernels, readKernelFile } from '../../../workloads/power/kernelFile.js';
import { workloadOf } from '../../../workloads/power/presets/catalogue.js';
import { workloadTotals } from '../../../workloads/power/workload.js';
import { hasSharedData } from '../../support/data.js';
import { fileWith, workloadsFolder } from './support.js';

const gemm = { batch: 2, dimM: 8, dimN: 16, dimK: 4, precM: 'bf16', precA: 'bf16', useTensorCore: true };
const list = (...entries: unknown[]): unknown => entries;

describe('parseKernels', () => {
  it('reads every kernel class with its FLOP and bytes', () => {
    const workload = parseKernels(
      list(
        [gemm, ['gemm', 'tc', 'bf16_bf16']],
        [{ dim: 100, op: 'pointwise_add', prec: 'bf16' }, ['elementwise']],
        [{ dim: 100, op: 'typecast_to_fp32', prec: 'bf16' }, ['elementwise']],
        [{ batch: 3, dim: 10, prec: 'fp32' }, ['softmax', 'fp32']],
        [{ batch: 1, dimM: 2 * 16, dimN: 8, dimK: 27, precM: 'fp16', precA: 'fp16', useTensorCore: true, b: 2, m: 8, c: 3, hw: 4, rs: 3, stride: 1, padding: 1 }, ['conv2d', 'tc', 'fp16_fp16']],
        [{ batch_size: 2, num_heads: 4, seq_len: 8, head_dim: 16, multi_query_ratio: 2, precM: 'bf16' }, ['sdpa']],
      ),
      'x.json',
    );
    expect(workloadTotals(workload)).toEqual({
      flop: 2 * 2 * 8 * 16 * 4 + 2 * 32 * 8 * 27 + 4 * 2 * 4 * 8 * 8 * 16,
      bytes: 2 * 2 * (8 * 4 + 4 * 16 + 8 * 16) + 100 * 3 * 2 + 100 * (2 + 4) + 30 * 8 + 2 * (2 * 3 * 16 + 27 * 8 + 32 * 8) + 2 * 2 * 16 * (2 * 4 * 8 + 2 * 2 * 8),
      kernels: 6,
    });
  });

  it('counts equal kernels together, and leaves out what fusion leaves out', () => {
    const fused = { dim: 10, op: 'relu', prec: 'bf16', fusion: true, fusion_ignore_in: true, fusion_ignore_out: false };
    const workload = parseKernels(list([gemm, ['gemm']], [gemm, ['gemm']], [fused, ['elementwise']]), 'x.json');
    expect(workload.parts[0]!.kernels.map(({ count }) => count)).toEqual([2, 1]);
    expect(workload.parts[0]!.kernels[1]!.kernel).toMatchObject({ readBytes: 0, writeBytes: 2 });
  });

  it('takes the middle of an inverted residual for depthwise, that of a bottleneck not', () => {
    const conv = (channels: number, out: number, filter: number): unknown => [
      { batch: 1, dimM: 64, dimN: out, dimK: channels * filter * filter, precM: 'bf16', precA: 'bf16', useTensorCore: true, b: 1, m: out, c: channels, hw: 8, rs: filter, stride: 1, padding: 0 },
      ['conv2d', 'tc'],
    ];
    const groups = (document: unknown): unknown[] => parseKernels(document, 'x.json').parts[0]!.kernels.map(({ kernel }) => (kernel as { groups: number }).groups);
    expect(groups(list(conv(16, 64, 1), conv(64, 64, 3), conv(64, 24, 1)))).toEqual([1, 64, 1]);
    expect(groups(list(conv(256, 64, 1), conv(64, 64, 3), conv(64, 256, 1)))).toEqual([1, 1, 1]);
  });

  it.each([
    [{}, /x\.json holds no kernels/],
    [[], /x\.json holds no kernels/],
    [[5], /x\.json, kernel 1: expected a pair .* found 5/],
    [[[gemm, ['gemm']], [{ ...gemm, dimM: -1 }, ['gemm']]], /kernel 2, "dimM": expected a whole number of at least 1, found -1/],
    [[[{ ...gemm, dimK: 1.5 }, ['gemm']]], /"dimK".*found 1\.5/],
    [[[{ ...gemm, dimK: '8' }, ['gemm']]], /"dimK".*found "8"/],
    [[[{ ...gemm, dimK: null }, ['gemm']]], /"dimK".*found null/],
    [[[{ ...gemm, precM: 'bf17' }, ['gemm']]], /unknown precision "bf17"\. Did you mean "bf16"/],
    [[[{ ...gemm, useTensorCore: 1 }, ['gemm']]], /"useTensorCore": expected true or false, found 1/],
    [[[gemm, ['gem']]], /unknown kernel class "gem"\. Did you mean "gemm"/],
    [[[{ dim: 10, prec: 'bf16' }, ['elementwise']]], /"op": expected a text, found nothing/],
  ])('refuses %j in one sentence', (document, message) => {
    expect(() => parseKernels(document, 'x.json')).toThrow(InputError);
    expect(() => parseKernels(document, 'x.json')).toThrow(message);
  });

  it('names the line of broken JSON', () => {
    expect(() => readKernelFile(fileWith('k.json', '[\n[{"dim": 1,}, ["elementwise"]]\n]'))).toThrow(/k\.json, line 2, is not valid JSON/);
  });
});

describe.skipIf(!hasSharedData)('presets against traced lists', () => {
  const names = { bertmodel_large: 'bert-large', gpt2model_gpt2: 'gpt2', 'optmodel_opt-1p3b': 'opt-1.3b', vitmodel_large: 'vit-large', resnet101_: 'resnet-101' };
  const files = hasSharedData ? readdirSync(workloadsFolder) : [];

  it.each(Object.entries(names))('%s: FLOP, bytes and kernels of every list', (prefix, model) => {
    const own = files.filter((file) => file.startsWith(prefix));
    expect(own.length).toBeGreaterThan(2);
    for (const file of own) {
      const [, batch, seq = '1'] = /_b(\d+)(?:_s(\d+))?/.exec(file)!;
      const traced = workloadTotals(readKernelFile(join(workloadsFolder, file)));
      const built = workloadTotals(workloadOf(model, { batch: Number(batch), seq: Number(seq) }));
      expect(built.flop / traced.flop).toBeCloseTo(1, 4);
      expect(built.bytes / traced.bytes).toBeCloseTo(1, 3);
      expect(built.kernels).toBe(traced.kernels);
    }
  });
});
