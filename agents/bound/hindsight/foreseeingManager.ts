import type { EnergyManager, FleetView, ManagedView, StoredValue } from '../../../envs/index.js';

/** Manages storage by values that were planned with the loads that come to be; where clocks are the sites', sets those given. */
export class ForeseeingManager implements EnergyManager {
  readonly name = 'hindsight';
  /** Per site and slot, the value of what is stored after it. */
  after: readonly (readonly StoredValue[])[] = [];
  /** Per slot and site, shares of the highest clock; null where clocks are the jobs'. */
  clocks: readonly ArrayLike<number>[] | null = null;

  beginDay(): void {}

  beginSlot(view: ManagedView): void {
    const shares = this.clocks?.[view.slot];
    if (shares !== undefined) for (let k = 0; k < view.siteCount; k++) view.setClock(k, shares[k]!);
  }

  batteryKw(view: FleetView, site: number, netKw: number): number {
    const price = view.conditions.sites[site]!.priceUsdPerKwh[view.slot]!;
    const block = view.markets[site]!.block({ hours: view.slotSeconds / 3600, price, loadKw: netKw, renewableKw: 0 });
    return this.after[site]![view.slot]!.bestKw(view.batteries[site]!.energyKwh, block);
  }
}
