import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrate, denseSeconds } from '../../../workloads/moe/calibration.js';
import { allToAllSeconds, v100 } from '../../../workloads/moe/devices.js';
import { Pass } from '../../../workloads/moe/pass.js';
import { publishedFigures } from '../../../workloads/moe/published.js';
import { reproduce } from '../../../workloads/moe/reproduce.js';
import { servedModel, servedModels } from '../../../workloads/moe/servedModels.js';
import { dataSheetPower, moeServiceProfile, sampleProfile } from '../../../workloads/moe/serviceProfile.js';
import { simulate } from '../../../workloads/moe/simulate.js';
import { projectRoot } from '../../support/cli.js';

/** Every file that a source file imports, directly or not. */
function importsOf(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  const text = readFileSync(file, 'utf8');
  seen.set(file, text);
  for (const [, path] of text.matchAll(/from '(\.[^']+)'/g)) importsOf(join(dirname(file), path!.replace(/\.js$/, '.ts')), seen);
  return seen;
}

describe('the cluster model', () => {
  it('predicts without any published figure of a mixture-of-experts model', () => {
    const files = importsOf(join(projectRoot, 'workloads/moe/simulate.ts'));
    const names = [...files.keys()].map((file) => file.slice(projectRoot.length + 1));
    expect(names).toContain('workloads/moe/expertLayers.ts');
    expect(names).not.toContain('workloads/moe/published.ts');
    // Nor is one written out. Whole numbers of two digits are too common to look for.
    const figures = publishedFigures.flatMap(({ value }) => (value >= 1000 ? [`${value}`, `${value / 1000}`] : [`${value}`]));
    for (const figure of figures.filter((each) => each.length > 2)) {
      const literal = new RegExp(`(?<![\\w.])${figure.replace('.', '\\.')}(?![\\w.])`);
      for (const [file, text] of files) expect(literal.test(text), `${figure} in ${file}`).toBe(false);
    }
  });

  it('takes as long as published on the dense models it is calibrated on', () => {
    for (const model of servedModels) {
      const { device, launchSeconds } = calibrate(v100, model);
      expect(denseSeconds(device, model, launchSeconds)).toBeCloseTo(model.denseSeconds, 5);
      expect(device.gemmFlopPerSecond).toBeLessThan(v100.peakFlopPerSecond);
    }
  });

  it('could not run the language model in the published time with longer sequences', () => {
    const { launchSeconds } = calibrate(v100, servedModel('lm'));
    const atPeak = { ...v100, gemmFlopPerSecond: v100.peakFlopPerSecond };
    const longer = { ...servedModel('lm'), sequenceTokens: 1024 };
    expect(denseSeconds(atPeak, longer, launchSeconds)).toBeGreaterThan(longer.denseSeconds);
  });

  it('adds up products, traffic, exchanges and launches as by hand', () => {
    const pass = new Pass(v100, 10e-6);
    pass.product('dense', [4096, 1024, 4096]); // 2 x 4096 x 1024 x 4096 = 34.36 GFLOP at 83 TFLOP/s
    pass.launch(1);
    pass.sync();
    expect(pass.seconds).toBeCloseTo(34.359738e9 / 83e12, 9);
    pass.product('experts', [1, 1024, 4096]); // reads 8.4 MB of weights: bound by memory, and the launches take longer
    pass.launch(3);
    pass.sync();
    expect(pass.seconds).toBeCloseTo(34.359738e9 / 83e12 + 30e-6, 9);
    expect(pass.partSeconds.experts).toBeCloseTo((2 * (1024 + 1024 * 4096 + 4096)) / 900e9, 12);
    expect(pass.flop).toBe(2 * 4096 * 1024 * 4096 + 2 * 1024 * 4096);
    // 80 MB among 8: 70 MB leave over NVLink. Among 32: 60 MB over the network, which is slower.
    expect(allToAllSeconds(v100, 80e6, 8)).toBeCloseTo(70e6 / 150e9, 12);
    expect(allToAllSeconds(v100, 80e6, 32)).toBeCloseTo(60e6 / 6.25e9, 12);
  });

  it("predicts the language model's published figures within a quarter, and all static latencies", () => {
    for (const row of reproduce()) {
      if (row.model !== 'lm' && row.figure !== 'staticLatencyMs') continue;
      expect(Math.abs(row.relativeDifference), row.title).toBeLessThan(0.25);
    }
  });

  it('compares every published figure, the waste factors exactly', () => {
    const rows = reproduce();
    expect(rows.map(({ figure }) => figure)).toEqual(publishedFigures.map(({ figure }) => figure));
    for (const row of rows) {
      expect(row.relativeDifference).toBeCloseTo(row.predicted / row.value - 1, 12);
      if (row.figure === 'wasteFactor') expect(row.predicted).toBe(row.value);
    }
  });

  it('says at which skews of routing a figure is within 15 %, and what best batches give', () => {
    const rows = reproduce();
    const of = (model: string, figure: string) => rows.find((row) => row.model === model && row.figure === figure)!;
    // Static gating computes its capacity whatever the routing.
    expect(of('mt-decoder', 'staticLatencyMs').impliedSkew).toEqual([0, 3]);
    // The encoder's speed-up on one node is below what any routing gives; on more nodes some uneven routing does.
    const [one, many] = [of('mt-encoder', 'speedupOneNode'), of('mt-encoder', 'speedupManyNodes')];
    expect(one.impliedSkew).toBeNull();
    expect(one.predictedOneDevice).toBeGreaterThan(one.value);
    expect(many.impliedSkew![0]).toBeGreaterThan(0);
    // The decoder's lie between the same batch for both gatings and the best one for each.
    for (const figure of ['speedupOneNode', 'speedupManyNodes']) {
      const row = of('mt-decoder', figure);
      expect(row.predicted).toBeLessThan(row.value);
      expect(row.predictedBestBatch!).toBeGreaterThan(row.value);
    }
    for (const row of rows) expect(row.predictedBestBatch === null).toBe(!row.figure.startsWith('speedup'));
  });

  it('slows down where the load is uneven, less so when experts are placed by load', () => {
    const at = (zipf: number, placement: 'identity' | 'greedy') =>
      simulate({ model: 'mt-encoder', gating: 'dynamic', nodes: 1, routing: { zipf }, placement });
    expect(at(1, 'identity').latencyMs).toBeGreaterThan(at(0, 'identity').latencyMs);
    expect(at(1, 'greedy').busiestShare).toBeLessThan(at(1, 'identity').busiestShare);
    expect(at(1, 'greedy').latencyMs).toBeLessThan(at(1, 'identity').latencyMs);
    // A token chooses two experts, so even the most popular one has half of the pairs at most.
    expect(at(10, 'greedy').busiestShare).toBeCloseTo(0.5, 2);
    expect(at(10, 'greedy').latencyMs).toBeGreaterThan(at(1, 'greedy').latencyMs);
    const worst = simulate({ model: 'mt-encoder', gating: 'dynamic', nodes: 1, routing: 'one-device' });
    expect(worst.busiestShare).toBe(1);
    expect(worst.latencyMs).toBeGreaterThan(at(1, 'identity').latencyMs);
    const still = simulate({ model: 'mt-encoder', gating: 'static', nodes: 1, routing: 'one-device' });
    expect(still.latencyMs).toBe(simulate({ model: 'mt-encoder', gating: 'static', nodes: 1 }).latencyMs);
  });

  it('trades memory for waiting with a buffer', () => {
    const whole = simulate({ model: 'mt-decoder', gating: 'dynamic', nodes: 1 });
    const half = simulate({ model: 'mt-decoder', gating: 'dynamic', nodes: 1, bufferSlots: 8 });
    expect(half.memory.weightsBytes).toBe(whole.memory.weightsBytes - 12 * 8 * 2 * 2 * 2048 * 8192);
    expect(half.latencyMs).toBeGreaterThan(whole.latencyMs);
    expect(simulate({ model: 'mt-decoder', gating: 'dynamic', nodes: 1, bufferSlots: 16 }).latencyMs).toBe(whole.latencyMs);
  });

  it('refuses what it cannot simulate', () => {
    const run = (change: object) => () => simulate({ model: 'lm', gating: 'dynamic', nodes: 1, ...change });
    expect(run({ model: 'mt-encode' })).toThrow(/Did you mean "mt-encoder"/);
    expect(run({ nodes: 3 })).toThrow(/3 nodes; expected 1, 2 or 4/);
    expect(run({ bufferSlots: 65 })).toThrow(/65 buffer slots; expected a whole number from 1 to 64/);
    expect(run({ gating: 'static', bufferSlots: 8 })).toThrow(/Static gating runs every expert/);
    expect(run({ batch: 0 })).toThrow(/batch is 0/);
    expect(run({ routing: { zipf: -1 } })).toThrow(/skew is -1/);
    expect(run({ clockMhz: 3000 })).toThrow(/3000 MHz; expected above 0 up to 1530/);
  });
});

describe('the job profile of a served model', () => {
  const request = { device: v100.name, clockMhz: v100.clockMhz, batch: 64, work: { tokens: 512 } };
  const serving = { model: 'lm', gating: 'dynamic', nodes: 1 } as const;

  it('costs what the simulation takes, at the power that is passed in', () => {
    const profile = moeServiceProfile(serving, () => 200);
    const { latencyMs, memory } = simulate(serving);
    const cost = profile.cost(request);
    expect(profile.devices).toBe(8);
    expect(cost.seconds).toBeCloseTo(latencyMs / 1000, 12);
    expect(cost.joules).toBeCloseTo((8 * 200 * latencyMs) / 1000 / 64, 9);
    expect(cost.memoryBytes).toBe(memory.totalBytes);
  });

  it('spends less energy a request in larger batches, and more time a batch', () => {
    for (const { name } of servedModels) {
      const points = sampleProfile({ model: name, gating: 'dynamic', nodes: 1 });
      expect(points.length).toBeGreaterThan(3);
      points.slice(1).forEach((point, i) => {
        expect(point.batch).toBe(2 * points[i]!.batch);
        expect(point.joules).toBeLessThan(points[i]!.joules);
        expect(point.seconds).toBeGreaterThanOrEqual(points[i]!.seconds * (1 - 1e-6));
        expect(point.memoryBytes).toBeGreaterThan(points[i]!.memoryBytes);
      });
    }
  });

  it('takes as many decoder steps as there are tokens, and longer at a lower clock', () => {
    const decoder = moeServiceProfile({ model: 'mt-decoder', gating: 'dynamic', nodes: 1 });
    const one = decoder.cost({ ...request, work: { tokens: 1 } });
    expect(decoder.cost({ ...request, work: { tokens: 30 } }).seconds).toBeCloseTo(30 * one.seconds, 9);
    const profile = moeServiceProfile({ model: 'mt-encoder', gating: 'static', nodes: 1 });
    expect(profile.cost({ ...request, clockMhz: 765 }).seconds).toBeGreaterThan(profile.cost(request).seconds);
  });

  it('draws from idle to the limit of the board', () => {
    const watts = dataSheetPower(v100);
    expect([watts(0), watts(0.45), watts(1)]).toEqual([40, 300, 300]);
    expect(watts(0.2)).toBeCloseTo(40 + 260 * (0.2 / 0.45) ** 0.7, 9);
  });

  it('refuses requests that it does not know', () => {
    const { cost } = moeServiceProfile(serving);
    expect(() => cost({ ...request, device: 'A100' })).toThrow(/Found no device "A100"/);
    expect(() => cost({ ...request, work: { steps: 20 } })).toThrow(/serves tokens; found 20 denoising steps/);
    expect(() => cost({ ...request, batch: 0 })).toThrow(/batch is 0/);
    expect(() => cost({ ...request, work: { tokens: 1.5 } })).toThrow(/tokens is 1.5/);
  });
});
