import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { builtinCalibrations, modelled } from '../../../workloads/power/calibration.js';
import { compare } from '../../../workloads/power/compare.js';
import { deviceNamed } from '../../../workloads/power/deviceFile.js';
import { estimate } from '../../../workloads/power/estimate.js';
import { loadDevice, workloadOf } from '../../../workloads/power/index.js';
import { powerTerms, sustainedCapW } from '../../../workloads/power/power.js';

const a100 = loadDevice('A100');
const opt = workloadOf('opt-1.3b', { batch: 8, seq: 512 });

describe('estimate', () => {
  it('says time, power and energy that belong together', () => {
    const answer = estimate({ device: a100, workload: opt, clockMhz: 900 });
    expect(answer.energyJ).toBeCloseTo((answer.powerW * answer.timeMs) / 1e3, 9);
    expect(powerTerms.reduce((sum, name) => sum + answer.byModule[name], 0)).toBeCloseTo(answer.powerW, 6);
    expect(answer.byKernel.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
    for (const quantity of ['timeMs', 'powerW', 'energyJ'] as const) {
      expect(answer.interval[quantity][0]).toBeLessThan(answer[quantity]);
      expect(answer.interval[quantity][1]).toBeGreaterThan(answer[quantity]);
    }
    expect(answer).toMatchObject({ clockMhz: 900, throttled: false, basis: 'measured', warnings: [] });
  });

  it('throttles to the board limit and no further', () => {
    const answer = estimate({ device: a100, workload: opt });
    expect(answer.throttled).toBe(true);
    expect(answer.clockMhz).toBeLessThan(1410);
    expect(answer.powerW).toBeLessThanOrEqual(sustainedCapW(a100.spec));
    expect(answer.powerW).toBeGreaterThan(0.99 * sustainedCapW(a100.spec));
    expect(estimate({ device: a100, workload: opt, observed: true, clockMhz: 1410 }).clockMhz).toBe(1410);
    expect(estimate({ device: a100, workload: opt, observed: true }).clockMhz).toBe(answer.clockMhz);
  });

  it('draws more and takes less time at a higher clock', () => {
    const [slow, fast] = [600, 1000].map((clockMhz) => estimate({ device: a100, workload: opt, clockMhz }));
    expect(fast!.powerW).toBeGreaterThan(slow!.powerW);
    expect(fast!.timeMs).toBeLessThan(slow!.timeMs);
  });

  it('says what it stands on, and is less sure of a device that was not measured', () => {
    expect(loadDevice('A10').basis).toBe('measured');
    expect(loadDevice('A100-80GB').basis).toBe('same chip');
    expect(loadDevice('L40S').basis).toBe('forecast');
    expect(loadDevice('H100').basis).toBe('forecast');
    expect(loadDevice('H100', 'served').basis).toBe('measured');
    expect(loadDevice('H200', 'served').basis).toBe('same chip');
    expect(loadDevice('B200').interval.time).toBeGreaterThan(a100.interval.time);
    expect(loadDevice('A100-80GB').interval).toEqual(loadDevice('L40S').interval);
    const renamed = { ...deviceNamed('A100'), name: 'something else' };
    expect(modelled(renamed, 'eager').basis).toBe('measured');
  });

  it('warns outside what was calibrated', () => {
    expect(estimate({ device: a100, workload: opt, clockMhz: 300 }).warnings.join()).toMatch(/300 MHz is outside the calibrated clocks \(510 to/);
    expect(estimate({ device: a100, workload: workloadOf('llama-3-8b', { seq: 64 }), clockMhz: 900 }).warnings.join()).toMatch(/attention bf16/);
    expect(estimate({ device: a100, workload: workloadOf('gpt2', { batch: 1, seq: 128, precision: 'fp32' }), clockMhz: 900 }).warnings.join()).toMatch(/gemm fp32/);
  });

  it('leaves kernels untold when asked, with the same answer', () => {
    const { byKernel, ...brief } = estimate({ device: a100, workload: opt, clockMhz: 900, byKernel: false });
    expect(byKernel).toEqual([]);
    expect(estimate({ device: a100, workload: opt, clockMhz: 900 })).toMatchObject(brief);
  });

  it.each([
    [{ clockMhz: 100 }, /A100-40GB cannot run at 100 MHz; expected 210 to 1410 MHz/],
    [{ clockMhz: 5000 }, /cannot run at 5000 MHz/],
    [{ clockMhz: NaN }, /cannot run at NaN MHz/],
    [{ workload: workloadOf('opt-1.3b', { batch: 64, seq: 2048 }) }, /needs about \d+\.\d GB and A100-40GB has 40 GB/],
  ])('refuses %j', (change, message) => {
    expect(() => estimate({ device: a100, workload: opt, ...change })).toThrow(InputError);
    expect(() => estimate({ device: a100, workload: opt, ...change })).toThrow(message);
  });

  it('ships calibrations whose provenance names every source', () => {
    expect(builtinCalibrations().length).toBe(4);
    for (const { provenance, interval } of builtinCalibrations()) {
      for (const source of provenance.sources) expect(source).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
      for (const width of [interval.time, interval.power, interval.energy]) {
        expect(width).toBeGreaterThan(0.03);
        expect(width).toBeLessThan(0.5);
      }
    }
  });
});

describe('compare', () => {
  it('walks each device up its clocks until the board throttles', () => {
    const { points, best } = compare(workloadOf('sdxl', { steps: 30 }), 1, 'image', ['A100', 'H100', 'L40S'].map((name) => loadDevice(name)));
    expect(best.map(({ gpu }) => gpu)).toEqual(['A100-40GB', 'H100-SXM', 'L40S']);
    for (const { gpu, thriftiest, fastest } of best) {
      const own = points.filter((point) => point.gpu === gpu);
      expect(Math.min(...own.map(({ energyJ }) => energyJ))).toBe(thriftiest.energyJ);
      expect(Math.min(...own.map(({ timeMs }) => timeMs))).toBe(fastest.timeMs);
      expect(thriftiest.energyJ).toBeLessThan(fastest.energyJ);
      for (let i = 1; i < own.length; i++) expect(own[i]!.clockMhz).toBeGreaterThan(own[i - 1]!.clockMhz);
    }
  });

  it('counts an item at a time', () => {
    const one = compare(workloadOf('sd-1.5', { batch: 4 }), 4, 'image', [a100]).points[0]!;
    const all = compare(workloadOf('sd-1.5', { batch: 4 }), 1, 'batch', [a100]).points[0]!;
    expect(all.energyJ / one.energyJ).toBeCloseTo(4, 9);
  });
});
