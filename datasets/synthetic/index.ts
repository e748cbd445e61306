import { InputError, suggest } from '../../src/io/errors.js';
import { resample } from '../conditions.js';
import { knownPlaces } from '../places.js';
import type { World } from '../world.js';
import { Generator } from './generate.js';
import { shippedModel } from './model.js';

/**
 * A world made by the calibrated generator, for any time. What a region holds at an hour depends on the seed alone:
 * neither on the window asked for nor on which regions are named (default: all that were fitted).
 * Throws InputError for an unknown region or a seed that is no integer.
 */
export function syntheticWorld({ seed, regions }: { seed: number; regions?: readonly string[] }): World {
  const model = shippedModel();
  const known = Object.keys(model.regions);
  if (!Number.isSafeInteger(seed)) throw new InputError(`The seed of a synthetic world is ${seed}; expected an integer.`);
  for (const region of regions ?? []) {
    if (!known.includes(region)) throw new InputError(`No generator was fitted for "${region}".${suggest(region, known)}`);
  }
  const offered = regions ?? known;
  const generator = new Generator(model, seed);
  const checkRegion = (region: string): void => {
    if (!offered.includes(region)) throw new InputError(`The synthetic world has no region "${region}".${suggest(region, offered)}`);
  };
  return {
    name: `synthetic-${seed}`,
    regions: offered,
    startMs: -Infinity,
    endMs: Infinity,
    place: (region) => {
      checkRegion(region);
      return knownPlaces[region]!;
    },
    conditions: (region, startMs, slots, slotSeconds) => {
      checkRegion(region);
      return resample((quantity, firstHour, count) => generator.hours(region, quantity, firstHour, count), startMs, slots, slotSeconds);
    },
  };
}
