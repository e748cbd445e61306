import type { FleetConfig } from '../config/fleetConfig.js';
import { builtInManager } from './builtIn.js';
import { loadHighs } from './highs.js';
import type { EnergyManager } from './manager.js';

/** The energy manager of a fleet's strategy; for `lp` its solver is loaded. Throws InputError for `learned`. */
export async function loadManager(fleet: FleetConfig): Promise<EnergyManager> {
  if (fleet.management.strategy !== 'lp') return builtInManager(fleet);
  const { LpManager } = await import('./lp.js');
  return new LpManager(await loadHighs());
}
