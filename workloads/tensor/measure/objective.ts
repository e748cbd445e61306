import { InputError } from '../../../src/io/errors.js';

export const directions = ['minimise', 'maximise'] as const;
export type Direction = (typeof directions)[number];

/** What a configuration is judged by. `unit` is empty where the name does not tell. */
export interface Objective {
  readonly name: string;
  readonly unit: string;
  readonly direction: Direction;
}

export const timeObjective: Objective = { name: 'time', unit: 'ms', direction: 'minimise' };

export const isTime = ({ name, unit }: Objective): boolean => name === timeObjective.name && unit === timeObjective.unit;

/** Whether a value read from a file is an objective. */
export function isObjective(value: unknown): value is Objective {
  if (typeof value !== 'object' || value === null) return false;
  const { direction, name, unit } = value as Partial<Record<keyof Objective, unknown>>;
  return typeof name === 'string' && name !== '' && typeof unit === 'string' && directions.some((known) => known === direction);
}

/** Rates and efficiencies, which are better the higher: operations, bytes or items a second, a watt or a joule. */
const rate = /^\S+\/(?:s|W|J)$|^[A-Z]?(?:FLOPS?|I?OPS|B\/s)(?:\/W)?$|(?:^|_)(?:throughput|bandwidth|efficiency|fitness|speedup)$/i;
/** What is spent, with its unit as Kernel Tuner records it: times in ms, and the energies and powers of its observers in J and W. */
const spent: readonly (readonly [RegExp, string])[] = [
  [/(?:^|_)(?:time|runtime|latency|duration)$/i, 'ms'],
  [/(?:^|_)energy$/i, 'J'],
  [/(?:^|_)power$/i, 'W'],
  [/(?:^|_)(?:cost|loss)$/i, ''],
];

/**
 * The objective of this name. Its direction is the one given, else what the name itself says, as in Kernel Tuner
 * (`get_objective_defaults`). Throws InputError, beginning with `where`, if neither says.
 */
export function objectiveNamed(name: string, direction: Direction | undefined, where: string): Objective {
  const cost = spent.find(([pattern]) => pattern.test(name));
  if (cost !== undefined) return { name, unit: cost[1], direction: direction ?? 'minimise' };
  const unit = name.includes('/') || /^[A-Z]?(?:FLOPS?|I?OPS)$/i.test(name) ? name : '';
  if (rate.test(name)) return { name, unit, direction: direction ?? 'maximise' };
  if (direction !== undefined) return { name, unit, direction };
  throw new InputError(`${where}: whether "${name}" is better high or low is not known; expected --direction minimise or maximise.`);
}

/**
 * What is minimised for an objective, and back: the value itself, or its reciprocal where more is better. Ratios of costs
 * are then ratios of values either way, and so is relative noise. Its own inverse.
 */
export const costOfValue = ({ direction }: Objective, value: number): number => (direction === 'minimise' ? value : 1 / value);
export const valueOfCost = costOfValue;

/** The words for a value: "3.2 ms". */
export const withUnit = ({ unit }: Objective, value: number): string => `${Number(value.toPrecision(4))}${unit === '' ? '' : ` ${unit}`}`;
