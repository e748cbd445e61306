import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrayState, readCheckpoint, restoreParts, saveParts, streamState, writeCheckpoint } from '../../../src/io/checkpoint.js';
import { InputError } from '../../../src/io/errors.js';
import { randomStream } from '../../../src/math/random.js';
import { temporaryFolder } from '../../support/cli.js';

describe('checkpoints', () => {
  const file = join(temporaryFolder(), 'state.safetensors');

  it('gives back arrays of every kind, values and nested parts', () => {
    const weights = new Float32Array([1, -2.5, NaN]);
    const stream = randomStream(3, 'a');
    stream.normal();
    const other = { save: () => ({ arrays: { i: new Int32Array([7]), d: new Float64Array([0.1]), u: new Uint8Array([255]) }, values: { n: null } }), restore: () => undefined };
    const saved = saveParts({ weights: arrayState(weights), inner: { save: () => saveParts({ stream: streamState(stream) }), restore: () => undefined }, other });
    writeCheckpoint(file, saved);
    expect(readCheckpoint(file)).toEqual(saved);
    const copy = new Float32Array(3);
    const again = randomStream(0);
    restoreParts(readCheckpoint(file), {
      weights: arrayState(copy),
      inner: { save: () => saved, restore: (part) => restoreParts(part, { stream: streamState(again) }) },
    });
    expect(copy).toEqual(weights);
    expect(again.normal()).toBe(stream.normal());
  });

  it('refuses another shape by name and sizes', () => {
    const saved = saveParts({ actor: arrayState(new Float32Array(3)) });
    expect(() => restoreParts(saved, { actor: arrayState(new Float32Array(4)) })).toThrow(/has 3 values; this configuration expects 4/);
    expect(() => restoreParts(saved, { critic: arrayState(new Float32Array(4)) })).toThrow(InputError);
  });

  it('refuses every truncated or corrupted header with one sentence', () => {
    writeCheckpoint(file, saveParts({ actor: arrayState(new Float32Array(8)) }));
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        writeFileSync(file, whole.subarray(0, length));
        expect(() => readCheckpoint(file)).toThrow(InputError);
      }),
    );
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= flip;
        writeFileSync(file, bytes);
        try {
          readCheckpoint(file);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
