import { quantile } from '../src/math/statistics.js';
import { estimate, loadDevice, workloadOf } from '../workloads/power/index.js';
import type { Section } from './section.js';

/** From a kernel list to the answer: milliseconds an estimate over models and clocks, and what ten thousand leave behind. */
export const power: Section = {
  name: 'power',
  run: () => {
    const device = loadDevice('A100');
    const workloads = ['bert-large', 'gpt2', 'opt-1.3b', 'vit-large', 'resnet-101'].map((name) => workloadOf(name, { batch: 8 }));
    const clocks = [510, 690, 900, 1050, 1230, 1410];
    const once = (i: number): number => {
      const start = performance.now();
      estimate({ device, workload: workloads[i % workloads.length]!, clockMhz: clocks[i % clocks.length]! });
      return performance.now() - start;
    };
    for (let i = 0; i < 500; i++) once(i);
    const heapBefore = heapMb();
    const milliseconds = Float64Array.from({ length: 10_000 }, (_, i) => once(i));
    return Promise.resolve({
      powerEstimateMsP50: quantile(milliseconds, 0.5),
      powerEstimateMsP95: quantile(milliseconds, 0.95),
      powerHeapGrowthMbIn10000: heapMb() - heapBefore,
    });
  },
};

/** Heap in use, after a collection where the process allows one (`node --expose-gc`). */
function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
