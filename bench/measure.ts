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
