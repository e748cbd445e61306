import type { HourlySource } from './conditions.js';
import { nearest } from './places.js';
import { shippedModel } from './synthetic/model.js';
import { syntheticHours } from './synthetic/index.js';
import type { Place } from './world.js';

/** The region, of those that the generator was calibrated on, that lies nearest to a place. */
export const nearestCalibrated = (place: Place): string => nearest(Object.keys(shippedModel().regions), place);

/** The seed of what stands in for absent series; a data folder has none of its own. */
const standInSeed = 0;

/** Hourly values of the generator for a calibrated region. */
export const standIn =
  (like: string): HourlySource =>
  (quantity, firstHour, count, andNext) =>
    syntheticHours(standInSeed, like, quantity, [firstHour, count + (andNext ? 1 : 0)]);
