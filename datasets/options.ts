import { InputError } from '../src/io/errors.js';
import { earliestMs, latestMs, parseStamp } from './time.js';

/** UTC midnight of `YYYY-MM-DD`. Throws InputError naming the option. */
export function parseDay(option: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? parseStamp(text) : NaN;
  if (Number.isNaN(time) || time < earliestMs || time >= latestMs) {
    throw new InputError(`${option} is "${text}"; expected a day from 1980 to 2100 such as 2023-01-01.`);
  }
  return time;
}

/** Comma-separated names, each once. Throws InputError naming the option. */
export function parseList(option: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InputError(`${option} is "${text}"; expected names separated by commas.`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`${option} names ${twice} twice; expected each once.`);
  return names;
}

/** Comma-separated years. Throws InputError naming the option. */
export function parseYears(option: string, text: string): number[] {
  return parseList(option, text).map((name) => {
    if (!/^(19[89]\d|20\d\d)$/.test(name)) throw new InputError(`${option} has "${name}"; expected years such as 2022,2023.`);
    return Number(name);
  });
}
