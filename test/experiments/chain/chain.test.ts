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
    expect(link).toMatchObject({ kind: 'gemm', trials: 4, beforeMs: 12, afterMs: 6, ratio: 0.5 });
    expect(link.ratioInterval[0]).toBeGreaterThanOrEqual(6 / 20);
    expect(link.ratioInterval[1]).toBeLessThanOrEqual(6 / 10);
    writeFileSync(file, `${record(0, [10])}\n`);
    expect(() => kernelLink(file)).toThrow(/expected at least 2/);
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
