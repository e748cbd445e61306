import { InputError } from '../../src/io/errors.js';

export const daySeconds = 86_400;

/** The instant at which a UTC date such as 2023-03-01 starts, ms since 1970. Throws InputError unless it is a date. */
export function parseDay(day: string): number {
  const startMs = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  if (!Number.isFinite(startMs) || new Date(startMs).toISOString().slice(0, 10) !== day) {
    throw new InputError(`Day: found "${day}", expected a UTC date such as 2023-03-01.`);
  }
  return startMs;
}
