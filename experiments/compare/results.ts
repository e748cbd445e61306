import type { LearningCurve } from '../figures/learning.js';
import type { Evaluation } from '../run/summarise.js';
import type { Method, MethodList, Problem } from './methodList.js';
import { bestLearner } from './methodList.js';
import { mean } from '../../src/math/statistics.js';

/** A finished run: a trained policy, or a scheduler (which has no seed, no steps and no curve). */
export interface Run {
  readonly seed: number | null;
  /** Of a trained policy. */
  readonly folder: string | null;
  /** The policy that did best on the validation days, on the test days; and the last one. */
  readonly test: Evaluation;
  readonly last: Evaluation | null;
  /** Utility on the validation days that chose the policy. */
  readonly validation: number | null;
  readonly steps: number | null;
  readonly seconds: number | null;
  readonly curve: LearningCurve | null;
}

/** One method on one problem, as far as it is finished. */
export interface MethodRuns {
  readonly method: Method;
  readonly problem: Problem;
  readonly runs: readonly Run[];
  /** Runs that the comparison asks for. */
  readonly expected: number;
}

/** What a comparison has found so far. */
export interface Results {
  readonly list: MethodList;
  readonly methods: readonly MethodRuns[];
  /** By problem: the utility that no policy can exceed on each test day; none while it is not computed. */
  readonly bounds: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const learns = ({ method }: MethodRuns): boolean => method.scheduler === undefined;

/** The same without copies: of each method one run of each seed, as a copy says nothing new and must not narrow an interval. */
export function distinctSeeds(results: Results): Results {
  const distinct = (runs: readonly Run[]): Run[] => runs.filter(({ seed }, at) => runs.findIndex((other) => other.seed === seed) === at);
  return { ...results, methods: results.methods.map((one) => ({ ...one, runs: distinct(one.runs) })) };
}

/** The runs of a method, `best-learner` included; undefined if it has none yet. */
export function runsOf(results: Results, id: string, problem: string = results.list.problems[0]!.id): MethodRuns | undefined {
  const wanted = id === bestLearner ? chooseLearner(results) : id;
  return results.methods.find((one) => one.method.id === wanted && one.problem.id === problem && one.runs.length > 0);
}

/** The learning method with the best mean on the validation days of the first problem: test days play no part. */
export function chooseLearner({ list, methods }: Results): string | undefined {
  const scored = methods
    .filter((one) => learns(one) && !one.method.reference && one.problem.id === list.problems[0]!.id && one.runs.length > 0)
    .map((one) => ({ id: one.method.id, validation: mean(one.runs.map((run) => run.validation!)) }));
  return scored.sort((a, b) => b.validation - a.validation)[0]?.id;
}

/** A day on which a policy earned more than the bound allows: one of the two is wrong. */
export interface Violation {
  readonly problem: string;
  readonly method: string;
  readonly seed: number | null;
  readonly day: string;
  readonly utility: number;
  readonly bound: number;
}

/** Holds every evaluated day of every run, last policies too, against that day's bound. */
export function checkBounds({ methods, bounds }: Results): { checked: number; violations: Violation[] } {
  let checked = 0;
  const violations: Violation[] = [];
  for (const { method, problem, runs } of methods) {
    const ofProblem = bounds.get(problem.id);
    if (ofProblem === undefined) continue;
    for (const { seed, test, last } of runs) {
      for (const { days, utilityByDay } of last === null ? [test] : [test, last]) {
        days.forEach((day, at) => {
          const bound = ofProblem.get(day);
          if (bound === undefined) return;
          checked++;
          const utility = utilityByDay[at]!;
          if (utility > bound) violations.push({ problem: problem.id, method: method.id, seed, day, utility, bound });
        });
      }
    }
  }
  return { checked, violations };
}
