import type { Highs } from 'highs';

/** Above the relative rounding error of a sum of 100,000 terms in double precision. */
const rounding = 1e-11;

/** A coefficient in a row, which `row` returned. */
export type Entry = readonly [row: number, coefficient: number];

/** A sparse linear program to be maximised, every variable between 0 and a finite upper limit. */
export class LinearProgram {
  /** Part of the objective that does not depend on the variables. */
  constant = 0;
  private readonly rowLow: number[] = [];
  private readonly rowHigh: number[] = [];
  private readonly cost: number[] = [];
  private readonly upper: number[] = [];
  private readonly start: number[] = [0];
  private readonly index: number[] = [];
  private readonly value: number[] = [];

  /** Adds `low <= row <= high`, either of which may be infinite, and returns the row. */
  row(low: number, high: number): number {
    this.rowHigh.push(high);
    return this.rowLow.push(low) - 1;
  }

  /** Adds a variable from 0 to `upper` worth `profit` a unit, with its coefficients in distinct rows. */
  variable(profit: number, upper: number, entries: readonly Entry[]): void {
    this.cost.push(-profit);
    this.upper.push(upper);
    for (const [row, coefficient] of entries) {
      this.index.push(row);
      this.value.push(coefficient);
    }
    this.start.push(this.index.length);
  }

  /**
   * Solves the program and returns a value that its maximum does not exceed, whatever the solver's tolerances: by weak
   * duality, any multipliers give such a value, and the solver's best give the closest (Neumaier and Shcherbina, "Safe
   * bounds in linear and mixed-integer linear programming", 2004; a margin stands for their directed rounding).
   */
  upperBound(highs: Highs): number {
    const { cost, upper, rowLow, rowHigh, start, index, value } = this;
    const numCols = cost.length;
    const numRows = rowLow.length;
    const duals = this.duals(highs);
    let least = 0;
    let magnitude = Math.abs(this.constant);
    const add = (term: number): void => {
      least += term;
      magnitude += Math.abs(term);
    };
    for (let i = 0; i < numRows; i++) {
      const side = duals[i]! > 0 ? rowLow[i]! : rowHigh[i]!;
      if (duals[i] === 0 || !Number.isFinite(side)) duals[i] = 0;
      else add(duals[i]! * side);
    }
    for (let j = 0; j < numCols; j++) {
      let reduced = cost[j]!;
      for (let at = start[j]!; at < start[j + 1]!; at++) reduced -= duals[index[at]!]! * value[at]!;
      if (reduced < 0) add(reduced * upper[j]!);
    }
    return this.constant - least + rounding * magnitude;
  }

  /**
   * Solves the program and returns what one unit more of each row's limit would bring: 0 where the limit does not bind,
   * not below 0 where it is an upper one.
   */
  rowPrices(highs: Highs): Float64Array {
    return Float64Array.from(this.duals(highs), (dual) => 0 - dual);
  }

  /** The multipliers of the rows, as of a cost to be minimised. */
  private duals(highs: Highs): Float64Array {
    const { cost, upper, rowLow, rowHigh, start, index, value } = this;
    const numCols = cost.length;
    const numRows = rowLow.length;
    const model = {
      numCols,
      numRows,
      colCost: cost,
      colLower: new Float64Array(numCols),
      colUpper: upper,
      rowLower: rowLow,
      rowUpper: rowHigh,
      matrix: { format: 'csc', numRows, numCols, starts: start, indices: index, values: value },
    } as const;
    return highs.withModel(model, (solver) => {
      solver.options.set({ output_flag: false });
      solver.run();
      return solver.getSolution().rowDual;
    });
  }
}
