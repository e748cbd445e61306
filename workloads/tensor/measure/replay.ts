import { randomStream } from '../../../src/math/random.js';
import type { MeasuredSpace } from './kernelTunerCache.js';
import type { Measurer } from './measurer.js';

/**
 * Measures by drawing one of the recorded samples. The draw depends only on the seed, the configuration and how often it
 * was measured, so that a resumed run sees what an uninterrupted one would have seen.
 */
export function replayMeasurer(space: MeasuredSpace, seed: number): Measurer {
  return {
    measure: (requests) =>
      Promise.resolve(
        requests.map(({ index, repeat }) => {
          const row = space.rowOf.get(index)!;
          const why = space.failures.get(row);
          if (why !== undefined) return { ok: false, why };
          const samples = space.samples[row]!;
          return { ok: true, costs: [samples[randomStream(seed, `measure ${index} ${repeat}`).integer(samples.length)]!] };
        }),
      ),
  };
}
