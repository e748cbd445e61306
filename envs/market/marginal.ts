import type { FleetSimulator } from '../fleet.js';

/**
 * What one more kWh of IT energy, cooling not included, costs at the site in the current slot: the market price, or
 * while renewables exceed the load dispatched so far, the price at which they would have been sold.
 */
export function marginalUsdPerKwh(fleet: FleetSimulator, site: number): number {
  const { priceUsdPerKwh, renewableKw } = fleet.conditions.sites[site]!;
  const price = priceUsdPerKwh[fleet.slot]!;
  if (price <= 0) return price;
  const { gpus, exportShare } = fleet.fleet.sites[site]!;
  const idleKw = fleet.gpuCount[site]! * gpus.powerKw * gpus.idleShare;
  const dynamicKw = (fleet.work.dynamicKwh[fleet.work.index(site, fleet.slot)]! * 3600) / fleet.slotSeconds;
  const loadKw = (idleKw + dynamicKw) * fleet.itFactor[site]! * (1 + fleet.coolingRatio[site]!);
  return renewableKw[fleet.slot]! > loadKw ? price * exportShare : price;
}
