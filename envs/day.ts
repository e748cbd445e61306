import { InputError } from '../src/io/errors.js';

export const daySeconds = 86_400;
const quarterMs = 900_000;

/** The instant at which a UTC date such as 2023-03-01 starts, ms since 1970. Throws InputError unless it is a date. */
export function parseDay(day: string): number {
  const startMs = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (!Number.isFinite(startMs) || new Date(startMs).toISOString().slice(0, 10) !== day) {
    throw new InputError(`Day: found "${day}", expected a UTC date such as 2023-03-01.`);
  }
  return startMs;
}

/** Local hour of day in each quarter-hour of the UTC day that starts at `startMs` (all time zones are whole quarters). */
export function localHours(timeZone: string, startMs: number): Uint8Array {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const hours = new Uint8Array(96);
  let minutes = 0;
  for (let quarter = 0; quarter < hours.length; quarter++) {
    // Offsets change on the hour, so that one look-up serves four quarters.
    if (quarter % 4 === 0) {
      const [hour, minute] = format.format(startMs + quarter * quarterMs).split(':');
      minutes = Number(hour) * 60 + Number(minute);
    } else minutes += 15;
    hours[quarter] = Math.floor(minutes / 60) % 24;
  }
  return hours;
}
