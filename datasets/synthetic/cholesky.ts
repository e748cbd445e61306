/** Lower Cholesky factor, row i of length i + 1, of a correlation matrix given by its lower triangle with diagonal. */
export function choleskyRows(lower: readonly (readonly number[])[]): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let i = 0; i < lower.length; i++) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      let sum = lower[i]![j]!;
      const other = j === i ? row : rows[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      if (j === i && !(sum > 0)) throw new Error(`the correlation matrix is not positive definite at row ${i}`);
      row[j] = j === i ? Math.sqrt(sum) : sum / other[j]!;
    }
    rows.push(row);
  }
  return rows;
}
