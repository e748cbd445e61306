import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelLink } from '../../../experiments/chain/kernelLink.js';
import { runChain } from '../../../experiments/chain/chain.js';
import { gatingVariants, imageVariants } from '../../../experiments/chain/variants.js';
import { clairvoyantBound, isBounded } from '../../../agents/bound/index.js';
import { resolveExperiment } from '../../../experiments/run/config.js';

const folder = mkdtempSync(join(tmpdir(), 'jouleflow-chain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const days = { scheduler: 'greedy-lambda', days: '2023-03-01..2023-03-02' };

describe('the chain', () => {
  it('reads what tuning did to a kernel', () => {
    const file = join(folder, 'h.jsonl');
    const record = (round: number, times: number[]): string => JSON.stringify({ space: 'gemm', method: 'rank', seed: 0, round, config: { tile: round }, times });
    writeFileSync(file, `${[record(0, [10]), record(0, [20]), record(0, [12]), record(1, [5, 7])].join('\n')}\n`);
    const link = kernelLink(file);
    expect(link).toMatchObject({ kind: 'gemm', changes: 'time', trials: 4, before: 12, after: 6, ratio: 0.5 });
    expect(link.ratioInterval[0]).toBeGreaterThanOrEqual(6 / 20);
    expect(link.ratioInterval[1]).toBeLessThanOrEqual(6 / 10);
    writeFileSync(file, `${record(0, [10])}\n`);
    expect(() => kernelLink(file)).toThrow(/expected at least 2/);
  });

  it('reads throughputs as times and energies as energies, and refuses what reaches no fleet', () => {
    const file = join(folder, 'o.jsonl');
    const write = (objective: object, ...values: number[]): string => {
      const lines = values.map((value, round) => JSON.stringify({ space: 'conv', config: { tile: round }, round: Math.max(0, round - 1), objective, values: [value] }));
      writeFileSync(file, `${lines.join('\n')}\n`);
      return file;
    };
    expect(kernelLink(write({ name: 'GFLOP/s', unit: 'GFLOP/s', direction: 'maximise' }, 20, 20, 50))).toMatchObject({ kind: 'conv', changes: 'time', before: 20, after: 50, ratio: expect.closeTo(0.4, 9) as number });
    expect(kernelLink(write({ name: 'energy', unit: 'J', direction: 'minimise' }, 20, 20, 10))).toMatchObject({ changes: 'energy', before: 20, after: 10, ratio: 0.5 });
    expect(() => kernelLink(write({ name: 'power', unit: 'W', direction: 'minimise' }, 20, 20, 10))).toThrow(/was tuned for power; expected a time, a throughput or an energy/);
  });

  it('carries an energy that tuning saved up to the fleet, and leaves the time as it is', async () => {
    const link = { space: 'gemm', kind: 'gemm', objective: { name: 'energy', unit: 'J', direction: 'minimise' }, changes: 'energy', trials: 3, before: 20, after: 10, ratio: 0.5, ratioInterval: [0.4, 0.6] } as const;
    const { preset, variants } = imageVariants({ model: 'sdxl', steps: 20, device: 'A100-80GB' }, link);
    const first = await runChain(variants[0]!, { preset, ...days });
    const { chain } = await runChain(variants.find(({ name }) => name === 'gemm not tuned for energy')!, { preset, ...days }, first);
    expect(chain.job.seconds).toEqual(first.chain.job.seconds);
    // Between all of the request's energy doubled and none of it.
    const factor = chain.job.joules.value / first.chain.job.joules.value;
    expect(factor).toBeGreaterThan(1.1);
    expect(factor).toBeLessThan(2);
    expect(chain.job.joules.value).toBeCloseTo((chain.job.watts.value * chain.job.seconds.value), 6);
    expect(chain.gain!.value).toBeLessThan(0);
    expect(chain.fleet.utilityIfSlower).toBeLessThan(chain.fleet.utilityIfFaster);
  });

  it('carries a faster kernel and a faster chip up to the fleet', async () => {
    const { preset, variants } = imageVariants({ model: 'sdxl', steps: 20, device: 'A100-80GB' }, undefined);
    const [base, gemm] = variants;
    const h100 = variants.find(({ name }) => name === 'H100');
    const first = await runChain(base!, { preset, ...days });
    for (const variant of [gemm!, h100!]) {
      const { chain } = await runChain(variant, { preset, ...days }, first);
      expect(chain.job.seconds.value).toBeLessThan(first.chain.job.seconds.value);
      expect(chain.gain!.value).toBeGreaterThan(0);
      expect(chain.fleet.utilityIfSlower).toBeLessThan(chain.fleet.utilityIfFaster);
    }
  });

  it('carries dynamic gating up to the fleet', async () => {
    const { preset, variants } = gatingVariants();
    const fixed = await runChain(variants[0]!, { preset, ...days });
    const { chain } = await runChain(variants[1]!, { preset, ...days }, fixed);
    expect(chain.gain!.value).toBeGreaterThan(0);
    expect(chain.fleet.lateRate).toBeLessThan(fixed.chain.fleet.lateRate);
    expect(chain.fleet.carbonKg.value).toBeLessThan(fixed.chain.fleet.carbonKg.value);
  });

  it('is not given a bound that would not hold', () => {
    const { fleet } = resolveExperiment({ preset: 'chips' });
    expect(isBounded(fleet)).toBe(false);
    expect(isBounded(resolveExperiment({}).fleet)).toBe(true);
    expect(() => clairvoyantBound({ fleet } as never, undefined as never)).toThrow(/expected no named device/);
  });
});
