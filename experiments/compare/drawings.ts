import { join } from 'node:path';
import type { DayRecord } from '../../envs/index.js';
import { performanceProfile, sampleEfficiency } from '../../src/math/comparison.js';
import type { FigureSize } from '../../src/plots/render.js';
import { savePng } from '../../src/plots/render.js';
import { commonSteps, efficiencyFigure, methodBars, profileFigure } from '../figures/comparison.js';
import { flowFigure } from '../figures/flows.js';
import { batteryPriceFigure, loadPriceFigure } from '../figures/priceResponse.js';
import type { Row } from './measure.js';
import type { MethodRuns, Results } from './results.js';
import { distinctSeeds, learns, runsOf } from './results.js';

/** A figure of the report: its file's name, and what it shows in a sentence. */
export interface Drawing {
  readonly file: string;
  readonly shows: string;
}

/** Days of one policy, recorded. */
export interface Observed {
  readonly id: string;
  readonly name: string;
  readonly records: readonly DayRecord[];
}

/** More lines than this in one figure cannot be told apart. */
const mostLines = 8;

/** Draws all figures of a comparison into `folder`, those of later problems with their id in the name. */
export function draw(folder: string, given: Results, rows: readonly Row[], observed: readonly Observed[]): Drawing[] {
  const results = distinctSeeds(given);
  const drawings: Drawing[] = [];
  const save = (file: string, shows: string, figure: Parameters<typeof savePng>[1], size?: FigureSize): void => {
    savePng(join(folder, file), figure, size);
    drawings.push({ file, shows });
  };
  results.list.problems.forEach(({ id, name }, at) => {
    const suffix = at === 0 ? '' : `-${id}`;
    const of = rows.filter((row) => row.problem === id);
    if (of.length === 0) return;
    const where = results.list.problems.length === 1 ? '' : ` (${name})`;
    const size = { height: 140 + 24 * of.length };
    const drawn = lines(results, id);
    if (drawn.length > 0) save(`convergence${suffix}.png`, `Learning: utility on the validation days against environment steps${where}.`, convergence(drawn), { height: 640 });
    const bars = (estimate: (row: Row) => Row['utilityIqm'] | null) =>
      of.flatMap((row) => {
        const value = estimate(row);
        return value === null ? [] : [{ name: row.name, learns: row.learns, estimate: value }];
      });
    save(`utility${suffix}.png`, `Utility on the test days, interquartile mean${where}.`, methodBars('Utility on test days', 'utility units per day', bars((row) => row.utilityIqm)), size);
    save(`late${suffix}.png`, `Late jobs on the test days, interquartile mean${where}.`, methodBars('Late jobs on test days', 'late jobs (%)', bars((row) => row.lateRate), { scale: 100, best: 'lowest' }), size);
    const shares = bars((row) => row.shareOfBound);
    if (shares.length > 0) {
      save(`share-of-bound${suffix}.png`, `Utility as a share of what no policy can exceed${where}; 1 is out of reach.`, methodBars('Share of the clairvoyant bound', 'utility / bound', shares, { max: 1 }), size);
      save(`profile${suffix}.png`, `Share of all test days of all runs on which a method exceeds a share of the bound${where}.`, profiles(results, id), { height: 640 });
    }
    const times = of.filter((row) => row.seconds !== null).map((row) => ({ name: row.name, learns: true, estimate: { value: row.seconds!, low: row.seconds!, high: row.seconds! } }));
    if (times.length > 0) save(`cost${suffix}.png`, `Training time of one run, looks at the validation days included${where}.`, methodBars('Cost of learning', 'seconds per run (one process)', times, { best: 'lowest' }), size);
  });
  for (const { id, name, records } of observed) {
    save(`load-price-${id}.png`, `${name}: load, power and grid exchange of each site against its price; means over the test days.`, loadPriceFigure(records, name), { height: 860 });
    save(`battery-price-${id}.png`, `${name}: battery power of each site against its price.`, batteryPriceFigure(records, name));
    save(`flows-${id}.png`, `${name}: who sends which jobs where, by deadline class.`, flowFigure(records, name));
  }
  return drawings;
}

/** The methods of a figure of lines: those that the list names, or all that learn, as far as they can be told apart. */
function lines(results: Results, problem: string): MethodRuns[] {
  const ids = results.list.convergence ?? results.list.methods.map((method) => method.id);
  const methods = ids.flatMap((id) => runsOf(results, id, problem) ?? []);
  return methods.filter(learns).slice(0, mostLines);
}

function convergence(drawn: readonly MethodRuns[]) {
  const methods = drawn.map(({ method, runs }) => {
    const curves = runs.map((run) => run.curve!);
    return {
      name: method.name,
      steps: commonSteps(curves),
      points: sampleEfficiency(curves.map((curve) => curve.utility)),
    };
  });
  return efficiencyFigure(methods, []);
}

const thresholds = Array.from({ length: 61 }, (_, k) => 0.4 + k / 100);

function profiles(results: Results, problem: string) {
  const bound = results.bounds.get(problem)!;
  const rules = results.methods.filter((one) => one.problem.id === problem && one.method.id === 'tuned-greedy' && one.runs.length > 0);
  const methods = [...rules, ...lines(results, problem).slice(0, mostLines - rules.length)].map(({ method, runs }) => {
    const scores = runs.map(({ test }) => test.days.map((day, at) => test.utilityByDay[at]! / (bound.get(day) ?? NaN)));
    return { name: method.name, profile: performanceProfile(scores, thresholds) };
  });
  return profileFigure(thresholds, methods);
}
