import type { Estimate } from '../../src/math/comparison.js';
import { differenceEstimate, interquartileMean, probabilityOfImprovement, stratifiedEstimate, welchDifference } from '../../src/math/comparison.js';
import type { RandomStream } from '../../src/math/random.js';
import { randomStream } from '../../src/math/random.js';
import { mean } from '../../src/math/statistics.js';
import type { Claim } from './methodList.js';
import type { MethodRuns, Results, Run } from './results.js';
import { learns, runsOf } from './results.js';

/** One row of the table. Utility in units per day, on the test days; intervals are over seeds, none for a scheduler. */
export interface Row {
  readonly problem: string;
  readonly id: string;
  readonly name: string;
  readonly learns: boolean;
  readonly runs: number;
  readonly expected: number;
  readonly utilityIqm: Estimate;
  readonly utilityMean: Estimate;
  /** Mean utility of the worst tenth of each run's test days. */
  readonly worstDays: Estimate;
  readonly lateRate: Estimate;
  /** Of the problem's bound; null while that is not computed. */
  readonly shareOfBound: Estimate | null;
  /** The last policy instead of the best validated one. */
  readonly lastUtility: Estimate | null;
  readonly denoisingSteps: number;
  readonly energyCost: number;
  readonly carbonKg: number;
  readonly steps: number | null;
  /** Training, the looks at validation days included, mean over runs. */
  readonly seconds: number | null;
}

/** A stream of its own for each figure, so that a new method moves no other's interval. */
const streamFor = (...names: readonly string[]): RandomStream => randomStream(0, ['compare', ...names].join('/'));

export function measure(results: Results): Row[] {
  return results.methods.filter((one) => one.runs.length > 0).map((one) => row(one, meanBound(results, one)));
}

function row(one: MethodRuns, bound: number | null): Row {
  const { method, problem, runs, expected } = one;
  const estimate = (what: string, of: (run: Run) => number, statistic: (values: Float64Array) => number): Estimate =>
    stratifiedEstimate([runs.map(of)], statistic, streamFor(problem.id, method.id, what));
  const utility = (run: Run): number => run.test.utility.mean;
  const average = (of: (run: Run) => number): number => mean(runs.map(of));
  const trained = learns(one);
  return {
    problem: problem.id,
    id: method.id,
    name: method.name,
    learns: trained,
    runs: runs.length,
    expected,
    utilityIqm: estimate('utility', utility, interquartileMean),
    utilityMean: estimate('utility', utility, mean),
    worstDays: estimate('worst days', (run) => worstTenth(run.test.utilityByDay), mean),
    lateRate: estimate('late', (run) => run.test.lateRate, interquartileMean),
    shareOfBound: bound === null ? null : estimate('share', (run) => utility(run) / bound, interquartileMean),
    lastUtility: trained ? estimate('last', (run) => run.last!.utility.mean, interquartileMean) : null,
    denoisingSteps: average((run) => run.test.meanSteps),
    energyCost: average((run) => run.test.energyCost),
    carbonKg: average((run) => run.test.carbonKg),
    steps: trained ? average((run) => run.steps!) : null,
    seconds: runs.every((run) => run.seconds !== null) ? average((run) => run.seconds!) : null,
  };
}

/** Mean of the lowest tenth of some values, of one at least. */
export function worstTenth(values: readonly number[]): number {
  return mean([...values].sort((a, b) => a - b).slice(0, Math.ceil(values.length / 10)));
}

/** Mean bound of the test days; null if a day has none, or if the mean is no more than zero. */
export function meanBound({ bounds }: Results, { problem, runs }: MethodRuns): number | null {
  const ofDay = bounds.get(problem.id);
  const values = runs[0]!.test.days.map((day) => ofDay?.get(day));
  if (!values.every((value) => value !== undefined)) return null;
  const value = mean(values);
  return value > 0 ? value : null;
}

/** A method that was run on every problem: interquartile mean of its shares of the bounds, resampled within each problem. */
export interface Overall {
  readonly id: string;
  readonly name: string;
  readonly shareOfBound: Estimate;
}

export function overall(results: Results): Overall[] {
  return results.list.methods.flatMap(({ id, name }) => {
    const strata = results.methods
      .filter((one) => one.method.id === id && one.runs.length > 0)
      .flatMap((one) => {
        const bound = meanBound(results, one);
        return bound === null ? [] : [one.runs.map((run) => run.test.utility.mean / bound)];
      });
    if (strata.length < results.list.problems.length) return [];
    return [{ id, name, shareOfBound: stratifiedEstimate(strata, interquartileMean, streamFor('overall', id)) }];
  });
}

/** The answer to a claim, with the figures behind it. */
export type Answer =
  | {
      readonly ask: string;
      readonly kind: 'difference';
      readonly problem: string;
      readonly better: string;
      readonly than: string;
      /** null while there are too few runs to say. */
      readonly answer: boolean | null;
      readonly runs: readonly [number, number];
      /** Of interquartile means (bootstrap) and of means (Welch), utility units per day. */
      readonly iqmDifference: Estimate;
      readonly meanDifference: Estimate;
      readonly probabilityOfImprovement: Estimate;
    }
  | {
      readonly ask: string;
      readonly kind: 'share';
      readonly problem: string;
      readonly of: string;
      readonly atLeast: number | null;
      readonly answer: boolean | null;
      readonly runs: number;
      readonly share: Estimate;
    };

/** Answers what can be answered by what is finished; the others are left out. */
export const answer = (results: Results): Answer[] => results.list.claims.flatMap((claim) => answerOne(results, claim) ?? []);

/**
 * "Yes" to a comparison needs both intervals of the difference above zero: a percentile bootstrap over a handful of seeds
 * is somewhat too narrow, and Welch's interval takes means for normal.
 */
function answerOne(results: Results, claim: Claim): Answer | undefined {
  const problem = claim.problem ?? results.list.problems[0]!.id;
  const utility = (one: MethodRuns): number[] => one.runs.map((run) => run.test.utility.mean);
  const enough = (one: MethodRuns): boolean => !learns(one) || one.runs.length > 1;
  if ('shareOf' in claim) {
    const one = runsOf(results, claim.shareOf, problem);
    const bound = one === undefined ? null : meanBound(results, one);
    if (one === undefined || bound === null) return undefined;
    const share = stratifiedEstimate([utility(one).map((value) => value / bound)], interquartileMean, streamFor(problem, one.method.id, 'share'));
    const { ask, atLeast = null } = claim;
    return { ask, kind: 'share', problem, of: one.method.id, atLeast, answer: atLeast === null || !enough(one) ? null : share.low >= atLeast, runs: one.runs.length, share };
  }
  const x = runsOf(results, claim.better, problem);
  const y = runsOf(results, claim.than, problem);
  if (x === undefined || y === undefined) return undefined;
  const stream = (what: string): RandomStream => streamFor(problem, x.method.id, y.method.id, what);
  const iqmDifference = differenceEstimate([[utility(x)], [utility(y)]], interquartileMean, stream('difference'));
  const meanDifference = welchDifference(utility(x), utility(y));
  return {
    ask: claim.ask,
    kind: 'difference',
    problem,
    better: x.method.id,
    than: y.method.id,
    answer: enough(x) && enough(y) ? iqmDifference.low > 0 && meanDifference.low > 0 : null,
    runs: [x.runs.length, y.runs.length],
    iqmDifference,
    meanDifference,
    probabilityOfImprovement: probabilityOfImprovement([utility(x)], [utility(y)], stream('probability')),
  };
}
