import { InputError, suggest } from '../../src/io/errors.js';
import type { Quantity } from '../conditions.js';
import { resample } from '../conditions.js';
import { knownPlaces } from '../places.js';
import type { World } from '../world.js';
import { Generator } from './generate.js';
import { shippedModel } from './model.js';

let latest: { readonly seed: number; readonly generator: Generator } | undefined;

/** The generator of a seed; that of the latest seed is kept, with what it has made. */
function generatorOf(seed: number): Generator {
  if (latest?.seed !== seed) latest = { seed, generator: new Generator(shippedModel(), seed) };
  return latest.generator;
}

/** Hourly values of a known region in the units of `Quantity`, `count` of them from `firstHour` (hours since 1970). */
export function syntheticHours(seed: number, region: string, quantity: Quantity, [firstHour, count]: readonly [number, number]): Float64Array {
  return generatorOf(seed).hours(region, quantity, firstHour, count);
}

/**
 * A world made by the calibrated generator, for any time. What a region holds at an hour depends on the seed alone:
 * neither on the window asked for nor on which regions are named (default: all that were fitted).
 * Throws InputError for an unknown region or a seed that is no integer.
 */
export function syntheticWorld({ seed, regions }: { seed: number; regions?: readonly string[] }): World {
  const known = Object.keys(shippedModel().regions);
  if (!Number.isSafeInteger(seed)) throw new InputError(`The seed of a synthetic world is ${seed}; expected an integer.`);
  for (const region of regions ?? []) {
    if (!known.includes(region)) throw new InputError(`No generator was fitted for "${region}".${suggest(region, known)}`);
  }
  const offered = regions ?? known;
  if (offered.length === 0) throw new InputError('A synthetic world needs at least one region.');
  const generator = generatorOf(seed);
  const checkRegion = (region: string): void => {
    if (!offered.includes(region)) throw new InputError(`The synthetic world has no region "${region}".${suggest(region, offered)}`);
  };
  return {
    name: `synthetic-${seed}`,
    regions: offered,
    span: (region) => {
      checkRegion(region);
      return { startMs: -Infinity, endMs: Infinity };
    },
    place: (region) => {
      checkRegion(region);
      return knownPlaces[region]!;
    },
    conditions: (region, startMs, slots, slotSeconds) => {
      checkRegion(region);
      return resample(
        (quantity, firstHour, count, andNext) => generator.hours(region, quantity, firstHour, count + (andNext ? 1 : 0)),
        startMs,
        slots,
        slotSeconds,
      );
    },
  };
}
