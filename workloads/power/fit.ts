import { nnls } from '../../src/math/nnls.js';
import type { Device } from './device.js';
import { at } from './device.js';
import type { PartSteps } from './phases.js';
import type { PowerCoefficients, PowerTerm } from './power.js';
import { powerLoads, powerTerms } from './power.js';
import type { TimeCoefficients, TimeTerm } from './timeline.js';
import { fromVector, timeTerms, timelineOf } from './timeline.js';

/** A measured iteration, ready to fit. */
export interface FitRow {
  readonly device: Device;
  readonly parts: readonly PartSteps[];
  readonly clockMhz: number;
  readonly timeMs: number;
  readonly powerW: number;
}

export interface Coefficients {
  readonly time: TimeCoefficients;
  readonly power: PowerCoefficients;
}

/** What is expected of a coefficient before any measurement: a typical value, and how far off it may be, relatively. */
type Prior<Term extends string> = Readonly<Record<Term, readonly [typical: number, spread: number]>>;

const timePrior: Prior<TimeTerm> = {
  mathGemm: [1.25, 0.15],
  mathBatched: [1.6, 0.4],
  mathConv: [1.6, 0.4],
  mathCuda: [1.3, 0.3],
  l2: [1.6, 0.4],
  wave: [800, 2],
  end: [1.6, 2],
  dramMatrix: [1.2, 0.2],
  dramElementwise: [1.18, 0.2],
  dramReduction: [1.3, 0.3],
  copies: [1.25, 0.5],
  norm: [1.25, 0.4],
  start: [3, 1],
  launch: [30, 0.3],
  launchBatched: [60, 0.7],
  launchConv: [60, 0.7],
};
const powerPrior: Prior<PowerTerm> = {
  static: [5, 1],
  sm: [0.7, 0.7],
  tensor: [0.9, 0.7],
  cuda: [15, 0.5],
  l2: [5, 0.7],
  dram: [60, 0.9],
};
/** The relative error that a right model would still show, from run-to-run scatter: it weighs the rows against the priors. */
const scatter = 0.06;
const iterations = 40;
const damping = 0.6;

/**
 * Fits both models to measured rows by non-negative least squares on relative errors, with weak priors for what the rows
 * do not determine. The time model picks slopes by its regimes (compute or memory, host or device), so its least squares
 * are repeated with the regimes of the last solution until it settles (Gauss-Newton; exact steps, by Euler's theorem).
 */
export function fitCoefficients(rows: readonly FitRow[]): Coefficients {
  const time = fitTime(rows);
  return { time: fromVector(time), power: fitPower(rows, time) };
}

function fitTime(rows: readonly FitRow[]): Float64Array {
  const prior = timeTerms.map((name) => timePrior[name]);
  const coefficients = Float64Array.from(prior, ([typical]) => typical);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const equations: Float64Array[] = [];
    const rightSides: number[] = [];
    for (const row of rows) {
      const { timeMs, slope } = timelineOf(row.parts, row.device, row.clockMhz, coefficients);
      // Far-off rows count less (as a Huber-like loss); the geometric mean makes over- and underestimates count alike.
      const error = Math.log(timeMs / row.timeMs) / scatter;
      const weight = (1 + error * error) ** -0.25 / (scatter * Math.sqrt(timeMs * row.timeMs));
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
    const timeline = timelineOf(row.parts, row.device, row.clockMhz, time);
    const weight = 1 / (scatter * row.powerW);
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
