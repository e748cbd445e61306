import { InputError } from '../../src/io/errors.js';
import type { RandomStream } from '../../src/math/random.js';
import type { Objective } from './measure/objective.js';

export type KnobValue = number | string | boolean;

/** A tuning parameter and the values it may take. */
export interface Knob {
  readonly name: string;
  readonly values: readonly KnobValue[];
}

/** A value for every knob, by the knob's name. */
export type Configuration = Readonly<Record<string, KnobValue>>;

/**
 * A search space: the product of its knobs' values, less what the constraints forbid. A point of the product has an index
 * in mixed radix, the last knob counting fastest, so that no space has to be enumerated.
 */
export interface SearchSpace {
  /** Says which program on which device; the same name and objective mean the same measurements. */
  readonly name: string;
  readonly knobs: readonly Knob[];
  /** What its configurations are judged by. */
  readonly objective: Objective;
  /** Points of the product, forbidden ones included. */
  readonly size: number;
  isValid(index: number): boolean;
  /** The valid indices, where they are known. */
  readonly valid?: ArrayLike<number>;
  /** A valid index, uniformly. */
  sample(random: RandomStream): number;
}

/** A way through all valid points: `length` steps, some of which may meet an invalid one. */
export function walk({ size, valid }: SearchSpace): { length: number; at(step: number): number } {
  return valid === undefined ? { length: size, at: (step) => step } : { length: valid.length, at: (step) => valid[step]! };
}

/** Number of points of the product. Throws InputError if indices would not be exact integers. */
export function productSize(knobs: readonly Knob[], where: string): number {
  const size = knobs.reduce((product, knob) => product * knob.values.length, 1);
  if (size > Number.MAX_SAFE_INTEGER) {
    throw new InputError(`${where}: the knobs span ${size} combinations; at most 2^53 can be indexed.`);
  }
  return size;
}

/** Which value each knob takes at `index`, as positions in `knob.values`. */
export function choicesAt(knobs: readonly Knob[], index: number, choices = new Uint16Array(knobs.length)): Uint16Array {
  for (let k = knobs.length - 1; k >= 0; k--) {
    const count = knobs[k]!.values.length;
    choices[k] = index % count;
    index = Math.floor(index / count);
  }
  return choices;
}

/** The inverse of `choicesAt`. */
export function indexOfChoices(knobs: readonly Knob[], choices: ArrayLike<number>): number {
  let index = 0;
  for (let k = 0; k < knobs.length; k++) index = index * knobs[k]!.values.length + choices[k]!;
  return index;
}

/** The knob values at `index`. */
export function configurationAt(knobs: readonly Knob[], index: number): Configuration {
  const choices = choicesAt(knobs, index);
  return Object.fromEntries(knobs.map((knob, k) => [knob.name, knob.values[choices[k]!]!]));
}

/** The index of a configuration; throws InputError (beginning with `where`) for a missing, unknown or undeclared value. */
export function indexOfConfiguration(knobs: readonly Knob[], configuration: Configuration, where: string): number {
  let index = 0;
  for (const { name, values } of knobs) {
    const value = configuration[name];
    if (value === undefined) throw new InputError(`${where}: knob "${name}" has no value.`);
    const choice = values.indexOf(value);
    if (choice < 0) {
      throw new InputError(`${where}: knob "${name}" is ${JSON.stringify(value)}, which is not one of its declared values ${values.join(', ')}.`);
    }
    index = index * values.length + choice;
  }
  return index;
}

/** Steps from an index to the same point with one knob, drawn among those that have a choice, set to another value. */
export function createNeighbour(knobs: readonly Knob[]): (index: number, random: RandomStream) => number {
  const free = knobs
    .map(({ values }, k) => ({ count: values.length, stride: knobs.slice(k + 1).reduce((product, knob) => product * knob.values.length, 1) }))
    .filter(({ count }) => count > 1);
  if (free.length === 0) return (index) => index;
  return (index, random) => {
    const { count, stride } = free[random.integer(free.length)]!;
    const choice = Math.floor(index / stride) % count;
    const other = (choice + 1 + random.integer(count - 1)) % count;
    return index + (other - choice) * stride;
  };
}
