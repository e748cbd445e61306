import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../src/io/files.js';
import { jsonErrorLine } from '../../../src/io/jsonLine.js';

describe('jsonErrorLine', () => {
  it.each([
    ['{"a": 1,\n "b": tru,\n}', 2],
    ['[1,\n2,\n,3]', 3],
    ['{"a":1\n\n"b":2}', 3],
    ['[1,2]\n]', 2],
    ['{\n"a": "x\n"}', 2],
    ['{"a": 1,\n\n "b": NaN}', 3],
    ['{"a":\n1,}', 2],
    ['[01]', 1],
    ['{\n  "a": [1, 2\n', 3],
    ['', 1],
  ])('finds where %j breaks', (text, line) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(jsonErrorLine(text)).toBe(line);
  });

  it('reads valid JSON to its end', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(jsonErrorLine(`${text}\n\n`)).toBe(text.split('\n').length + 2);
    }), { numRuns: 300, seed: 1 });
  });

  it('is named when a file is read, in one line', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'jouleflow-')), 'x.json');
    writeFileSync(file, '[1,\n2,\n,3]');
    expect(() => readJson(file)).toThrow(/x\.json, line 3, is not valid JSON: [^\n]*$/);
  });
});
