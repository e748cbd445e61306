import { Matrix, solve } from 'ml-matrix';

/**
 * Non-negative least squares: the x >= 0 that minimises ||A x - b||, by Lawson and Hanson's active-set method
 * (Solving Least Squares Problems, 1974) on the normal equations (Bro and de Jong, J. Chemometrics 11, 1997).
 * `rows` are the rows of A. Throws RangeError when they are ragged, empty or not finite.
 */
export function nnls(rows: readonly ArrayLike<number>[], b: ArrayLike<number>): Float64Array {
  const n = rows[0]?.length ?? 0;
  if (n === 0 || rows.length !== b.length) throw new RangeError('nnls needs at least one column, and one right-hand side a row.');
  const { gram, moment, norms } = normalEquations(rows, b, n);
  const y = new Float64Array(n);
  const free: number[] = [];
  const threshold = 1e-12 * Math.max(...moment.map(Math.abs));
  // Each pass frees one variable; Lawson and Hanson's own bound on the passes.
  for (let pass = 0; pass < 3 * n; pass++) {
    let entering = -1;
    let steepest = threshold;
    for (let j = 0; j < n; j++) {
      if (free.includes(j)) continue;
      const slope = moment[j]! - dot(gram[j]!, y);
      if (slope > steepest) {
        steepest = slope;
        entering = j;
      }
    }
    if (entering < 0) break;
    free.push(entering);
    let target = solveFree(gram, moment, free);
    while (target.some((value) => value <= 0)) {
      // Walk towards the unconstrained solution until the first variable reaches zero; that one is fixed there.
      let step = Infinity;
      let leaving = 0;
      free.forEach((j, k) => {
        const ratio = target[k]! <= 0 ? y[j]! / (y[j]! - target[k]!) : Infinity;
        if (ratio < step) [step, leaving] = [ratio, k];
      });
      free.forEach((j, k) => (y[j]! += step * (target[k]! - y[j]!)));
      y[free[leaving]!] = 0;
      free.splice(leaving, 1);
      if (free.length === 0) break;
      target = solveFree(gram, moment, free);
    }
    free.forEach((j, k) => (y[j] = target[k]!));
  }
  return y.map((value, j) => value / norms[j]!);
}

/** A'A and A'b with every column of A scaled to length one, for the sake of conditioning. */
function normalEquations(rows: readonly ArrayLike<number>[], b: ArrayLike<number>, n: number) {
  const gram = Array.from({ length: n }, () => new Float64Array(n));
  const moment = new Float64Array(n);
  rows.forEach((row, i) => {
    if (row.length !== n) throw new RangeError(`nnls: row ${i} has ${row.length} columns, expected ${n}.`);
    for (let j = 0; j < n; j++) {
      moment[j]! += row[j]! * b[i]!;
      for (let k = 0; k < n; k++) gram[j]![k]! += row[j]! * row[k]!;
    }
  });
  const norms = Float64Array.from(gram, (column, j) => Math.sqrt(column[j]!) || 1);
  for (let j = 0; j < n; j++) {
    moment[j]! /= norms[j]!;
    for (let k = 0; k < n; k++) gram[j]![k]! /= norms[j]! * norms[k]!;
  }
  if (!moment.every(Number.isFinite) || !norms.every(Number.isFinite)) throw new RangeError('nnls needs finite numbers.');
  return { gram, moment, norms };
}

/** The unconstrained solution over the free variables; by SVD, so that dependent columns share rather than fail. */
function solveFree(gram: readonly Float64Array[], moment: Float64Array, free: readonly number[]): number[] {
  const a = new Matrix(free.map((j) => free.map((k) => gram[j]![k]!)));
  return solve(a, Matrix.columnVector(free.map((j) => moment[j]!)), true).to1DArray();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
