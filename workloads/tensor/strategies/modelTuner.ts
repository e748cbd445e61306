import type { RandomStream } from '../../../src/math/random.js';
import { wholeProduct } from '../../../src/math/decimal.js';
import { Candidates } from '../models/candidates.js';
import type { CostModel } from '../models/costModel.js';
import type { Explore } from './exploration.js';
import type { FeatureMap } from '../models/features.js';
import { diverseBatch, topRows } from './selection.js';
import type { SearchSpace } from '../space.js';
import { performanceOf, Tally } from '../measure/tally.js';
import type { GlobalModel } from '../models/transfer.js';
import type { Tuner } from './tuner.js';
import { Unmeasured } from './tuner.js';

/** What a learned tuner is put together from. */
export interface ModelTunerParts {
  readonly space: SearchSpace;
  readonly features: FeatureMap;
  readonly model: CostModel;
  readonly explore: Explore;
}

export interface ModelTunerOptions {
  /** Random configurations measured before the first model. Default 32. */
  initial?: number;
  /** A round measures an eighth of what was measured before, at least and at most this many. Default 8 and 64. */
  batch?: { least: number; most: number };
  /** Candidates offered to the diverse choice, per pick. Default 4. */
  lambda?: number;
  /**
   * Worth of a newly covered knob value, in units of the scores' spread; 0 takes the best-scored ones. Rounds take these
   * values in turn. Default 1 and 0.3: one round looks around, which frees the search from a wrong first impression, the
   * next one closes in.
   */
  alpha?: readonly number[];
  /** Share of picks made at random. Default 0.05. */
  epsilon?: number;
  /**
   * Largest share of a round spent on measuring again those that may be the best (`Tally.contenders`). For measurers whose
   * one sample is noisy: without it, the luckiest of the good ones is taken for the best. Default 0.
   */
  confirm?: number;
  /** What other workloads or devices taught, also given to the cost model; while it is trusted, `guided` holds. */
  global?: GlobalModel | undefined;
}

/**
 * Experience knows where to look: few random trials come first, and diversity is worth this share of what it is otherwise.
 * Where it proves wrong, random trials go on, as many at a time, until they are as many as without it, or it proves right.
 */
const guided = { initial: 4, diversity: 0.3 };

/**
 * The tuner of Chen et al. 2018, Algorithm 1: fit the cost model on everything measured, search the space for what it
 * scores highly, measure a diverse batch of that, and again.
 */
export function modelTuner(
  { space, features, model, explore }: ModelTunerParts,
  random: RandomStream,
  { initial = 32, batch = { least: 8, most: 64 }, lambda = 4, alpha = [1, 0.3], epsilon = 0.05, confirm = 0, global }: ModelTunerOptions = {},
): Tuner {
  const candidates = new Candidates(space, features, random.stream('binning'));
  const draws = random.stream('random picks');
  const unmeasured = new Unmeasured(space, draws);
  const tally = new Tally();
  let asked: number[] = [];
  let round = 0;

  const measuredRows = (): Int32Array => Int32Array.from(tally.indices, (index) => candidates.rowOf(index));

  const nextBatch = async (limit: number): Promise<number[]> => {
    const room = Math.min(batch.most, Math.max(batch.least, Math.floor(tally.indices.length / 8)));
    const again = tally.contenders(wholeProduct(confirm, room, 'floor')).map((at) => tally.indices[at]!);
    const size = room - again.length;
    await model.fit(candidates, measuredRows(), performanceOf(tally.costs));
    const explored = await explore(model, candidates);
    const offered = topRows(explored, wholeProduct(lambda, size, 'ceil'), (row) => unmeasured.has(candidates.indexOf(row)));
    const worth = alpha[round++ % alpha.length]! * (global?.trusted ? guided.diversity : 1);
    const picks = diverseBatch(candidates, offered, explored.scores, { count: size, alpha: worth });
    const chosen = again.slice(0, limit);
    for (let slot = 0; slot < size && chosen.length < limit; slot++) {
      const pick = draws.next() < epsilon ? undefined : picks[slot];
      const index = pick === undefined ? unmeasured.draw() : candidates.indexOf(pick);
      if (index === undefined) break;
      // A random draw may have taken this pick before its turn came.
      if (pick === undefined || unmeasured.has(index)) chosen.push(unmeasured.take(index));
    }
    return chosen;
  };
  return {
    ask: async (limit) => {
      const first = (global?.trusted ? guided.initial : initial) - tally.indices.length;
      asked = first > 0 ? unmeasured.drawMany(Math.min(limit, first, global === undefined ? first : guided.initial)) : [];
      // Nothing random is left either in a space smaller than that.
      if (asked.length === 0) asked = await nextBatch(limit);
      return asked;
    },
    tell: (measurements) => {
      asked.forEach((index, i) => tally.add(index, measurements[i]!));
      global?.weigh(candidates, measuredRows(), performanceOf(tally.costs));
    },
    get trustsHistory() {
      return global?.trusted;
    },
  };
}
