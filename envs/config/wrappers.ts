import type { FleetConfig, SiteConfig } from './fleetConfig.js';
import { parseFleet } from './fleetConfig.js';

/** A fleet with something taken away: an ablation. Each is a plain transform of the configuration. */
export type Wrapper = (fleet: FleetConfig) => FleetConfig;

const eachSite =
  (change: (site: SiteConfig) => SiteConfig): Wrapper =>
  (fleet) => ({ ...fleet, sites: fleet.sites.map(change) });

/** Every job runs the same number of denoising steps. Throws InputError unless it is a whole number from 1 to 1000. */
export const fixedSteps = (fleet: FleetConfig, steps = 30): FleetConfig => parseFleet({ ...fleet, stepsChoices: [steps] });

/** Every job runs where it arrives. */
export const noTransfer: Wrapper = (fleet) => ({ ...fleet, transfer: { ...fleet.transfer, allowed: false } });

export const noBattery = eachSite((site) => ({ ...site, battery: { ...site.battery, capacityKwh: 0 } }));

export const noRenewables = eachSite((site) => ({ ...site, pv: { ...site.pv, peakKw: 0 }, wind: { ...site.wind, ratedKw: 0 } }));

/** Clocks stay at their highest. */
export const fullClock = eachSite((site) => ({
  ...site,
  gpus: { ...site.gpus, clock: { ...site.gpus.clock, minShare: 1 } },
}));

/** By the names that presets use. */
export const wrappers = {
  'fixed-steps': (fleet: FleetConfig) => fixedSteps(fleet),
  'no-transfer': noTransfer,
  'no-battery': noBattery,
  'no-renewables': noRenewables,
  'full-clock': fullClock,
} satisfies Record<string, Wrapper>;
