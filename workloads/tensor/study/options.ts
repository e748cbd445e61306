import { InputError, suggest } from '../../../src/io/errors.js';
import type { Method } from '../strategies/methods.js';
import { methodGroups, methods } from '../strategies/methods.js';

/** Checks a whole number given as an option. Throws InputError naming it. */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InputError(`--${option} is ${value}; expected a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** Methods named in a comma-separated list; `all` and `ablations` stand for their groups. */
export function parseMethods(text: string): Method[] {
  const names = text.split(',').flatMap((name) => (name in methodGroups ? methodGroups[name as keyof typeof methodGroups] : [name]));
  for (const name of names) {
    if (!(methods as readonly string[]).includes(name)) {
      throw new InputError(`--method: no method "${name}".${suggest(name, [...methods, ...Object.keys(methodGroups)])}`);
    }
  }
  return [...new Set(names)] as Method[];
}
