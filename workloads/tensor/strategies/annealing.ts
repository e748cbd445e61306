import type { RandomStream } from '../../../src/math/random.js';
import type { Measurement } from '../measure/measurer.js';
import { costOf } from '../measure/tally.js';
import type { SearchSpace } from '../space.js';
import { createNeighbour } from '../space.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

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
