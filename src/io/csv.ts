import { parse } from 'csv-parse/sync';
import { InputError, messageOf, suggest } from './errors.js';
import { readText } from './files.js';

/** A parsed CSV file: `cell(row, column)` is text, `number(row, column)` is checked to be finite. */
export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly length: number;
  has(column: string): boolean;
  /** Throws InputError if the file has no such column. */
  cell(row: number, column: string): string;
  /** Throws InputError (file, line, column, what was found) unless the cell is a finite number. */
  number(row: number, column: string): number;
  /** 1-based line in the file of a 0-based row. */
  line(row: number): number;
}

/**
 * Reads a CSV file with a header line. Blank lines are skipped, and so are rows of empty cells, which spreadsheets leave.
 * Throws InputError for a missing file, a ragged row (with its line), an empty file, two columns of one name, or a missing
 * required column.
 */
export function readCsv(file: string, required: readonly string[] = []): CsvTable {
  return parseCsv(readText(file), file, required);
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a cell is, as people and programs write decimals; NaN for anything else, hexadecimal digits included. */
export const decimalIn = (cell: string): number => (decimal.test(cell) ? Number(cell) : NaN);

/** As `readCsv`, on text already in memory; `file` is only used in messages. */
export function parseCsv(text: string, file: string, required: readonly string[] = []): CsvTable {
  const [header, ...rows] = (text.includes('"') ? parseQuoted(text, file) : splitPlain(text, file)).filter(({ cells }) => cells.some((cell) => cell !== ''));
  if (header === undefined) throw new InputError(`${file} is empty; expected a CSV file with a header line.`);
  const columns = header.cells;
  const repeated = columns.find((name, i) => name !== '' && columns.indexOf(name) !== i);
  if (repeated !== undefined) throw new InputError(`${file} has two columns "${repeated}"; expected each once.`);
  const at = new Map(columns.map((name, index) => [name, index]));
  const indexOf = (column: string): number => {
    const index = at.get(column);
    if (index === undefined) {
      throw new InputError(`${file} has no column "${column}"; it has: ${columns.join(', ')}.${suggest(column, columns)}`);
    }
    return index;
  };
  for (const column of required) indexOf(column);
  const table: CsvTable = {
    file,
    columns,
    length: rows.length,
    has: (column) => at.has(column),
    cell: (row, column) => rows[row]!.cells[indexOf(column)]!,
    number: (row, column) => {
      const cell = table.cell(row, column);
      const value = decimalIn(cell);
      if (!Number.isFinite(value)) {
        throw new InputError(
          `${file}, line ${table.line(row)}, column "${column}": expected a finite number, found "${cell}".`,
        );
      }
      return value;
    },
    line: (row) => rows[row]!.line,
  };
  return table;
}

interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

function parseQuoted(text: string, file: string): CsvRecord[] {
  try {
    const records = parse(text, { info: true, skip_empty_lines: true, trim: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (error) {
    throw new InputError(`${file} is not a valid CSV file: ${messageOf(error)}.`);
  }
}

/** A file without quotes needs no parser: splitting is about ten times as fast, and years of hourly data are large. */
function splitPlain(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(',');
    for (let i = 0; i < cells.length; i++) cells[i] = cells[i]!.trim();
    const expected = records[0]?.cells.length ?? cells.length;
    if (cells.length !== expected) {
      throw new InputError(`${file} is not a valid CSV file: line ${index + 1} has ${cells.length} cells, the header ${expected}.`);
    }
    records.push({ cells, line: index + 1 });
  }
  return records;
}
