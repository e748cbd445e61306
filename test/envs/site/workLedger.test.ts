import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorkLedger } from '../../../envs/site/workLedger.js';

const slots = 24;
const slotSeconds = 3600;
const daySeconds = slots * slotSeconds;

/** Jobs one after the other on one GPU: gap before, then service time, s. */
const queue = fc.array(fc.tuple(fc.nat(20_000), fc.double({ min: 0.1, max: 30_000, noNaN: true })), { maxLength: 15 });

describe('the work ledger', () => {
  it('books every job on the slots it spans, as overlaps say', () => {
    fc.assert(
      fc.property(queue, (jobs) => {
        const ledger = new WorkLedger(Int32Array.of(1, 1), slots, slotSeconds);
        const spans: [number, number][] = [];
        let now = 0;
        for (const [gap, seconds] of jobs) {
          spans.push([now + gap, now + gap + seconds]);
          now += gap + seconds;
          ledger.book(1, now - seconds, now, 0.5, 3);
        }
        for (let slot = 0; slot <= 2 * slots; slot++) {
          const end = slot === 2 * slots ? Infinity : (slot + 1) * slotSeconds;
          const overlap = spans.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, end) - Math.max(from, slot * slotSeconds)), 0);
          const i = ledger.index(1, slot);
          expect(Math.abs(ledger.busySeconds[i]! - overlap)).toBeLessThan(1e-6);
          expect(Math.abs(ledger.dynamicKwh[i]! - 0.5 * overlap)).toBeLessThan(1e-6);
          expect(Math.abs(ledger.attributedUsd[i]! - 3 * overlap)).toBeLessThan(1e-5);
          expect(ledger.busySeconds[ledger.index(0, slot)]).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('hands work on to the next day where it was queued, days ahead included', () => {
    const ledger = new WorkLedger(Int32Array.of(1), slots, slotSeconds);
    ledger.book(0, 1800, 4.25 * daySeconds, 0.5, 3);
    const today = (): number[] => Array.from(ledger.busySeconds.subarray(0, slots), (seconds) => Math.round(seconds * 1e6) / 1e6);
    for (let day = 0; day < 4; day++) {
      const first = day === 0 ? 1800 : slotSeconds;
      expect(today()).toEqual([first, ...new Array<number>(slots - 1).fill(slotSeconds)]);
      ledger.nextDay();
    }
    expect(today()).toEqual([...new Array<number>(6).fill(slotSeconds), ...new Array<number>(18).fill(0)]);
    expect(ledger.tail(ledger.busySeconds, 0)).toBe(0);
  });
});
