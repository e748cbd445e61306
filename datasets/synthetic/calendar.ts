import { dayMs, hourMs, utcOffsetHours } from '../time.js';
import { seasonalBasis, seasonalTerms } from './model.js';

const yearMs = 365.2425 * 24 * hourMs;

/** Where an hour (since 1970, UTC) stands in the local day, week and year. */
export interface CalendarHour {
  readonly localHour: number;
  readonly weekend: boolean;
  /** 0 to 11. */
  readonly month: number;
  readonly yearPhase: number;
}

export function calendarHour(timeZone: string, hour: number): CalendarHour {
  const local = Math.floor(hour + utcOffsetHours(timeZone, hour * hourMs));
  const day = Math.floor(local / 24);
  const weekday = (((day + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
  return {
    localHour: local - 24 * day,
    weekend: weekday === 0 || weekday === 6,
    month: new Date(day * dayMs).getUTCMonth(),
    yearPhase: (2 * Math.PI * (hour * hourMs)) / yearMs,
  };
}

/** Consecutive hours of a calendar; `basis` has `seasonalTerms` values an hour. */
export interface Calendar {
  readonly localHour: Uint8Array;
  readonly month: Uint8Array;
  readonly basis: Float64Array;
}

export function calendarOf(timeZone: string, firstHour: number, count: number): Calendar {
  const calendar = { localHour: new Uint8Array(count), month: new Uint8Array(count), basis: new Float64Array(count * seasonalTerms) };
  for (let i = 0; i < count; i++) {
    const { localHour, month, yearPhase, weekend } = calendarHour(timeZone, firstHour + i);
    calendar.localHour[i] = localHour;
    calendar.month[i] = month;
    calendar.basis.set(seasonalBasis(yearPhase, weekend), i * seasonalTerms);
  }
  return calendar;
}
