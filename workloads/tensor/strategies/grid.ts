import type { RandomStream } from '../../../src/math/random.js';
import type { SearchSpace } from '../space.js';
import { walk } from '../space.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

/** Evenly spaced points on the way through the space, from a random offset; `trials` of them cover it once. */
export function gridTuner(space: SearchSpace, random: RandomStream, trials: number): Tuner {
  const unmeasured = new Unmeasured(space, random);
  const { length, at } = walk(space);
  const offset = random.next();
  let next = 0;
  return {
    ask: (limit) => {
      const found: number[] = [];
      while (found.length < Math.min(limit, 64)) {
        let place = Math.floor((((next++ + offset) / trials) % 1) * length);
        let steps = 0;
        while (!unmeasured.has(at(place)) && steps++ < length) place = (place + 1) % length;
        if (steps > length) break;
        found.push(unmeasured.take(at(place)));
      }
      return found;
    },
    tell: () => undefined,
  };
}
