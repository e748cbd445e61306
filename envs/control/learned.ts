import type { FleetView, ManagedView } from '../view.js';
import type { EnergyManager } from './manager.js';
import { ThresholdManager } from './threshold.js';

/** What an agent may set at each site, in this order within the site's part of the action. */
export const energyControls = ['battery', 'clock', 'supply'] as const;
export type EnergyControl = (typeof energyControls)[number];

/**
 * Setpoints in [-1, 1] given from outside before each slot; controls that are not learned stay with the price
 * thresholds. Battery: the share of the feasible discharge (negative) or charge; clock and supply temperature: linear
 * over the site's range.
 */
export class LearnedManager implements EnergyManager {
  readonly name = 'learned';
  /** One value per site. */
  readonly setpoints: Readonly<Record<EnergyControl, Float64Array>>;
  private readonly learns: Readonly<Record<EnergyControl, boolean>>;
  private readonly others = new ThresholdManager();

  constructor(sites: number, controls: readonly EnergyControl[] = energyControls) {
    this.learns = { battery: controls.includes('battery'), clock: controls.includes('clock'), supply: controls.includes('supply') };
    this.setpoints = { battery: new Float64Array(sites), clock: new Float64Array(sites), supply: new Float64Array(sites) };
  }

  beginDay(): void {
    for (const control of energyControls) this.setpoints[control].fill(0);
  }

  beginSlot(fleet: ManagedView): void {
    const { clock, supply } = this.learns;
    if (!clock) this.others.beginSlot(fleet);
    for (let k = 0; k < fleet.siteCount; k++) {
      const { gpus, cooling } = fleet.fleet.sites[k]!;
      if (clock) fleet.setClock(k, between(gpus.clock.minShare, 1, this.setpoints.clock[k]!));
      if (supply) {
        fleet.setSupply(k, between(cooling.supplyMinCelsius, cooling.supplyMaxCelsius, this.setpoints.supply[k]!));
      }
    }
  }

  batteryKw(fleet: FleetView, site: number, netKw: number): number {
    if (!this.learns.battery) return this.others.batteryKw(fleet, site, netKw);
    const setpoint = this.setpoints.battery[site]!;
    const battery = fleet.batteries[site]!;
    const seconds = fleet.slotSeconds;
    return setpoint * (setpoint >= 0 ? battery.maxChargeKw(seconds) : battery.maxDischargeKw(seconds));
  }
}

const between = (low: number, high: number, setpoint: number): number => low + ((high - low) * (setpoint + 1)) / 2;
