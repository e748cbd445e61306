import type { StoredValue } from '../site/storage/index.js';
import type { FleetView, ManagedView } from '../view.js';
import { outlook } from './forecast.js';
import type { ForecastKind } from './forecastKinds.js';
import type { EnergyManager } from './manager.js';
import { ThresholdManager } from './threshold.js';

/**
 * Batteries by the value of what they store. Once an hour, backward dynamic programming over the rest of the day, from
 * what is left at its end being worth what the account credits, gives the value of stored energy after the hour; in each
 * slot the battery takes the power that is worth most, see `StoredValue.bestKw`. Where jobs choose no clock of their own,
 * clocks are those of the price thresholds; supply temperatures stay at their set value.
 */
export class PlanManager implements EnergyManager {
  readonly name = 'plan';
  /** Utility of a kWh more at each site, USD, that is added to the plan's; an agent's to set. */
  readonly shiftUsdPerKwh: Float64Array;
  readonly #forecast: ForecastKind;
  readonly #clocks = new ThresholdManager();
  /** Per site, the value of what is stored after the current hour, and after the current slot. */
  readonly #afterHour: StoredValue[] = [];
  readonly #afterSlot: StoredValue[] = [];
  readonly #plannedFor: number[] = [];

  constructor(sites: number, forecast: ForecastKind) {
    this.shiftUsdPerKwh = new Float64Array(sites);
    this.#forecast = forecast;
  }

  beginDay(view: FleetView): void {
    for (let k = 0; k < view.siteCount; k++) {
      this.#plannedFor[k] = -1;
      this.#plan(view, k);
    }
  }

  beginSlot(view: ManagedView): void {
    if (view.fleet.clockScope === 'site') this.#clocks.beginSlot(view);
    for (let k = 0; k < view.siteCount; k++) this.#plan(view, k);
  }

  batteryKw(view: FleetView, site: number, netKw: number): number {
    const price = view.conditions.sites[site]!.priceUsdPerKwh[view.slot]!;
    const { importCost, exportWorth, sells } = view.markets[site]!.trades(price);
    const block = { hours: view.slotSeconds / 3600, netKw, importUsdPerKwh: importCost, exportUsdPerKwh: sells ? exportWorth : null };
    return this.#afterSlot[site]!.bestKw(view.batteries[site]!.energyKwh, block, this.shiftUsdPerKwh[site]!);
  }

  storedValue(view: FleetView, site: number): StoredValue {
    this.#plan(view, site);
    return this.#afterHour[site]!;
  }

  /** Once for each slot, whoever asks first. */
  #plan(view: FleetView, site: number): void {
    if (this.#plannedFor[site] === view.slot || view.slot >= view.slots) return;
    this.#plannedFor[site] = view.slot;
    const perHour = 3600 / view.slotSeconds;
    const hour = Math.floor(view.slot / perHour);
    const left = perHour - 1 - (view.slot % perHour);
    const ahead = outlook(view, site, this.#forecast);
    if (left === perHour - 1 || this.#afterHour[site] === undefined) {
      let value = ahead.valueAfterDay();
      for (let h = 23; h > hour; h--) value = value.before(ahead.block(h, 1));
      this.#afterHour[site] = value;
    }
    const after = this.#afterHour[site]!;
    this.#afterSlot[site] = left === 0 ? after : after.before(ahead.block(hour, (left * view.slotSeconds) / 3600));
  }
}

