import type { FleetView } from '../view.js';

/**
 * What one more kWh of IT energy, cooling not included, costs at the site in the current slot: the market price, or
 * while renewables exceed the load dispatched so far, the price at which they would have been sold.
 */
export function marginalUsdPerKwh(view: FleetView, site: number): number {
  const { priceUsdPerKwh, renewableKw } = view.conditions.sites[site]!;
  const price = priceUsdPerKwh[view.slot]!;
  if (price <= 0) return price;
  const { gpus } = view.fleet.sites[site]!;
  const idleKw = view.gpuCount[site]! * gpus.powerKw * gpus.idleShare;
  const dynamicKw = (view.work.dynamicKwh[view.work.index(site, view.slot)]! * 3600) / view.slotSeconds;
  const loadKw = (idleKw + dynamicKw) * view.itFactor[site]! * (1 + view.coolingRatio[site]!);
  return view.markets[site]!.marginal(price, renewableKw[view.slot]! > loadKw);
}

/** Utility units per second that `kw` of GPU power cost at the margin, cooling included. */
export function marginalCost(view: FleetView, site: number, kw: number): number {
  const kwhPerSecond = (kw * view.itFactor[site]! * (1 + view.coolingRatio[site]!)) / 3600;
  return (kwhPerSecond * marginalUsdPerKwh(view, site)) / view.fleet.utilityUnitUsd;
}
