import type { EnergyBlock, FleetView, Storage, StoredValue } from '../../../envs/index.js';
import { Battery, coolingRatio, itPowerFactor } from '../../../envs/index.js';
import { CostTable, tabulatedLoads } from './costTable.js';

/**
 * A site's storage over a day whose loads are known: in each slot the power that is worth most, given the value of what is
 * stored after it, which is worked out backwards from the day's end slot by slot.
 */
export class StoragePlan {
  /** Per site and slot, the value of what is stored after it. */
  readonly after: StoredValue[][] = [];
  readonly #view: FleetView;
  readonly #storages: readonly Battery[];
  /** Per site (row) and slot, state of charge before it. */
  readonly #soc: Float64Array;
  readonly #unit: number;

  constructor(view: FleetView) {
    this.#view = view;
    this.#storages = view.fleet.sites.map((site) => new Battery(site.battery));
    this.#soc = new Float64Array(view.siteCount * view.slots);
    this.#unit = view.fleet.utilityUnitUsd;
  }

  /** Plans for GPU energy above idle of so many kWh by site (row) and slot; rows have one more bin, for what runs past the day. */
  update(dynamicKwh: Float64Array): void {
    const { siteCount, slots, conditions, slotSeconds } = this.#view;
    for (let k = 0; k < siteCount; k++) {
      const row = k * (slots + 1);
      const after = (this.after[k] = new Array<StoredValue>(slots));
      let value = conditions.sites[k]!.valueAfterDay();
      for (let slot = slots - 1; slot >= 0; slot--) {
        after[slot] = value;
        value = value.before(this.#block(k, slot, dynamicKwh[row + slot]!));
      }
      const storage = this.#storages[k]!;
      storage.reset();
      for (let slot = 0; slot < slots; slot++) {
        this.#soc[k * slots + slot] = storage.soc;
        storage.apply(heldKw(storage, after[slot]!, this.#block(k, slot, dynamicKwh[row + slot]!)), slotSeconds);
      }
    }
  }

  /** What a slot's energy costs by the plan, utility units, at evenly spaced loads; what is stored after it counts at its value. */
  tabulate(): CostTable {
    const { siteCount, slots, slotSeconds, gpuCount, fleet } = this.#view;
    const hours = slotSeconds / 3600;
    const table = new Float64Array(siteCount * slots * tabulatedLoads);
    const stepKwh = Float64Array.from(fleet.sites, ({ gpus }, k) => (gpuCount[k]! * gpus.powerKw * (1 - gpus.idleShare) * hours) / (tabulatedLoads - 1));
    const past = new Float64Array(siteCount);
    for (let k = 0; k < siteCount; k++) {
      const storage = this.#storages[k]!;
      for (let slot = 0; slot < slots; slot++) {
        const value = this.after[k]![slot]!;
        for (let i = 0; i < tabulatedLoads; i++) {
          const block = this.#block(k, slot, i * stepKwh[k]!);
          storage.reset(this.#soc[k * slots + slot]);
          const kw = heldKw(storage, value, block);
          storage.apply(kw, slotSeconds);
          table[(k * slots + slot) * tabulatedLoads + i] = (blockUsd(storage, block, kw) - value.worthUsd(storage.energyKwh)) / this.#unit;
        }
      }
      const last = slots - 1;
      // Past the day there is neither storage nor sun, and idle power is not counted.
      const price = this.#view.markets[k]!.importCost(1, this.#view.conditions.sites[k]!.priceUsdPerKwh[last]!);
      past[k] = (price * this.#factor(k, last)) / this.#unit;
    }
    return new CostTable(slots, table, stepKwh, past);
  }

  /** A slot with so many kWh of GPU energy above idle. */
  #block(site: number, slot: number, dynamicKwh: number): EnergyBlock {
    const { fleet, slotSeconds, conditions, markets } = this.#view;
    const { gpus } = fleet.sites[site]!;
    const here = conditions.sites[site]!;
    const hours = slotSeconds / 3600;
    const loadKw = (gpus.count * gpus.powerKw * gpus.idleShare + dynamicKwh / hours) * this.#factor(site, slot);
    return markets[site]!.block({ hours, price: here.priceUsdPerKwh[slot]!, loadKw, renewableKw: here.renewableKw[slot]! });
  }

  /** Site power, cooling included, per power of IT at the set supply temperature. */
  #factor(site: number, slot: number): number {
    const { cooling } = this.#view.fleet.sites[site]!;
    return itPowerFactor(cooling.supplyCelsius, cooling) * (1 + coolingRatio(cooling.supplyCelsius, this.#view.conditions.sites[site]!.outdoorCelsius[slot]!, cooling));
  }
}

/** The power that is worth most, as far as the storage can hold it. */
function heldKw(storage: Storage, value: StoredValue, block: EnergyBlock): number {
  const { minKw, maxKw } = storage.feasibleRange(block.hours * 3600);
  return Math.min(maxKw, Math.max(minKw, value.bestKw(storage.energyKwh, block)));
}

/** What a block costs with a storage at `kw`, wear included, USD. */
function blockUsd({ wearUsdPerKwh }: Storage, { hours, netKw, importUsdPerKwh, exportUsdPerKwh }: EnergyBlock, kw: number): number {
  const netKwh = (netKw + kw) * hours;
  const grid = netKwh >= 0 ? netKwh * importUsdPerKwh : netKwh * (exportUsdPerKwh ?? 0);
  return grid + Math.max(0, -kw) * hours * wearUsdPerKwh;
}
