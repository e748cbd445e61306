import { median } from '../src/math/statistics.js';

/** Median milliseconds of one call, over timed repeats after a warm-up. `calls` calls make one sample. */
export function medianMs(work: () => void, { samples = 15, calls = 1, warmUp = 3 } = {}): number {
  for (let i = 0; i < warmUp; i++) work();
  const times = Array.from({ length: samples }, () => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    return (performance.now() - start) / calls;
  });
  return median(times);
}

/** As `medianMs`, for work that returns a promise. */
export async function medianMsAsync(
  work: () => Promise<unknown>,
  { samples = 15, calls = 1, warmUp = 3 } = {},
): Promise<number> {
  for (let i = 0; i < warmUp; i++) await work();
  const times: number[] = [];
  for (let s = 0; s < samples; s++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await work();
    times.push((performance.now() - start) / calls);
  }
  return median(times);
}

export interface Timing {
  /** Median time of a call by the clock. */
  readonly ms: number;
  /** Median processor time of a call, which other processes on the machine hardly move. */
  readonly cpuMs: number;
}

/** Times two works in turns, so that both see the same machine, after as many calls of the first as compilers take to settle. */
export async function alternately(work: () => Promise<unknown>, other: () => Promise<unknown>): Promise<{ work: Timing; other: Timing }> {
  const first = timer(work, 10);
  const second = timer(other, 5);
  // V8 goes on optimising a training step for some 1,000 calls, and until then it costs up to a third more.
  await medianMsAsync(work, { samples: 1, warmUp: 2000 });
  for (let round = 0; round < 200; round++) {
    await first.round();
    await second.round();
  }
  return { work: first.timing(), other: second.timing() };
}

function timer(work: () => Promise<unknown>, calls: number): { round: () => Promise<void>; timing: () => Timing } {
  const ms: number[] = [];
  const cpuMs: number[] = [];
  return {
    round: async () => {
      const before = process.cpuUsage();
      for (let i = 0; i < calls; i++) ms.push(await medianMsAsync(work, { samples: 1, warmUp: 0 }));
      const { user, system } = process.cpuUsage(before);
      cpuMs.push((user + system) / 1000 / calls);
    },
    timing: () => ({ ms: median(ms), cpuMs: median(cpuMs) }),
  };
}
