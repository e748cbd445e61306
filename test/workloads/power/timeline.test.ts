import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../../workloads/power/kernel.js';
import { elementwise, exchange, gemm, linear, reduction } from '../../../workloads/power/kernel.js';
import { phasesOf, stepsOf } from '../../../workloads/power/phases.js';
import type { TimeTerm } from '../../../workloads/power/timeline.js';
import type { Setting } from '../../../workloads/power/timeline.js';
import { fromVector, timeTerms, timelineOf, toVector } from '../../../workloads/power/timeline.js';
import type { Workload } from '../../../workloads/power/workload.js';
import { partOf } from '../../../workloads/power/workload.js';
import { roundDevice } from './support.js';

const coefficients = (given: Partial<Record<TimeTerm, number>>): Float64Array => toVector({ ...fromVector(new Float64Array(timeTerms.length)), ...given });
const workload = (...kernels: Kernel[]): Workload => ({ name: 'w', parts: [partOf('p', kernels)] });
const settingOf = (w: Workload): Setting => ({ parts: stepsOf(w, roundDevice), device: roundDevice, launchShare: 1 });
const time = (w: Workload, given: Partial<Record<TimeTerm, number>>, mhz = 1000): number =>
  timelineOf(settingOf(w), mhz, coefficients(given)).timeMs;

const kernel = fc.oneof(
  fc.record({ m: fc.integer({ min: 1, max: 4096 }), n: fc.integer({ min: 1, max: 4096 }), k: fc.integer({ min: 1, max: 4096 }), batch: fc.integer({ min: 1, max: 64 }) }).map(({ m, n, k, batch }) => gemm(m, n, k, 'bf16', batch)),
  fc.integer({ min: 1, max: 1e8 }).map((elements) => elementwise('relu', elements, 'bf16')),
  fc.integer({ min: 1, max: 1e5 }).map((rows) => reduction('softmax', rows, 512, 'fp32')),
);
const anyWorkload = fc.array(kernel, { minLength: 1, maxLength: 8 }).map((kernels) => workload(...kernels));
const anyCoefficients = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: timeTerms.length, maxLength: timeTerms.length }).map((values) => Float64Array.from(values));

describe('timelineOf', () => {
  it('takes a large product at the peak of the tensor cores', () => {
    // 10 waves exactly: 1000 tiles of 256 x 128 on 100 SMs; 1000 FLOP a cycle and SM at 1 GHz is 100 TFLOP/s.
    const product = gemm(256 * 40, 128 * 25, 1024, 'bf16');
    expect(time(workload(product), { mathGemm: 1 })).toBeCloseTo((2 * 10240 * 3200 * 1024) / 100e9, 6);
  });

  it('makes one tile too many pay for a whole wave', () => {
    const full = time(workload(gemm(128 * 100, 128, 4096, 'bf16')), { mathGemm: 1 });
    const over = time(workload(gemm(128 * 100 + 1, 128, 4096, 'bf16')), { mathGemm: 1 });
    // A row more is 0.01 % of the work.
    expect(over / full).toBeGreaterThan(1.1);
  });

  it('streams large tensors from DRAM and finds small ones in L2', () => {
    const large = workload(elementwise('relu', 1e9, 'bf16'));
    expect(time(large, { dramElementwise: 1 })).toBeCloseTo(4e9 / 1e9, 2);
    const small = phasesOf(elementwise('relu', 1e4, 'bf16'), roundDevice);
    expect(small.dramBytes / 4e4).toBeLessThan(0.001);
  });

  it('is bound by the host when kernels are tiny, and then no clock helps', () => {
    const tiny = workload(...Array.from({ length: 50 }, () => elementwise('relu', 10, 'bf16')));
    const given = { launch: 30, start: 1 };
    expect(time(tiny, given)).toBeCloseTo(1.5, 2);
    expect(time(tiny, given, 500)).toBeCloseTo(time(tiny, given, 1000), 6);
  });

  it('launches a graph once, after which its kernels follow each other', () => {
    const tiny = Array.from({ length: 50 }, () => elementwise('relu', 10, 'bf16'));
    const graph: Workload = { name: 'w', parts: [{ ...partOf('p', tiny), graph: true, sequences: 4 }] };
    const given = { launch: 30, start: 1, startGraph: 2, step: 500, sequence: 10 };
    expect(time(graph, given)).toBeCloseTo(50 * 0.002 + 0.5 + 4 * 0.01, 6);
    expect(timelineOf({ ...settingOf(graph), launchShare: 0.5 }, 1000, coefficients(given)).timeMs).toBeCloseTo(0.1 + 0.25 + 0.02, 6);
  });

  it('takes an exchange at the pace of the link, in one direction, and waits in the meantime', () => {
    const sum = workload(...exchange('allReduce', 4, 1e9));
    // Twice three quarters of 1 GB over half of the 64 GB/s that both directions have.
    const bare = timelineOf(settingOf(sum), 1000, coefficients({ link: 1 }));
    expect(bare.timeMs).toBeCloseTo((1.5e9 / 32e9) * 1e3, 6);
    expect(bare.busyMs).toBe(0);
    expect(exchange('allReduce', 1, 1e9)).toEqual([]);
  });

  it('reads the weights of a product whatever L2 holds, and a group of experts those that were met', () => {
    const small = phasesOf(linear(8, 64, 64, 'bf16'), roundDevice);
    expect(small.dramBytes).toBeGreaterThanOrEqual(2 * 64 * 64);
    const experts = phasesOf({ ...linear(2, 512, 512, 'bf16'), batch: 10, grouped: true }, roundDevice);
    expect(experts.matrix).toBe('grouped');
    expect(experts.dramBytes).toBeGreaterThanOrEqual(10 * 2 * 512 * 512);
    expect(experts.unlisted).toBeNull();
  });

  it('reads one operand where a mask is broadcast over the scores', () => {
    const scores = 64 * 512 * 512;
    const masked = workload(elementwise('pointwise_add', scores, 'bf16'), reduction('softmax', 64 * 512, 512, 'bf16'));
    const residual = workload(elementwise('pointwise_add', scores, 'bf16'));
    expect(time(residual, { dramElementwise: 1 }) / time(masked, { dramElementwise: 1 })).toBeCloseTo(1.5, 2);
  });

  it('is homogeneous: time is slope times coefficients, and scales with them', () => {
    fc.assert(
      fc.property(anyWorkload, anyCoefficients, (w, c) => {
        const setting = settingOf(w);
        const { timeMs, slope } = timelineOf(setting, 800, c);
        expect(slope.reduce((sum, value, i) => sum + value * c[i]!, 0) / timeMs).toBeCloseTo(1, 9);
        expect(timelineOf(setting, 800, c.map((value) => 2 * value)).timeMs / timeMs).toBeCloseTo(2, 9);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('never gets faster with more repeats, a slower clock or larger coefficients; kernels add up to the busy time', () => {
    fc.assert(
      fc.property(anyWorkload, anyCoefficients, fc.nat(timeTerms.length - 1), (w, c, index) => {
        const setting = settingOf(w);
        let busy = 0;
        const { timeMs, busyMs } = timelineOf(setting, 800, c, (k) => (busy += k.timeMs));
        expect(Math.min(busy, timeMs)).toBeCloseTo(busyMs, 6);
        expect(timelineOf(setting, 400, c).timeMs).toBeGreaterThanOrEqual(timeMs * (1 - 1e-9));
        const dearer = Float64Array.from(c, (value, i) => (i === index ? 2 * value : value));
        expect(timelineOf(setting, 800, dearer).timeMs).toBeGreaterThanOrEqual(timeMs * (1 - 1e-9));
        expect(timelineOf({ ...setting, parts: [{ ...setting.parts[0]!, repeats: 3 }] }, 800, c).timeMs / timeMs).toBeCloseTo(3, 9);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
