import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atSlotMiddles, fillGaps, meanOverSlots, mergeHourly } from '../../datasets/hourly.js';
import { localHour, utcOffsetHours } from '../../datasets/time.js';

const series = (...values: number[]) => ({ firstHour: 100, values: Float64Array.from(values) });
const hourMs = 3_600_000;

describe('fillGaps', () => {
  it('fills up to three hours linearly', () => {
    const { series: filled, report } = fillGaps(series(1, NaN, NaN, NaN, 5));
    expect(filled.values).toEqual(Float64Array.of(1, 2, 3, 4, 5));
    expect(report).toEqual({ missing: 3, filledLinear: 3, filledFromAdjacentDay: 0, unfilled: 0 });
  });

  it('fills longer ones from the same hour of the day before, or else after', () => {
    const values = Array.from({ length: 72 }, (_, hour) => (hour >= 30 && hour < 36 ? NaN : hour));
    const { series: filled, report } = fillGaps(series(...values));
    expect(filled.values.slice(30, 36)).toEqual(Float64Array.of(6, 7, 8, 9, 10, 11));
    expect(report.filledFromAdjacentDay).toBe(6);
    const early = Array.from({ length: 72 }, (_, hour) => (hour >= 2 && hour < 8 ? NaN : hour));
    expect(fillGaps(series(...early)).series.values[2]).toBe(26);
  });

  it('leaves gaps of more than a week, and trims the edges', () => {
    const values = [NaN, 1, ...Array.from({ length: 169 }, () => NaN), 2, NaN];
    const { series: filled, report } = fillGaps(series(...values));
    expect([filled.firstHour, filled.values.length]).toEqual([101, 171]);
    expect(report).toEqual({ missing: 169, filledLinear: 0, filledFromAdjacentDay: 0, unfilled: 169 });
  });

  it('changes no value that is there, and counts every hour once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: fc.integer() }, { weight: 1, arbitrary: fc.constant(NaN) }), { maxLength: 400 }), (values) => {
        const { series: filled, report } = fillGaps(series(...values));
        const shift = filled.firstHour - 100;
        filled.values.forEach((value, i) => {
          if (!Number.isNaN(values[i + shift]!)) expect(value).toBe(values[i + shift]);
        });
        expect(report.filledLinear + report.filledFromAdjacentDay + report.unfilled).toBe(report.missing);
        expect(filled.values.filter(Number.isNaN).length).toBe(report.unfilled);
      }),
    );
  });
});

describe('mergeHourly', () => {
  it('joins years and lets the first given win where both have a value', () => {
    const merged = mergeHourly([series(1, NaN), { firstHour: 99, values: Float64Array.of(7, 8, 9, 10) }]);
    expect(merged).toEqual({ firstHour: 99, values: Float64Array.of(7, 1, 9, 10) });
  });
});

describe('resampling to slots', () => {
  const hours = Float64Array.from({ length: 60 }, (_, hour) => Math.sin(hour) * 100);
  const window = fc.record({
    start: fc.integer({ min: 0, max: 10 * 60 }),
    slotMinutes: fc.constantFrom(1, 5, 7, 15, 60, 90, 180),
    slots: fc.integer({ min: 1, max: 12 }),
    cut: fc.nat(11),
  });

  it('keeps the time-weighted mean, whatever the slot', () => {
    fc.assert(
      fc.property(window, ({ start, slotMinutes, slots }) => {
        const startMs = start * 60_000;
        const bySlot = meanOverSlots(hours, 0, { startMs, slots, slotMs: slotMinutes * 60_000 });
        const byMinute = meanOverSlots(hours, 0, { startMs, slots: slots * slotMinutes, slotMs: 60_000 });
        const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
        expect(mean(bySlot)).toBeCloseTo(mean(byMinute), 8);
      }),
    );
  });

  it('gives a slot the same value in any window', () => {
    fc.assert(
      fc.property(window, ({ start, slotMinutes, slots, cut }) => {
        fc.pre(cut < slots);
        const slotMs = slotMinutes * 60_000;
        for (const resample of [meanOverSlots, atSlotMiddles]) {
          const whole = resample(hours, 0, { startMs: start * 60_000, slots, slotMs });
          const tail = resample(hours, 0, { startMs: start * 60_000 + cut * slotMs, slots: slots - cut, slotMs });
          expect(tail).toEqual(whole.slice(cut));
        }
      }),
    );
  });

  it('interpolates weather at the middle of a slot', () => {
    const half = atSlotMiddles(Float64Array.of(0, 10, 30), 0, { startMs: 0, slots: 4, slotMs: hourMs / 2 });
    expect(half).toEqual(Float64Array.of(2.5, 7.5, 15, 25));
  });
});

describe('local time', () => {
  it('follows daylight saving and half-hour zones', () => {
    expect(localHour('America/Los_Angeles', Date.UTC(2023, 0, 1, 8))).toBe(0);
    expect(localHour('America/Los_Angeles', Date.UTC(2023, 6, 1, 8))).toBe(1);
    expect(localHour('Asia/Kolkata', Date.UTC(2023, 0, 1, 18, 30))).toBe(0);
    // The hour in which Berlin's clocks go forward.
    expect(utcOffsetHours('Europe/Berlin', Date.UTC(2023, 2, 26, 0, 30))).toBe(1);
    expect(utcOffsetHours('Europe/Berlin', Date.UTC(2023, 2, 26, 1, 30))).toBe(2);
  });
});
