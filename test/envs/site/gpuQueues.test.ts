import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GpuQueues, summedUpTo } from '../../../envs/site/gpuQueues.js';
import { KeptQueue } from '../../../envs/site/keptQueue.js';

/** Work on a site: seconds of a job, seconds since the one before, and how long before or after that the backlog is asked for. */
const jobs = fc.array(fc.tuple(fc.double({ min: 0, max: 4000, noNaN: true }), fc.double({ min: 0, max: 60, noNaN: true }), fc.integer({ min: -300, max: 300 })), { maxLength: 200 });

describe('a queue that keeps its backlog', () => {
  it('agrees with the sum over all GPUs, at whatever time it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), jobs, fc.nat(1), (count, work, carried) => {
        const kept = new KeptQueue(count);
        const free = new Array<number>(count).fill(0);
        let now = 0;
        work.forEach(([seconds, gap, ask], i) => {
          now += gap;
          if (carried === 1 && i === 50) {
            kept.shift(1000);
            free.forEach((at, gpu) => (free[gpu] = at - 1000));
            now -= 1000;
          }
          free.sort((a, b) => a - b);
          expect(kept.earliestFree()).toBe(free[0]);
          expect(kept.secondFree()).toBe(free[1] ?? Infinity);
          const end = Math.max(now, free[0]!) + seconds;
          kept.occupy(end);
          free[0] = end;
          for (const at of [now + ask, now]) {
            const sum = free.reduce((total, until) => total + Math.max(0, until - at), 0);
            expect(Math.abs(kept.backlogSeconds(at) - sum / count)).toBeLessThan(1e-9);
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is used for large sites alone, loses no precision over a long day, and starts afresh', () => {
    const [small, large] = [summedUpTo, 5000];
    const queues = new GpuQueues(Int32Array.of(small, large, small + 1));
    const free = new Float64Array(large);
    for (let round = 0; round < 20; round++) {
      const now = 4000 * round;
      for (let i = 0; i < large; i++) {
        // Ascending, so that each round's order is that of the round before.
        free[i] = Math.max(now, free[i]!) + 1500 + (2000 * i) / large;
        queues.occupy(1, free[i]!);
      }
      const at = now + 2345.6;
      const sum = free.reduce((total, until) => total + Math.max(0, until - at), 0);
      expect(Math.abs(queues.backlogSeconds(1, at) - sum / large)).toBeLessThan(1e-9);
    }
    expect([queues.backlogSeconds(0, 0), queues.backlogSeconds(2, 0)]).toEqual([0, 0]);
    queues.reset();
    expect([queues.earliestFree(1), queues.secondFree(1), queues.backlogSeconds(1, 0)]).toEqual([0, 0, 0]);
  });
});
