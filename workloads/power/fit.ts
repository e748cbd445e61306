import { nnls } from '../../src/math/nnls.js';
import { at } from './device.js';
import type { Coefficients } from './sustainedClock.js';
import type { PowerCoefficients, PowerTerm } from './power.js';
import { powerLoads, powerTerms } from './power.js';
import { sustainedClock } from './sustainedClock.js';
import type { Setting, TimeTerm } from './timeline.js';
import { fromVector, timeTerms, timelineOf, toVector } from './timeline.js';

/** A measured iteration, ready to fit. */
export interface FitRow extends Setting {
  readonly clockMhz: number;
  /** The clock was measured; else it is taken to be the highest that the board can hold. */
  readonly clockKnown: boolean;
  readonly timeMs: number;
  /** Of each device. */
  readonly powerW: number;
  /** How much the row counts in a fit, relative to others; default 1. */
  readonly weight?: number;
}

/** What is expected of a coefficient before any measurement: a typical value, and how far off it may be, relatively. */
type Prior<Term extends string> = Readonly<Record<Term, readonly [typical: number, spread: number]>>;

const timePrior: Prior<TimeTerm> = {
  mathGemm: [1.25, 0.15],
  mathBatched: [1.6, 0.4],
  mathGrouped: [1.6, 0.4],
  mathAttention: [1.8, 0.4],
  mathConv: [1.6, 0.4],
  mathCuda: [1.3, 0.3],
  l2: [1.6, 0.4],
  wave: [800, 2],
  end: [1.6, 2],
  dramMatrix: [1.2, 0.2],
  dramGrouped: [1.3, 0.3],
  dramAttention: [1.5, 0.4],
  dramElementwise: [1.18, 0.2],
  dramReduction: [1.3, 0.3],
  copies: [1.25, 0.5],
  norm: [1.25, 0.4],
  start: [3, 1],
  startGraph: [3, 0.7],
  link: [1.4, 0.4],
  exchange: [1.4, 0.8],
  ring: [1.4, 0.6],
  collective: [10, 0.5],
  launch: [30, 0.3],
  launchBatched: [60, 0.7],
  launchConv: [60, 0.7],
  launchCollective: [300, 0.7],
  step: [2000, 0.7],
  sequence: [20, 0.7],
};
const powerPrior: Prior<PowerTerm> = {
  static: [5, 1],
  sm: [0.7, 0.7],
  tensor: [0.9, 0.7],
  attention: [1.8, 0.7],
  cuda: [15, 0.5],
  l2: [5, 0.7],
  dram: [60, 0.9],
};
/** The relative error that a right model would still show, from run-to-run scatter: it weighs the rows against the priors. */
const scatter = 0.06;
const iterations = 40;
const damping = 0.6;
const rounds = 3;

/**
 * Fits both models to measured rows by non-negative least squares on relative errors, with weak priors for what the rows
 * do not determine. The time model picks slopes by its regimes (compute or memory, host or device), so its least squares
 * are repeated with the regimes of the last solution until it settles (Gauss-Newton; exact steps, by Euler's theorem).
 * Clocks that were not measured are those that the board can hold by the last fit, a few times over. `near` is where to
 * start, such as the fit of nearly the same rows.
 */
export function fitCoefficients(rows: readonly FitRow[], near?: Coefficients): Coefficients {
  const unknown = rows.some(({ clockKnown }) => !clockKnown);
  const hold = (fitted: Coefficients): FitRow[] => rows.map((row) => (row.clockKnown ? row : { ...row, clockMhz: sustainedClock(row, row.clockMhz, fitted) }));
  let fitted = fitOnce(near === undefined ? rows : hold(near), near);
  for (let round = 1; unknown && round < rounds; round++) fitted = fitOnce(hold(fitted), fitted);
  return fitted;
}

function fitOnce(rows: readonly FitRow[], near: Coefficients | undefined): Coefficients {
  const time = fitTime(rows, near);
  return { time: fromVector(time), power: fitPower(rows, time) };
}

function fitTime(rows: readonly FitRow[], near: Coefficients | undefined): Float64Array {
  const prior = timeTerms.map((name) => timePrior[name]);
  const coefficients = near === undefined ? Float64Array.from(prior, ([typical]) => typical) : toVector(near.time);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const equations: Float64Array[] = [];
    const rightSides: number[] = [];
    for (const row of rows) {
      const { timeMs, slope } = timelineOf(row, row.clockMhz, coefficients);
      // Far-off rows count less (as a Huber-like loss); the geometric mean makes over- and underestimates count alike.
      const error = Math.log(timeMs / row.timeMs) / scatter;
      const weight = ((row.weight ?? 1) * (1 + error * error) ** -0.25) / (scatter * Math.sqrt(timeMs * row.timeMs));
      equations.push(slope.map((value) => value * weight));
      rightSides.push(row.timeMs * weight);
    }
    addPrior(equations, rightSides, prior);
    const solution = nnls(equations, rightSides);
    let change = 0;
    for (let i = 0; i < solution.length; i++) {
      const step = damping * (solution[i]! - coefficients[i]!);
      change = Math.max(change, Math.abs(step) / prior[i]![0]);
      coefficients[i]! += step;
    }
    if (change < 1e-3) break;
  }
  return coefficients;
}

function fitPower(rows: readonly FitRow[], time: Float64Array): PowerCoefficients {
  const equations: Float64Array[] = [];
  const rightSides: number[] = [];
  for (const row of rows) {
    const timeline = timelineOf(row, row.clockMhz, time);
    const weight = (row.weight ?? 1) / (scatter * row.powerW);
    equations.push(powerLoads(timeline, timeline.timeMs, row.device, row.clockMhz).map((value) => value * weight));
    rightSides.push((row.powerW - at(row.device.idlePowerW, row.clockMhz)) * weight);
  }
  addPrior(equations, rightSides, powerTerms.map((name) => powerPrior[name]));
  const solution = nnls(equations, rightSides);
  return Object.fromEntries(powerTerms.map((name, index) => [name, solution[index]!])) as Record<PowerTerm, number>;
}

function addPrior(equations: Float64Array[], rightSides: number[], prior: readonly (readonly [number, number])[]): void {
  prior.forEach(([typical, spread], index) => {
    const equation = new Float64Array(prior.length);
    equation[index] = 1 / (typical * spread);
    equations.push(equation);
    rightSides.push(1 / spread);
  });
}
