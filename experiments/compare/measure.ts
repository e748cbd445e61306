import type { Estimate, Statistic } from '../../src/math/comparison.js';
import { differenceByDay, estimate, probabilityOfImprovement, shareByDay } from '../../src/math/comparison.js';
import { mean } from '../../src/math/statistics.js';
import type { Claim } from './methodList.js';
import type { MethodRuns, Results, Run } from './results.js';
import { distinctSeeds, learns, runsOf } from './results.js';

/** One row of the table. Utility in units per day, on these test days; intervals are over seeds, none for a scheduler or a single seed. */
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

export function measure(given: Results): Row[] {
  const results = distinctSeeds(given);
  return results.methods.filter((one) => one.runs.length > 0).map((one) => row(one, meanBound(results, one)));
}

function row(one: MethodRuns, bound: number | null): Row {
  const { method, problem, runs, expected } = one;
  const over = (of: (run: Run) => number, statistic: Statistic = 'interquartile mean'): Estimate => estimate([runs.map(of)], statistic);
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
    utilityIqm: over(utility),
    utilityMean: over(utility, 'mean'),
    worstDays: over((run) => worstTenth(run.test.utilityByDay), 'mean'),
    lateRate: estimate([runs.map((run) => run.test.lateRate)], 'interquartile mean', [0, 1]),
    shareOfBound: bound === null ? null : over((run) => utility(run) / bound),
    lastUtility: trained ? over((run) => run.last!.utility.mean) : null,
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

/** A method that was run on every problem: interquartile mean of its shares of the bounds, seeds drawn within each problem. */
export interface Overall {
  readonly id: string;
  readonly name: string;
  readonly shareOfBound: Estimate;
}

export function overall(given: Results): Overall[] {
  const results = distinctSeeds(given);
  return results.list.methods.flatMap(({ id, name }) => {
    const strata = results.methods
      .filter((one) => one.method.id === id && one.runs.length > 0)
      .flatMap((one) => {
        const bound = meanBound(results, one);
        return bound === null ? [] : [one.runs.map((run) => run.test.utility.mean / bound)];
      });
    if (strata.length < results.list.problems.length) return [];
    return [{ id, name, shareOfBound: estimate(strata, 'interquartile mean') }];
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
      /** Of distinct seeds. */
      readonly runs: readonly [number, number];
      /** Days that both sides were tested on, by which they are paired. */
      readonly days: number;
      /** Utility units per day; intervals over seeds and days. */
      readonly iqmDifference: Estimate;
      readonly meanDifference: Estimate;
      /** Of means over these days; interval over seeds. */
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
      readonly days: number;
      /** Interval over seeds and days. */
      readonly share: Estimate;
    };

/** Answers what can be answered by what is finished; the others are left out. */
export function answer(given: Results): Answer[] {
  const results = distinctSeeds(given);
  return results.list.claims.flatMap((claim) => ('shareOf' in claim ? answerShare(results, claim) : answerDifference(results, claim)) ?? []);
}

/** Whether anything is known of how far it varies: a learner needs two seeds. */
const enough = (one: MethodRuns): boolean => !learns(one) || one.runs.length > 1;

/** Utility of each run on each of some days. */
const onDays = ({ runs }: MethodRuns, days: readonly string[]): number[][] => runs.map(({ test }) => days.map((day) => test.utilityByDay[test.days.indexOf(day)]!));

function answerShare(results: Results, claim: Extract<Claim, { shareOf: string }>): Answer | undefined {
  const { ask, atLeast = null, problem = results.list.problems[0]!.id } = claim;
  const one = runsOf(results, claim.shareOf, problem);
  if (one === undefined || meanBound(results, one) === null) return undefined;
  const { days } = one.runs[0]!.test;
  const bounds = results.bounds.get(problem)!;
  const share = shareByDay(onDays(one, days), days.map((day) => bounds.get(day)!), 'interquartile mean');
  const known = atLeast !== null && enough(one) && days.length > 1;
  return { ask, kind: 'share', problem, of: one.method.id, atLeast, answer: known ? share.low >= atLeast : null, runs: one.runs.length, days: days.length, share };
}

/** "Yes" needs both intervals of the difference above zero: a mean can be one lucky run's, and an interquartile mean leaves out half of them. */
function answerDifference(results: Results, claim: Extract<Claim, { better: string }>): Answer | undefined {
  const { ask, problem = results.list.problems[0]!.id } = claim;
  const x = runsOf(results, claim.better, problem);
  const y = runsOf(results, claim.than, problem);
  if (x === undefined || y === undefined) return undefined;
  const days = x.runs[0]!.test.days.filter((day) => y.runs[0]!.test.days.includes(day));
  if (days.length === 0) return undefined;
  const [ofX, ofY] = [onDays(x, days), onDays(y, days)];
  const iqmDifference = differenceByDay(ofX, ofY, 'interquartile mean');
  const meanDifference = differenceByDay(ofX, ofY, 'mean');
  const known = enough(x) && enough(y) && days.length > 1;
  return {
    ask,
    kind: 'difference',
    problem,
    better: x.method.id,
    than: y.method.id,
    answer: known ? iqmDifference.low > 0 && meanDifference.low > 0 : null,
    runs: [x.runs.length, y.runs.length],
    days: days.length,
    iqmDifference,
    meanDifference,
    probabilityOfImprovement: probabilityOfImprovement([ofX.map((run) => mean(run))], [ofY.map((run) => mean(run))]),
  };
}
