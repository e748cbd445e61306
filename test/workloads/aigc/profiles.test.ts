import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { fitQuality } from '../../../workloads/aigc/quality.js';
import { qualityPoints } from '../../../workloads/aigc/images.js';
import { imageModels, imageQualityShape, profileOf, servedModelNamed, servingDevice, textModels, validateProfiles } from '../../../workloads/aigc/index.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const costOf = (model: string, device: string, work: { steps: number } | { tokens: number; promptTokens?: number }, { batch = 1, share = 1, gemm = 1 } = {}) =>
  profileOf(servedModelNamed(model), { kernelTime: { gemm } }).cost({ device, clockMhz: share * servingDevice(device).maxClockMhz, batch, work });

describe('quality', () => {
  it('is found again from points of a sigmoid', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 1, noNaN: true }), fc.double({ min: 2, max: 15, noNaN: true }), (slope, midpoint) => {
        const points = [1, 2, 4, 8, 16, 25].map((steps) => [steps, 1 / (1 + Math.exp(-slope * (steps - midpoint)))] as const);
        const fitted = fitQuality(points);
        expect(fitted.slope).toBeCloseTo(slope, 6);
        expect(fitted.midpoint).toBeCloseTo(midpoint, 6);
      }),
      { numRuns: 50 },
    );
  });

  it('comes near what was published', () => {
    const errors = qualityPoints.map(([steps, share]) => 1 / (1 + Math.exp(-imageQualityShape.slope * (steps - imageQualityShape.midpoint))) - share);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.16);
  });
});

describe('image profiles', () => {
  it.each(imageModels.map(({ name }) => name))('%s takes longer for more steps, a larger batch, a lower clock', (name) => {
    const usual = costOf(name, 'A100-80GB', { steps: 20 });
    expect((servedModelNamed(name) as (typeof imageModels)[number]).source).toMatch(/GenEval|VBench/);
    expect(costOf(name, 'A100-80GB', { steps: 30 }).seconds).toBeGreaterThan(1.3 * usual.seconds);
    expect(costOf(name, 'A100-80GB', { steps: 20 }, { batch: 4 }).seconds).toBeGreaterThan(usual.seconds);
    const slow = costOf(name, 'A100-80GB', { steps: 20 }, { share: 0.5 });
    expect(slow.seconds).toBeGreaterThan(1.5 * usual.seconds);
    expect(slow.joules).toBeLessThan(usual.joules);
    expect(costOf(name, 'H100', { steps: 20 }).seconds).toBeLessThan(usual.seconds);
    expect(costOf(name, 'A100-80GB', { steps: 20 }, { gemm: 0.8 }).seconds).toBeLessThan(usual.seconds);
  });

  it.runIf(hasSharedData)('agree with ML.ENERGY on the A100 within 20 % (median), nothing fitted to it', () => {
    const { rows, medianError, worst } = validateProfiles(join(sharedData, 'aigc', 'mlenergy_v2', 'diffusion_all.csv'), 'A100-SXM4-40GB');
    expect(rows.length).toBeGreaterThanOrEqual(21);
    expect(medianError.seconds).toBeLessThan(0.2);
    expect(medianError.joules).toBeLessThan(0.2);
    expect(worst.seconds.profile.seconds / worst.seconds.measured.seconds).toBeGreaterThan(0.5);
  });

  it('refuses what it cannot serve', () => {
    expect(() => servedModelNamed('sdx')).toThrow(/Did you mean "sdxl"/);
    expect(() => servingDevice('A1000')).toThrow(InputError);
    expect(() => costOf('sdxl', 'V100-SXM2-32GB', { steps: 20 })).toThrow(/cannot be profiled on V100/);
    expect(() => costOf('sdxl', 'A100', { tokens: 20 })).toThrow(/serves denoising steps/);
    expect(() => costOf('llama-3-8b', 'A100', { steps: 20 })).toThrow(/serves tokens/);
    expect(() => costOf('sd3.5-large', 'A10', { steps: 20 })).toThrow(/needs about/);
  });
});

describe('text profiles', () => {
  const work = { tokens: 211, promptTokens: 1155 };

  it('spend less a request in larger batches, and hardly gain from a higher clock while reading weights', () => {
    expect(costOf('llama-3-8b', 'A100-80GB', work, { batch: 32 }).joules).toBeLessThan(0.5 * costOf('llama-3-8b', 'A100-80GB', work).joules);
    const decode = { tokens: 512, promptTokens: 1 };
    const slow = costOf('llama-3-8b', 'A100-80GB', decode, { share: 0.6 }).seconds;
    expect(slow).toBeLessThan(1.2 * costOf('llama-3-8b', 'A100-80GB', decode).seconds);
  });

  it.each(textModels.filter(({ network }) => 'power' in network).map(({ name }) => name))('%s is served on B200, with a source for its quality', (name) => {
    const { source, quality, network } = servedModelNamed(name) as (typeof textModels)[number];
    expect(source).toMatch(/^MMLU [\d.]+, .+/);
    expect(quality).toBeGreaterThan(0);
    const cost = costOf(name, 'B200', { tokens: 100, promptTokens: 500 }, { batch: 4 });
    expect(cost.seconds).toBeGreaterThan(0.1);
    expect(cost.memoryBytes).toBeLessThan(180e9);
    expect(profileOf(servedModelNamed(name)).devices).toBe((network as { devices: number }).devices);
  });

  it('order gatings as the simulator does: dense, dynamic, static', () => {
    const [dense, dynamic, fixed] = ['nllb-dense', 'nllb-dynamic', 'nllb-static'].map((name) =>
      costOf(name, 'V100-SXM2-32GB', { tokens: 28, promptTokens: 28 }, { batch: 384 }),
    ) as [ReturnType<typeof costOf>, ReturnType<typeof costOf>, ReturnType<typeof costOf>];
    expect(dense.seconds).toBeLessThan(dynamic.seconds);
    expect(dynamic.seconds).toBeLessThan(0.5 * fixed.seconds);
    expect(dynamic.joules).toBeLessThan(fixed.joules);
    expect(dense.memoryBytes).toBeLessThan(dynamic.memoryBytes);
  });
});
