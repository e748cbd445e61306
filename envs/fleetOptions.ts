import type { TextRequests, World } from '../datasets/index.js';
import type { FleetConfig } from './config/fleetConfig.js';
import type { EnergyManager } from './control/manager.js';

export interface FleetOptions {
  readonly fleet: FleetConfig;
  readonly world: World;
  /** 24 weights in [0, 1] by local hour of the origin, for generated jobs. */
  readonly profile: ArrayLike<number>;
  /** What text jobs ask for and when; default: the embedded traces'. */
  readonly text?: TextRequests;
  /** Default: the fleet's strategy, if that is `threshold`. */
  readonly manager?: EnergyManager;
}
