import type { FleetView, ManagedView } from '../view.js';
import type { EnergyManager } from './manager.js';

/** A site whose GPUs have this much work waiting each runs at full clock, s. */
const urgentBacklogSeconds = 60;

/**
 * Price thresholds. Batteries take surplus renewables, charge below one quantile of the day's prices and discharge
 * above another, if the spread pays for losses and wear. Clocks go as low as keeps the site `clockUtilisation` busy
 * with the work it was offered lately, though not below the voltage's knee, where a slower clock saves next to nothing, and
 * full as soon as work waits. Supply temperatures stay at their set value.
 * The day's prices are known a day ahead, as on the day-ahead market.
 */
export class ThresholdManager implements EnergyManager {
  readonly name: string = 'threshold';

  beginDay(): void {}

  beginSlot(fleet: ManagedView): void {
    const target = fleet.fleet.management.clockUtilisation;
    const now = fleet.slot * fleet.slotSeconds;
    for (let k = 0; k < fleet.siteCount; k++) {
      const { minShare, boundShare, voltageKneeShare } = fleet.fleet.sites[k]!.gpus.clock;
      let share = 1;
      if (target > 0 && minShare < 1 && fleet.backlogSeconds(k, now) < urgentBacklogSeconds) {
        // The slowdown s that fills the target, solved for f in s = delta / f + 1 - delta.
        const affordable = (target * fleet.gpuCount[k]!) / Math.max(1e-9, fleet.offeredGpus[k]!);
        const stretch = affordable - 1 + boundShare;
        share = affordable <= 1 ? 1 : Math.max(voltageKneeShare, boundShare / stretch);
      }
      fleet.setClock(k, share);
    }
  }

  batteryKw(fleet: FleetView, site: number, netKw: number): number {
    const { powerKw, etaCharge, etaDischarge, wearUsdPerKwh } = fleet.batteries[site]!;
    if (netKw < 0) return Math.min(powerKw, -netKw);
    const { priceUsdPerKwh, chargeBelowUsdPerKwh: low, dischargeAboveUsdPerKwh: high } = fleet.conditions.sites[site]!;
    const price = priceUsdPerKwh[fleet.slot]!;
    const pays = high * etaCharge * etaDischarge - low > wearUsdPerKwh * etaCharge * etaDischarge;
    if (price < 0 || (pays && price < low)) return powerKw;
    if (pays && price > high) return -Math.min(powerKw, netKw);
    return 0;
  }
}
