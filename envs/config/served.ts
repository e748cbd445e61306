import type { FleetConfig } from './fleetConfig.js';

declare const served: unique symbol;

/**
 * A fleet as it is served: where a site's device is named, its constants are those of its service profile. A fleet as
 * configured is no such fleet, since its constants may be ones that a profile replaces; `servedFleet` makes one of it.
 */
export type ServedFleet = FleetConfig & { readonly [served]: true };
