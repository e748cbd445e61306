import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRowTable } from '../../../src/engine/index.js';

const width = fc.integer({ min: 1, max: 40 });

it('gathers whole rows of any width, in the order chosen, one row more than once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20 }), width, width, fc.nat(), (rows, batchRows, a, b, salt) => {
      const table = createRowTable(rows, batchRows, { a, b });
      for (let i = 0; i < table.values.length; i++) table.values[i] = i + 0.5;
      for (let i = 0; i < batchRows; i++) table.chosen[i] = (salt + 7 * i) % rows;
      table.gather();
      for (const [part, size] of [['a', a], ['b', b]] as const) {
        const expected = [...table.chosen].flatMap((row) => {
          const from = row * table.stride + table.offset[part];
          return [...table.values.subarray(from, from + size)];
        });
        expect([...table.batch[part]]).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

it('refuses what does not fit into a memory', () => {
  expect(() => createRowTable(2 ** 26, 1, { a: 16 })).toThrow(/at most 4294901760/);
});
