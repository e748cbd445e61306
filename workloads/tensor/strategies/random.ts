import type { RandomStream } from '../../../src/math/random.js';
import type { SearchSpace } from '../space.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

/** Uniform draws without replacement. */
export function randomTuner(space: SearchSpace, random: RandomStream): Tuner {
  const unmeasured = new Unmeasured(space, random);
  return { ask: (limit) => unmeasured.drawMany(Math.min(limit, 64)), tell: () => undefined };
}
