import { writeAtomic } from './files.js';

export type Metric = number | string | null;

/**
 * A table of metrics kept as CSV: one column a key, one row a record, empty cells for null. Rows are held in memory and
 * the file is replaced whole by `flush`, so that it is never half written and can be cut back to a checkpoint.
 */
export interface MetricsLog<Row extends Readonly<Record<string, Metric>>> {
  readonly rows: readonly Row[];
  add(row: Row): void;
  /** Goes back to `rows`, as of a checkpoint. */
  reset(rows: readonly Row[]): void;
  flush(): void;
}

export function createMetricsLog<Row extends Readonly<Record<string, Metric>>>(
  file: string,
  columns: readonly (keyof Row & string)[],
): MetricsLog<Row> {
  let rows: Row[] = [];
  const cell = (value: Metric): string => (value === null ? '' : String(value));
  return {
    get rows() {
      return rows;
    },
    add: (row) => void rows.push(row),
    reset: (kept) => void (rows = [...kept]),
    flush: () =>
      writeAtomic(file, [columns.join(','), ...rows.map((row) => columns.map((name) => cell(row[name]!)).join(',')), ''].join('\n')),
  };
}
