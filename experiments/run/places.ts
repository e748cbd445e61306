import { isDeepStrictEqual } from 'node:util';
import type { Place } from '../../datasets/index.js';
import type { FleetConfig } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';

/** Where the regions lie of which the fleet says so. Throws InputError if that is said by halves, or if two sites of one region lie in different places. */
export function placesOf(fleet: FleetConfig): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { name, region, latitude, longitude, timeZone } of fleet.sites) {
    if (latitude === undefined && longitude === undefined && timeZone === undefined) continue;
    if (latitude === undefined || longitude === undefined || timeZone === undefined) {
      throw new InputError(`fleet.sites: ${name} has some of latitude, longitude and timeZone; expected all three or none.`);
    }
    const own = { latitudeDegrees: latitude, longitudeDegrees: longitude, timeZone };
    const other = places.get(region);
    if (other !== undefined && !isDeepStrictEqual(other, own)) throw new InputError(`fleet.sites: ${name} lies elsewhere than another site of region ${region}; give it a region of its own.`);
    places.set(region, own);
  }
  return places;
}
