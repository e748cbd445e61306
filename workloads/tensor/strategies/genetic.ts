import type { RandomStream } from '../../../src/math/random.js';
import { costOf } from '../measure/tally.js';
import type { SearchSpace } from '../space.js';
import { choicesAt, indexOfChoices } from '../space.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

export interface GeneticOptions {
  population?: number;
  /** Best of the population that parent the next one. */
  parents?: number;
  /** Chance that a knob of a child is set at random. */
  mutation?: number;
}

/**
 * A genetic algorithm with truncation selection and uniform crossover. A generation is measured as it fills; a child that
 * was measured before, or that the space forbids, is bred again.
 */
export function geneticTuner(
  space: SearchSpace,
  random: RandomStream,
  { population = 100, parents = 30, mutation = 0.1 }: GeneticOptions = {},
): Tuner {
  const { knobs } = space;
  const unmeasured = new Unmeasured(space, random);
  let pool: { choices: Uint16Array; cost: number }[] = [];
  let generation: typeof pool = [];
  let asked: number[] = [];

  const breed = (): number | undefined => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const [a, b] = [pool[random.integer(pool.length)]!, pool[random.integer(pool.length)]!];
      const child = knobs.map((knob, k) =>
        random.next() < mutation ? random.integer(knob.values.length) : (random.next() < 0.5 ? a : b).choices[k]!,
      );
      const index = indexOfChoices(knobs, child);
      if (unmeasured.has(index)) return unmeasured.take(index);
    }
    return unmeasured.draw();
  };
  return {
    ask: (limit) => {
      asked = [];
      const room = Math.min(limit, population - generation.length);
      while (asked.length < room) {
        const index = pool.length === 0 ? unmeasured.draw() : breed();
        if (index === undefined) break;
        asked.push(index);
      }
      return asked;
    },
    tell: (measurements) => {
      asked.forEach((index, i) => generation.push({ choices: choicesAt(knobs, index), cost: costOf(measurements[i]!) }));
      if (generation.length < population) return;
      pool = [...pool, ...generation].sort((a, b) => a.cost - b.cost || 0).slice(0, parents);
      generation = [];
    },
  };
}
