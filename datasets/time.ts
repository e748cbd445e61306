import { InputError } from '../src/io/errors.js';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Series lie between these instants, the years 1980 to 2100. */
export const earliestMs = Date.UTC(1980);
export const latestMs = Date.UTC(2101);

/** Hours since 1970 of the hour that holds an instant. */
export const hourOf = (timeMs: number): number => Math.floor(timeMs / hourMs);

export const isoHour = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

const stamp = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)? ?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Milliseconds since 1970 of `YYYY-MM-DD[ HH:MM[:SS[.fff]]][Z|+hh:mm]`; a stamp without an offset is UTC.
 * NaN if the text is no such stamp or no such day or hour exists.
 */
export function parseStamp(text: string): number {
  const match = stamp.exec(text);
  if (match === null) return NaN;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0)) as [
    number, number, number, number, number, number,
  ];
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(utc);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || back.getUTCHours() !== hour || minute > 59 || second > 59) {
    return NaN;
  }
  return utc + Number(match[7] ?? 0) * 1000 - offsetMs(match[8]);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** How far local time is ahead of UTC at an instant, in hours (may be fractional). Throws InputError for an unknown zone. */
export function utcOffsetHours(timeZone: string, timeMs: number): number {
  const hour = hourOf(timeMs);
  let known = offsets.get(timeZone);
  if (known === undefined) offsets.set(timeZone, (known = new Map()));
  const cached = known.get(hour);
  if (cached !== undefined) return cached;
  // A day that starts and ends on one offset keeps it throughout: two look-ups serve 24 hours.
  const first = Math.floor(hour / 24) * 24;
  const start = lookUpOffset(timeZone, first * hourMs);
  const end = lookUpOffset(timeZone, (first + 24) * hourMs);
  for (let h = first; h < first + 24; h++) known.set(h, start === end ? start : lookUpOffset(timeZone, h * hourMs));
  return known.get(hour)!;
}

function lookUpOffset(timeZone: string, timeMs: number): number {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    try {
      formatter = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
    } catch {
      throw new InputError(`Unknown time zone "${timeZone}"; expected an IANA name such as America/Los_Angeles.`);
    }
    formatters.set(timeZone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(timeMs)) part[type] = Number(value);
  const local = Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!);
  return (local - Math.floor(timeMs / 60_000) * 60_000) / hourMs;
}

/** Local hour of the day, 0 to 23. */
export function localHour(timeZone: string, timeMs: number): number {
  const local = Math.floor(timeMs / hourMs + utcOffsetHours(timeZone, timeMs));
  return ((local % 24) + 24) % 24;
}
