import { InputError } from '../../src/io/errors.js';
import type { FleetConfig } from '../config/fleetConfig.js';
import type { EnergyManager } from './manager.js';
import { ThresholdManager } from './threshold.js';

/**
 * The energy manager of a fleet whose strategy needs nothing else. Throws InputError for `lp`, whose solver loads
 * asynchronously, and for `learned`, whose setpoints an environment gives.
 */
export function builtInManager(fleet: FleetConfig): EnergyManager {
  const { strategy } = fleet.management;
  if (strategy === 'threshold') return new ThresholdManager();
  const need = strategy === 'lp' ? 'a manager from loadManager(fleet)' : 'FleetControlEnv, whose actions set it';
  throw new InputError(`Fleet configuration, management.strategy: "${strategy}" needs ${need}; expected "threshold" here.`);
}
