import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { models, workloadOf } from '../../../workloads/power/presets/catalogue.js';
import { workloadTotals } from '../../../workloads/power/workload.js';

const teraFlop = (name: string, request: object): number => workloadTotals(workloadOf(name, request)).flop / 1e12;

describe('built-in models', () => {
  it.each(models.map(({ name }) => name))('%s grows with the batch, and with what it is asked to do', (name) => {
    const one = workloadTotals(workloadOf(name));
    const two = workloadTotals(workloadOf(name, { batch: 2 }));
    expect(two.flop / one.flop).toBeCloseTo(2, 1);
    expect(two.kernels).toBe(one.kernels);
    expect(workloadOf(name, { batch: 2 }).memoryBytes!).toBeGreaterThan(workloadOf(name).memoryBytes!);
  });

  // 2 FLOP a parameter and token, but for embeddings, is the usual estimate (Kaplan et al., 2020); attention comes on top.
  it.each([
    ['qwen2-1.5b', 1.31e9],
    ['llama-3-8b', 6.98e9],
    ['opt-1.3b', 1.21e9],
    ['gpt2', 85e6],
    ['bert-large', 302e6],
  ])('%s spends about 2 FLOP a parameter and token', (name, parameters) => {
    expect(teraFlop(name, { batch: 1, seq: 128 }) / ((2 * parameters * 128) / 1e12)).toBeGreaterThan(0.97);
    expect(teraFlop(name, { batch: 1, seq: 128 }) / ((2 * parameters * 128) / 1e12)).toBeLessThan(1.08);
  });

  it('holds the parameters of a published model in memory', () => {
    expect(workloadOf('llama-3-8b', { seq: 1 }).memoryBytes! / 2).toBeCloseTo(8.03e9, -8);
    expect(workloadOf('qwen2-1.5b', { seq: 1 }).memoryBytes! / 2).toBeGreaterThan(1.5e9);
    expect(workloadOf('opt-1.3b', { seq: 1 }).memoryBytes! / 2).toBeCloseTo(1.3e9, -8);
  });

  // Multiply-adds of one UNet evaluation as profilers publish them, without attention's products: 0.339 T and 2.98 T.
  it.each([
    ['sd-1.5', 0.339],
    ['sdxl', 2.98],
  ])('%s: a step is twice (guidance) %f T multiply-adds', (name, tera) => {
    const denoiser = workloadOf(name).parts.find((part) => part.name === 'denoiser')!;
    const listed = denoiser.kernels.filter(({ kernel }) => kernel.kind !== 'attention');
    const { flop } = workloadTotals({ name, parts: [{ name, repeats: 1, kernels: listed }] });
    expect(flop / (2 * 2 * tera * 1e12)).toBeCloseTo(1, 1);
  });

  it('decodes one token at the price of reading the cache', () => {
    const near = workloadTotals(workloadOf('llama-3-8b', { phase: 'decode', seq: 100, batch: 4 }));
    const far = workloadTotals(workloadOf('llama-3-8b', { phase: 'decode', seq: 1100, batch: 4 }));
    expect(far.bytes - near.bytes).toBe(32 * 4 * 1000 * 2 * 8 * 128 * 2);
    expect(near.flop / (2 * 4)).toBeGreaterThan(7.4e9);
    expect(near.flop / (2 * 4)).toBeLessThan(7.7e9);
  });

  it.each([
    ['opt-13b', {}, /Unknown model "opt-13b"\. Did you mean "opt-1\.3b"/],
    ['nonesuch-at-all', {}, /Unknown model .* Known: bert-large/],
    ['gpt2', { batch: 0 }, /--batch: expected a whole number of at least 1, found 0/],
    ['gpt2', { batch: 1.5 }, /--batch/],
    ['gpt2', { seq: NaN }, /--seq/],
    ['sdxl', { steps: -3 }, /--steps/],
    ['bert-large', { phase: 'decode' as const }, /encoder; it has no phase "decode"/],
  ])('refuses %s %j', (name, request, message) => {
    expect(() => workloadOf(name, request)).toThrow(InputError);
    expect(() => workloadOf(name, request)).toThrow(message);
  });
});
