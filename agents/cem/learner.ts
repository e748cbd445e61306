import type { FleetSimulator, PriceCoefficients } from '../../envs/index.js';
import type { Saved } from '../../src/io/checkpoint.js';
import { wholeProduct } from '../../src/math/decimal.js';
import { arrayState, restoreParts, savedValue, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import { runDay } from '../schedulers/index.js';
import type { Training } from '../agent.js';
import type { CemSettings } from './options.js';
import { LinearPrices } from './linearPrices.js';

export interface SearchParts {
  readonly fleet: FleetSimulator;
  /** What the parameters add to. */
  readonly rule: PriceCoefficients;
  /** UTC dates to draw training days from. */
  readonly days: readonly string[];
  /** Where the search starts; afterwards always the present mean. */
  readonly mean: Float32Array;
  readonly options: CemSettings['cem'];
  readonly random: RandomStream;
  /** Environment steps in all, and how many of them a day is: its slots or its jobs. */
  readonly steps: number;
  stepsOf(day: { jobs: number }): number;
}

export interface Search extends Training {
  /** Generations that have ended. */
  readonly generation: number;
}

/**
 * The cross-entropy method (Rubinstein 1999; with elites' statistics smoothed, de Boer et al. 2005, section 3) on the
 * parameters of prices that are linear in features. Each generation: draw candidates from a diagonal Gaussian, run all of them on the same few
 * days with the same jobs, move the Gaussian to the best ones.
 *
 * It judges candidates by the day's true utility, and needs to run one day many times over: a method for a simulator.
 */
export function createSearch({ fleet, rule: start, days, mean, options, random, steps, stepsOf }: SearchParts): Search {
  const { population, daysPerCandidate, smoothing } = options;
  const size = mean.length;
  const elites = Math.max(1, wholeProduct(options.eliteShare, population, 'round'));
  const drawing = random.stream('candidates');
  const choice = random.stream('days');
  const deviation = new Float32Array(size).fill(options.initialDeviation);
  const candidates = new Float32Array(population * size);
  const scores = new Float64Array(population);
  const theta = new Float32Array(size);
  const rule = new LinearPrices(fleet.siteCount, start, theta);
  /** The generation's days and the seeds of their jobs. */
  let draws: [day: number, seed: number][] = [];
  let generation = 0;
  let evaluation = 0;
  let episode = 0;
  let step = 0;

  const begin = (): void => {
    draws = Array.from({ length: daysPerCandidate }, () => [choice.integer(days.length), choice.integer(2 ** 31)]);
    for (let i = 0; i < candidates.length; i++) candidates[i] = mean[i % size]! + deviation[i % size]! * drawing.normal();
    scores.fill(0);
  };
  const finish = (): void => {
    const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, elites);
    for (let i = 0; i < size; i++) {
      const values = best.map((candidate) => candidates[candidate * size + i]!);
      const centre = values.reduce((a, b) => a + b, 0) / elites;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / elites);
      mean[i]! += smoothing * (centre - mean[i]!);
      deviation[i]! += smoothing * (spread - deviation[i]!);
    }
    generation++;
    evaluation = 0;
  };

  const states = { mean: arrayState(mean), deviation: arrayState(deviation), candidates: arrayState(candidates), scores: arrayState(scores), drawing: streamState(drawing), choice: streamState(choice) };
  return {
    get step() {
      return step;
    },
    get generation() {
      return generation;
    },
    get done() {
      return step >= steps;
    },
    /** One candidate's day. */
    runDay: () => {
      if (evaluation === 0) begin();
      const candidate = Math.floor(evaluation / daysPerCandidate);
      const [index, seed] = draws[evaluation % daysPerCandidate]!;
      theta.set(candidates.subarray(candidate * size, (candidate + 1) * size));
      const { totals } = runDay(fleet, rule, days[index]!, seed);
      scores[candidate]! += totals.utility;
      step += stepsOf(totals);
      episode++;
      if (++evaluation === population * daysPerCandidate) finish();
      const nothing = { criticLoss: null, actorLoss: null, shaperLoss: null, value: null };
      return Promise.resolve({ step, episode, day: days[index]!, totals, paid: totals.utility, ...nothing });
    },
    save: (): Saved => {
      const saved = saveParts(states);
      return { ...saved, values: { ...saved.values, count: { draws, generation, evaluation, episode, step } } };
    },
    restore: (saved) => {
      restoreParts(saved, states);
      ({ draws, generation, evaluation, episode, step } = savedValue<{
        draws: [number, number][];
        generation: number;
        evaluation: number;
        episode: number;
        step: number;
      }>(saved, 'count'));
    },
  };
}
