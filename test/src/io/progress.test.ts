import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barLine, progressBar } from '../../../src/io/progress.js';

describe('without a terminal', () => {
  it('writes a line each half minute: step, rate, time left, note', () => {
    let now = 0;
    const lines: string[] = [];
    const stream = { isTTY: false, columns: 80, write: (text: string) => lines.push(text) > 0 };
    const progress = progressBar('training', 1000, { stream, now: () => now });
    for (const seconds of [0, 10, 29, 31, 40, 62]) {
      now = 1000 * seconds;
      progress.update(10 * seconds, `utility ${seconds}`);
    }
    progress.stop();
    expect(lines).toEqual([
      'training: 310 of 1000 (31 %), 10 a second, 1 min 9 s left; utility 31\n',
      'training: 620 of 1000 (62 %), 10 a second, 38 s left; utility 62\n',
    ]);
  });
});

describe('on a terminal', () => {
  const state = { label: 'training', position: 310, total: 1000, note: 'utility 5000 at best', rate: 10, secondsLeft: 69 };

  it('shows what fits', () => {
    expect(barLine(state, 110)).toContain('31 % | 310 of 1000 | 1 min 9 s left | utility 5000 at best');
    expect(barLine(state, 40)).toBe('training ██░░░░░░ 31 % | 1 min 9 s left');
  });

  it('is never as wide as the terminal, which would break the line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 0, max: 1000 }), fc.string({ maxLength: 60 }), (columns, position, note) => {
        expect(barLine({ ...state, position, note }, columns).length).toBeLessThan(columns);
      }),
    );
  });
});
