import { InputError } from '../../src/io/errors.js';
import type { FleetConfig } from '../config/fleetConfig.js';
import type { EnergyManager } from './manager.js';
import { PlanManager } from './plan.js';
import { ThresholdManager } from './threshold.js';

/** The energy manager of a fleet's strategy. Throws InputError for `learned`, whose setpoints an environment gives. */
export function builtInManager({ management: { strategy, forecast }, sites }: FleetConfig): EnergyManager {
  if (strategy === 'plan') return new PlanManager(sites.length, forecast);
  if (strategy === 'threshold') return new ThresholdManager();
  throw new InputError(`Fleet configuration, management.strategy: "${strategy}" needs FleetControlEnv, whose actions set it; expected "plan" or "threshold" here.`);
}
