import type { StoredValue } from '../site/storage/index.js';
import type { FleetView, ManagedView } from '../view.js';

/** Who sets clocks, supply temperatures and batteries: one strategy behind one face. */
export interface EnergyManager {
  readonly name: string;
  /** Called when a day's conditions are known, before its first slot. */
  beginDay(fleet: FleetView): void;
  /**
   * Called at the start of each slot, before any of its jobs: sets `clockShare` and `supplyCelsius` by
   * `fleet.setClock` and `fleet.setSupply`; what is not set stays as it was.
   */
  beginSlot(fleet: ManagedView): void;
  /**
   * Battery power wanted at a site over the slot being settled, kW at the terminals, positive to charge. `netKw` is the
   * site's mean load less usable renewables; the fleet clamps the answer to what the battery can do.
   */
  batteryKw(fleet: FleetView, site: number, netKw: number): number;
  /** What is stored at a site is worth so much after the hour of the view's slot, to a manager that plans; see `StoredValue`. */
  storedValue?(view: FleetView, site: number): StoredValue;
}
