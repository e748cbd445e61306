import { describe, expect, it } from 'vitest';
import { answer, measure, worstTenth } from '../../../experiments/compare/measure.js';
import type { Method } from '../../../experiments/compare/methodList.js';
import { loadMethodList } from '../../../experiments/compare/methodList.js';
import type { Results, Run } from '../../../experiments/compare/results.js';
import type { Evaluation } from '../../../experiments/run/summarise.js';
import type { Estimate } from '../../../src/math/comparison.js';
import { randomStream } from '../../../src/math/random.js';
import { mean } from '../../../src/math/statistics.js';

it.each([
  [[5], 5],
  [[5, 1, 9, 7], 1],
  [[...Array(20).keys()].map((i) => 100 - i), 81.5],
  [[...Array(21).keys()], 1],
])('the worst tenth of %o, one value at least, is %d on average', (values, worst) => expect(worstTenth(values)).toBe(worst));

const list = loadMethodList('smoke');
const problem = list.problems[0]!;
const learner = list.methods.find((method) => method.id === 'diffusion')!;
const other = list.methods.find((method) => method.id === 'unshaped')!;
const rule = list.methods.find((method) => method.id === 'greedy')!;

/** A finished run with these utilities on its test days. */
function run(seed: number | null, utilityByDay: readonly number[]): Run {
  const days = utilityByDay.map((_, day) => `2023-01-${String(day + 1).padStart(2, '0')}`);
  const test = { days, utilityByDay, utility: { mean: mean(utilityByDay), ci95: null }, lateRate: 0, meanSteps: 0, energyCost: 0, carbonKg: 0 } as unknown as Evaluation;
  return { seed, folder: null, test, last: test, validation: 0, steps: 1, seconds: 1, curve: null };
}

const resultsOf = (better: readonly Run[], than: readonly Run[], opponent: Method): Results => ({
  list: { ...list, claims: [{ ask: 'Is it better?', better: learner.id, than: opponent.id }] },
  methods: [{ method: learner, problem, runs: better, expected: better.length }, { method: opponent, problem, runs: than, expected: than.length }],
  bounds: new Map(),
});

function difference(results: Results) {
  const [one] = answer(results);
  if (one?.kind !== 'difference') throw new Error('expected a difference');
  return one;
}

const covers = ({ low, high }: Estimate): boolean => low <= 0 && high >= 0;

describe('intervals of answers', () => {
  it.each([
    ['10 seeds of a learner and a scheduler', 10, rule, 1],
    ['6 seeds of two learners', 6, other, 6],
  ])('cover the difference of %s over other seeds and other days', (_, seeds, opponent, others) => {
    const random = randomStream(1, `answers/${seeds}`);
    const trials = 400;
    const covered = { iqm: 0, mean: 0 };
    for (let trial = 0; trial < trials; trial++) {
      // A day changes what both earn by much, and what one has over the other by about as much as seeds do.
      const days = Array.from({ length: 14 }, () => ({ both: 500 * random.normal(), one: 60 * random.normal() }));
      const scores = (of: (day: (typeof days)[number]) => number, spread: number): number[] => {
        const own = spread * random.normal();
        return days.map((day) => of(day) + own + 20 * random.normal());
      };
      const better = Array.from({ length: seeds }, (_, seed) => run(seed, scores(({ both, one }) => both + one, 40)));
      const than = Array.from({ length: others }, (_, seed) => run(others === 1 ? null : seed, scores(({ both }) => both, others === 1 ? 0 : 40)));
      const { iqmDifference, meanDifference } = difference(resultsOf(better, than, opponent));
      if (covers(iqmDifference)) covered.iqm++;
      if (covers(meanDifference)) covered.mean++;
    }
    expect(covered.iqm / trials).toBeGreaterThan(0.93);
    expect(covered.mean / trials).toBeGreaterThan(0.93);
  });

  it('cover the interquartile mean of 6 seeds in the table of methods', () => {
    const random = randomStream(2, 'rows');
    const trials = 1000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const runs = Array.from({ length: 6 }, (_, seed) => run(seed, [random.normal()]));
      const [row] = measure(resultsOf(runs, [], other));
      if (covers(row!.utilityIqm)) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.93);
  });

  it('count copies of one seed once', () => {
    const random = randomStream(3, 'copies');
    const runs = Array.from({ length: 3 }, (_, seed) => run(seed, Array.from({ length: 5 }, () => random.normal())));
    const scheduled = [run(null, [0, 0, 0, 0, 0])];
    const once = resultsOf(runs, scheduled, rule);
    const often = resultsOf([...runs, ...runs, ...runs], scheduled, rule);
    expect(answer(often)).toEqual(answer(once));
    expect(difference(often).runs).toEqual([3, 1]);
    expect(measure(often).map((row) => [row.runs, row.utilityIqm])).toEqual(measure(once).map((row) => [row.runs, row.utilityIqm]));
  });

  it('leave a question open with one seed of a learner or one day', () => {
    const scheduled = (days: number) => [run(null, Array<number>(days).fill(0))];
    expect(difference(resultsOf([run(0, [5, 6])], scheduled(2), rule)).answer).toBeNull();
    expect(difference(resultsOf([run(0, [5]), run(1, [6])], scheduled(1), rule)).answer).toBeNull();
    expect(difference(resultsOf([run(0, [5, 5]), run(1, [5, 5])], scheduled(2), rule))).toMatchObject({ answer: true, days: 2 });
  });
});
