import { InputError, suggest } from '../../src/io/errors.js';
import type { Quantity } from '../conditions.js';
import { resample } from '../conditions.js';
import { knownPlaces, nearest } from '../places.js';
import type { Place, World } from '../world.js';
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
 * neither on the window asked for nor on which regions are named (default: all that were fitted). A region that was not
 * fitted is generated as the fitted one nearest to its place.
 * Throws InputError for an unknown region without a place, or a seed that is no integer.
 */
export function syntheticWorld({ seed, regions, places = new Map() }: { seed: number; regions?: readonly string[]; places?: ReadonlyMap<string, Place> }): World {
  const known = Object.keys(shippedModel().regions);
  if (!Number.isSafeInteger(seed)) throw new InputError(`The seed of a synthetic world is ${seed}; expected an integer.`);
  for (const region of regions ?? []) {
    if (known.includes(region) || places.has(region)) continue;
    throw new InputError(`No generator was fitted for "${region}".${suggest(region, known)} Or give its site latitude, longitude and timeZone.`);
  }
  const offered = regions ?? known;
  if (offered.length === 0) throw new InputError('A synthetic world needs at least one region.');
  const generator = generatorOf(seed);
  const checkRegion = (region: string): void => {
    if (!offered.includes(region)) throw new InputError(`The synthetic world has no region "${region}".${suggest(region, offered)}`);
  };
  const placeOf = (region: string): Place => {
    checkRegion(region);
    return places.get(region) ?? knownPlaces[region]!;
  };
  const fitted = (region: string): string => (known.includes(region) ? region : nearest(known, placeOf(region)));
  return {
    name: `synthetic-${seed}`,
    regions: offered,
    generated: (region) => (known.includes(region) ? null : `no generator was fitted for ${region}: generated as in ${fitted(region)}`),
    span: (region) => {
      checkRegion(region);
      return { startMs: -Infinity, endMs: Infinity };
    },
    place: placeOf,
    conditions: (region, startMs, slots, slotSeconds) => {
      checkRegion(region);
      const like = fitted(region);
      return resample(
        (quantity, firstHour, count, andNext) => generator.hours(like, quantity, firstHour, count + (andNext ? 1 : 0)),
        startMs,
        slots,
        slotSeconds,
      );
    },
  };
}
