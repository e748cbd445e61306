import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../src/io/csv.js';
import { InputError } from '../../../src/io/errors.js';

describe('readCsv', () => {
  it('gives cells, numbers and line numbers', () => {
    const table = parseCsv('a,b\n1,x\n\n2.5,y\n', 'f.csv', ['a']);
    expect(table.length).toBe(2);
    expect(table.number(1, 'a')).toBe(2.5);
    expect(table.cell(0, 'b')).toBe('x');
    expect(table.line(1)).toBe(4);
  });

  it.each([
    ['', [], /f\.csv is empty/],
    ['a,b\n1\n', [], /f\.csv is not a valid CSV file: .*line 2/],
    ['price\n1\n', ['prise'], /no column "prise".*Did you mean "price"/],
  ])('refuses %j in one sentence', (text, required, message) => {
    expect(() => parseCsv(text, 'f.csv', required)).toThrow(InputError);
    expect(() => parseCsv(text, 'f.csv', required)).toThrow(message);
  });

  it.each(['NaN', '', 'inf', 'twelve'])('refuses %j as a number, naming file, line and column', (cell) => {
    const table = parseCsv(`a,b\n1,1\n${cell},1\n`, 'f.csv');
    expect(() => table.number(1, 'a')).toThrow(/f\.csv, line 3, column "a": expected a finite number/);
  });
});
