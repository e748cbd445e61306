import type { StorageLimits } from './storage.js';
import type { EnergyBlock } from './storedValue.js';
import { StoredValue } from './storedValue.js';

/**
 * What energy that is left at the end of a day is worth: what it can earn over the next day's known prices beyond what an
 * empty storage would, losses and wear taken off, at the site's idle load, and nothing after that day. `hours` are the
 * next day's. No policy can earn by it what a perfectly managed storage could not earn the day after.
 */
export function valueAfterDay(limits: StorageLimits, hours: readonly EnergyBlock[]): StoredValue {
  let value = StoredValue.constant(limits, 0);
  for (let hour = hours.length - 1; hour >= 0; hour--) value = value.before(hours[hour]!);
  return value;
}
