import type { RandomStream } from '../../src/math/random.js';
import type { Measurement } from './measurer.js';
import type { SearchSpace } from './space.js';
import { choicesAt, createNeighbour, indexOfChoices, walk } from './space.js';
import { costOf } from './tally.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

/** Uniform draws without replacement. */
export function randomTuner(space: SearchSpace, random: RandomStream): Tuner {
  const unmeasured = new Unmeasured(space, random);
  return { ask: (limit) => unmeasured.drawMany(Math.min(limit, 64)), tell: () => undefined };
}

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

/**
 * Simulated annealing on the true measurements: one chain, single-knob neighbours, temperature falling geometrically over
 * the budget. Worse by the factor r is accepted with probability r^(-1 / temperature). Places seen before cost nothing.
 */
export function annealingTuner(space: SearchSpace, random: RandomStream, trials: number): Tuner {
  const unmeasured = new Unmeasured(space, random);
  const step = createNeighbour(space.knobs);
  const costs = new Map<number, number>();
  const [hot, cold] = [0.5, 0.02];
  let at: number | undefined;
  let asked: number | undefined;

  const consider = (index: number): void => {
    const temperature = hot * (cold / hot) ** Math.min(1, costs.size / trials);
    const cost = costs.get(index)!;
    const here = at === undefined ? Infinity : costs.get(at)!;
    if (cost <= here || random.next() < (here / cost) ** (1 / temperature)) at = index;
  };
  return {
    ask: (limit) => {
      asked = undefined;
      if (limit < 1) return [];
      // A thousand fruitless steps mean that everything around is known: start again elsewhere.
      for (let attempt = 0; at !== undefined && asked === undefined && attempt < 1000; attempt++) {
        const index = step(at, random);
        if (costs.has(index)) consider(index);
        else if (unmeasured.has(index)) asked = unmeasured.take(index);
      }
      asked ??= unmeasured.draw();
      return asked === undefined ? [] : [asked];
    },
    tell: (measurements: readonly Measurement[]) => {
      if (asked === undefined) return;
      costs.set(asked, costOf(measurements[0]!));
      consider(asked);
    },
  };
}
