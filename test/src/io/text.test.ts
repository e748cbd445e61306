import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { readText } from '../../../src/io/files.js';
import { parseJson, parseJsonLines } from '../../../src/io/json.js';
import { decodeText, unzipped } from '../../../src/io/text.js';
import { temporaryFolder } from '../../support/cli.js';
import { encodings } from '../../support/dialects.js';

describe('decodeText', () => {
  it('gives the same text in every encoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const plain = `a${text.replace(/[\r\0]/g, '')}`;
        for (const [name, encode] of Object.entries(encodings)) expect([name, decodeText(encode(plain))]).toEqual([name, plain]);
      }),
    );
  });

  it('ends lines with LF whatever ended them, and reads old single-byte files', () => {
    expect(decodeText(Buffer.from('a\r\nb\rc\n\r\n'))).toBe('a\nb\nc\n\n');
    expect(decodeText(Buffer.from([0x53, 0xe3, 0x6f, 0x20, 0xb5]))).toBe('São µ');
    expect(decodeText(new Uint8Array())).toBe('');
  });

  it('reads gzip, up to a size, and says what is damaged', () => {
    const zipped = gzipSync(Buffer.alloc(1_000_000, 0x20));
    expect(unzipped(zipped, 'f').length).toBe(1_000_000);
    expect(() => unzipped(zipped, 'f.gz', 999_999)).toThrow(new InputError(`f.gz: its ${zipped.length} bytes inflate to more than 999999; expected at most so many.`));
    expect(() => unzipped(zipped.subarray(0, 100), 'f.gz')).toThrow(/^f\.gz is not a whole gzip file: /);
    const file = join(temporaryFolder(), 'a.csv.gz');
    writeFileSync(file, gzipSync('a,b\r\n'));
    expect(readText(file)).toBe('a,b\n');
  });

  it.skipIf(process.platform !== 'linux')('stops reading what has no end', () => {
    expect(() => readText('/dev/zero')).toThrow(/\/dev\/zero has more than 500000000 bytes/);
    expect(readText('/dev/null')).toBe('');
  });
});

describe('parseJson', () => {
  it("reads Python's words as the numbers that they are, and leaves strings alone", () => {
    expect(parseJson('{"a": NaN, "b": [Infinity, -Infinity, 1], "NaN": "NaN, \\"Infinity\\" not a number"}', 'f')).toEqual({
      a: NaN,
      b: [Infinity, -Infinity, 1],
      NaN: 'NaN, "Infinity" not a number',
    });
  });

  it('agrees with JSON.parse on every JSON text', () => {
    fc.assert(fc.property(fc.json(), (text) => {
        expect(parseJson(text, 'f')).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads back what Python would write', () => {
    const python = (value: unknown): string =>
      Array.isArray(value) ? `[${value.map(python).join(', ')}]` : typeof value === 'number' && !Number.isFinite(value) ? String(value) : JSON.stringify(value);
    const value = fc.array(fc.oneof(fc.constantFrom(NaN, Infinity, -Infinity), fc.double({ noDefaultInfinity: true, noNaN: true }).filter((number) => !Object.is(number, -0)), fc.string()));
    fc.assert(fc.property(value, (list) => {
        expect(parseJson(python(list), 'f')).toEqual(list);
      }),
    );
  });

  it.each(['nan', 'NaNs', '[NaN', '{"a": -+NaN}', 'Infinity1', '0x1F', "{'a': 1}", '[1,]', 'None'])('refuses %s', (text) => {
    expect(() => parseJson(text, 'f.json')).toThrow(/^f\.json, line 1, is not valid JSON: /);
  });

  it('refuses what is nested so deeply that looking at it would overflow', () => {
    expect(() => parseJson('['.repeat(1001), 'f.json')).toThrow(new InputError('f.json is nested more than 1000 levels deep; expected less.'));
    expect(parseJson(`"${'['.repeat(2000)}\\""`, 'f')).toBe(`${'['.repeat(2000)}"`);
    expect(Array.isArray(parseJson(`${'['.repeat(1000)}${']'.repeat(1000)}`, 'f'))).toBe(true);
  });

  it('numbers JSON lines, blank ones included', () => {
    expect([...parseJsonLines('\n1\n  \n[NaN]\n\n', 'f')]).toEqual([{ value: 1, line: 2 }, { value: [NaN], line: 4 }]);
    expect(() => [...parseJsonLines('1\n\n{', 'f')]).toThrow(/^f, line 3, is not valid JSON/);
  });
});
