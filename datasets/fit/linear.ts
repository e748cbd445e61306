/** Solves A x = b for a small symmetric positive definite A (Gaussian elimination with pivoting). */
export function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

/** Least squares of `y` on the rows of `x`, with a small ridge against collinear terms. */
export function leastSquares(x: readonly (readonly number[])[], y: ArrayLike<number>, ridge = 1e-6): number[] {
  const terms = x[0]!.length;
  const gram = Array.from({ length: terms }, () => new Array<number>(terms).fill(0));
  const right = new Array<number>(terms).fill(0);
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < terms; j++) {
      right[j]! += x[i]![j]! * y[i]!;
      for (let k = 0; k < terms; k++) gram[j]![k]! += x[i]![j]! * x[i]![k]!;
    }
  }
  for (let j = 0; j < terms; j++) gram[j]![j]! += ridge * x.length;
  return solve(gram, right);
}

const negligible = 0.002;

/**
 * Non-negative weights that sum to 1 and bring the weighted sum of `columns` nearest to `target` in the (weighted)
 * least-squares sense: projected gradient on the simplex by multiplicative updates, which few columns make quick.
 */
export function simplexFit(columns: readonly (readonly number[])[], target: readonly number[], weight: readonly number[]): number[] {
  let shares = columns.map(() => 1 / columns.length);
  const error = (of: readonly number[]): number[] =>
    target.map((value, i) => columns.reduce((sum, column, k) => sum + of[k]! * column[i]!, 0) - value);
  for (let step = 0; step < 20_000; step++) {
    const miss = error(shares);
    const next = shares.map((share, k) => share * Math.exp(-0.5 * columns[k]!.reduce((sum, value, i) => sum + weight[i]! * miss[i]! * value, 0)));
    const total = next.reduce((sum, value) => sum + value, 0);
    shares = next.map((value) => value / total);
  }
  const kept = shares.map((share) => (share < negligible ? 0 : share));
  const total = kept.reduce((sum, value) => sum + value, 0);
  return kept.map((share) => share / total);
}
