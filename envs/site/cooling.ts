import type { SiteConfig } from '../config/fleetConfig.js';

type Cooling = SiteConfig['cooling'];

/**
 * Coefficient of performance of the chilled-water plant at a supply air temperature, degrees Celsius:
 * 0.0068 T^2 + 0.0008 T + 0.458 (Moore, Chase, Ranganathan and Sharma, "Making scheduling cool", USENIX ATC 2005).
 */
export const chillerCop = (supplyCelsius: number): number => 0.0068 * supplyCelsius ** 2 + 0.0008 * supplyCelsius + 0.458;

/**
 * Cooling power per IT power: fans always, and the chiller for that share of the heat which the outdoor air is too
 * warm to take; the share grows linearly between the two outdoor temperatures that the site states.
 */
export function coolingRatio(supplyCelsius: number, outdoorCelsius: number, cooling: Cooling): number {
  const free = supplyCelsius - cooling.freeBelowSupplyCelsius;
  const range = cooling.freeBelowSupplyCelsius + cooling.chillerAboveSupplyCelsius;
  const chilled = range === 0 ? Number(outdoorCelsius > free) : Math.min(1, Math.max(0, (outdoorCelsius - free) / range));
  return cooling.fanShare + chilled / chillerCop(supplyCelsius);
}

/** Growth of IT power with the supply temperature, 1 at 25 degrees Celsius: leakage and server fans. */
export const itPowerFactor = (supplyCelsius: number, cooling: Cooling): number =>
  1 + cooling.itPerCelsius * (supplyCelsius - 25);
