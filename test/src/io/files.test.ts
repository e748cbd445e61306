import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { writeInPlace } from '../../../src/io/files.js';
import { temporaryFolder } from '../../support/cli.js';

describe('writeInPlace', () => {
  const folder = temporaryFolder();

  it('leaves the new content, whatever was there', () => {
    const file = join(folder, 'any');
    const bytes = fc.uint8Array({ maxLength: 12, max: 2 });
    fc.assert(
      fc.property(bytes, bytes, (before, content) => {
        writeFileSync(file, before);
        writeInPlace(file, content);
        expect([...readFileSync(file)]).toEqual([...content]);
      }),
    );
  });

  it('is followed by a reader that keeps the file open', () => {
    const file = join(folder, 'sub', 'growing');
    writeInPlace(file, Buffer.from('one'));
    const reader = openSync(file, 'r');
    const more = Buffer.alloc(100);
    const read = (): string => more.toString('utf8', 0, readSync(reader, more));
    expect(read()).toBe('one');
    writeInPlace(file, Buffer.from('one, two'));
    expect(read()).toBe(', two');
    // As a run that went back to a checkpoint: the same lengths, another time.
    writeInPlace(file, Buffer.from('one, TWO'));
    expect(read()).toBe('');
    writeInPlace(file, Buffer.from('one, TWO, three'));
    expect(read()).toBe(', three');
    closeSync(reader);
  });

  it('says in a sentence why a file cannot be written', () => {
    const file = join(folder, 'taken');
    mkdirSync(file);
    expect(() => writeInPlace(file, Buffer.from('x'))).toThrow(new InputError(`Cannot write ${file}: it is a folder.`));
  });
});
