import type { EnergyManager } from '../control/manager.js';
import type { ManagedView } from '../view.js';
import type { DayTotals } from './figures.js';
import type { DayRecord, SiteRecord } from './record.js';

/** A fleet whose day is being accounted for. */
export interface SettledFleet extends ManagedView {
  readonly manager: EnergyManager;
  readonly totals: DayTotals;
  readonly record: DayRecord | undefined;
  /** Energy in each battery when the day began. */
  readonly startKwh: Float64Array;
}

/**
 * Settles the current slot's energy at one site and returns its cost in USD, battery wear included.
 *
 * IT + cooling + charge - discharge - renewables = net grid power. What the market lets the site use and sell, and at what
 * money, is the market's; without a paying market the surplus is curtailed and the battery discharges into the site's own
 * load only.
 */
export function settleSite(fleet: SettledFleet, site: number): number {
  const { slot, slotSeconds, totals, work } = fleet;
  const { gpus } = fleet.fleet.sites[site]!;
  const market = fleet.markets[site]!;
  const here = fleet.conditions.sites[site]!;
  const hours = slotSeconds / 3600;
  const price = here.priceUsdPerKwh[slot]!;
  const busy = work.busySeconds[work.index(site, slot)]!;
  const idleKwh = gpus.count * gpus.powerKw * gpus.idleShare * hours;
  const itKwh = (idleKwh + work.dynamicKwh[work.index(site, slot)]!) * fleet.itFactor[site]!;
  const coolingKwh = itKwh * fleet.coolingRatio[site]!;
  const renewableKwh = here.renewableKw[slot]! * hours;
  const usableKwh = market.usesRenewables(price) ? renewableKwh : 0;
  const sells = market.sellingShare(price) > 0;

  const netKw = (itKwh + coolingKwh - usableKwh) / hours;
  const battery = fleet.batteries[site]!;
  const wanted = fleet.manager.batteryKw(fleet, site, netKw);
  const dischargeLimit = sells ? Infinity : Math.max(0, netKw);
  const batteryKw =
    wanted >= 0
      ? Math.min(wanted, battery.maxChargeKw(slotSeconds))
      : 0 - Math.min(-wanted, battery.maxDischargeKw(slotSeconds), dischargeLimit);
  battery.apply(batteryKw, slotSeconds);
  const chargedKwh = Math.max(0, batteryKw) * hours;
  const dischargedKwh = Math.max(0, -batteryKw) * hours;

  const netKwh = itKwh + coolingKwh + chargedKwh - dischargedKwh - usableKwh;
  const importKwh = Math.max(0, netKwh);
  const exportKwh = sells ? Math.max(0, -netKwh) : 0;
  const curtailedKwh = renewableKwh - usableKwh + (sells ? 0 : Math.max(0, -netKwh));

  const unit = fleet.fleet.utilityUnitUsd;
  const importUsd = market.importCost(importKwh, price);
  const exportUsd = market.exportRevenue(exportKwh, price);
  const wearUsd = dischargedKwh * battery.wearUsdPerKwh;
  const usd = importUsd - exportUsd + wearUsd;
  totals.utility -= usd / unit;
  totals.energyCost += usd / unit;
  totals.importCost += importUsd / unit;
  totals.exportRevenue += exportUsd / unit;
  totals.wearCost += wearUsd / unit;
  totals.executedGpuSeconds += busy;
  totals.itKwh += itKwh;
  totals.coolingKwh += coolingKwh;
  totals.gridImportKwh += importKwh;
  totals.gridExportKwh += exportKwh;
  totals.renewableKwh += renewableKwh;
  totals.curtailedKwh += curtailedKwh;
  totals.chargedKwh += chargedKwh;
  totals.dischargedKwh += dischargedKwh;
  totals.carbonKg += importKwh * here.carbonKgPerKwh[slot]!;

  const record = fleet.record?.sites[site];
  if (record !== undefined) {
    recordSlot(fleet, site, record, { itKwh, coolingKwh, curtailedKwh, batteryKw, gridKwh: importKwh - exportKwh });
  }
  return usd;
}

interface SiteFlows {
  readonly itKwh: number;
  readonly coolingKwh: number;
  readonly curtailedKwh: number;
  readonly batteryKw: number;
  readonly gridKwh: number;
}

function recordSlot(fleet: SettledFleet, site: number, record: SiteRecord, flows: SiteFlows): void {
  const { slot, slotSeconds, work } = fleet;
  const here = fleet.conditions.sites[site]!;
  const hours = slotSeconds / 3600;
  const busy = work.busySeconds[work.index(site, slot)]!;
  record.priceUsdPerMwh.push(here.priceUsdPerKwh[slot]! * 1000);
  record.carbonKgPerKwh.push(here.carbonKgPerKwh[slot]!);
  record.outdoorCelsius.push(here.outdoorCelsius[slot]!);
  record.utilisation.push(busy / (fleet.gpuCount[site]! * slotSeconds));
  record.backlogSeconds.push(fleet.backlogSeconds(site, (slot + 1) * slotSeconds));
  record.clockShare.push(fleet.clockShare[site]!);
  record.supplyCelsius.push(fleet.supplyCelsius[site]!);
  record.storedUsdPerMwh.push(fleet.storedUsdPerKwh(site) * 1000);
  record.itKw.push(flows.itKwh / hours);
  record.coolingKw.push(flows.coolingKwh / hours);
  record.pvKw.push(here.pvKw[slot]!);
  record.windKw.push(here.windKw[slot]!);
  record.curtailedKw.push(flows.curtailedKwh / hours);
  record.batteryKw.push(flows.batteryKw);
  record.soc.push(fleet.batteries[site]!.soc);
  record.gridKw.push(flows.gridKwh / hours);
}

/**
 * Settles the day's end and returns its cost in USD less what jobs were already charged: the change of the batteries'
 * charge at what it can earn the day after, and, unless queues are carried over, the work that runs past midnight, bought
 * at the conditions of the last slot. What a battery was drawn down by counts as imported, at the day's mean carbon
 * intensity, so that living on yesterday's charge is neither free nor clean.
 */
export function settleTail(fleet: SettledFleet): number {
  const { totals, slot, work } = fleet;
  const unit = fleet.fleet.utilityUnitUsd;
  let unattributed = 0;
  for (let k = 0; k < fleet.siteCount; k++) {
    const here = fleet.conditions.sites[k]!;
    const battery = fleet.batteries[k]!;
    const value = here.valueAfterDay();
    const storedUsd = value.worthUsd(fleet.startKwh[k]!) - value.worthUsd(battery.energyKwh);
    const restoredKwh = (fleet.startKwh[k]! - battery.energyKwh) / battery.etaCharge;
    totals.restoredKwh += restoredKwh;
    totals.gridImportKwh += restoredKwh;
    totals.carbonKg += restoredKwh * meanOfDay(here.carbonKgPerKwh, fleet.slots);
    totals.storedEnergyCost += storedUsd / unit;
    totals.energyCost += storedUsd / unit;
    totals.utility -= storedUsd / unit;
    unattributed += storedUsd;
    if (fleet.fleet.carryQueues) continue;

    totals.executedGpuSeconds += work.tail(work.busySeconds, k);
    unattributed -= work.tail(work.attributedUsd, k);
    const itKwh = work.tail(work.dynamicKwh, k) * fleet.itFactor[k]!;
    const coolingKwh = itKwh * fleet.coolingRatio[k]!;
    const usd = fleet.markets[k]!.importCost(itKwh + coolingKwh, here.priceUsdPerKwh[slot]!);
    totals.itKwh += itKwh;
    totals.coolingKwh += coolingKwh;
    totals.gridImportKwh += itKwh + coolingKwh;
    totals.carbonKg += (itKwh + coolingKwh) * here.carbonKgPerKwh[slot]!;
    totals.importCost += usd / unit;
    totals.energyCost += usd / unit;
    totals.utility -= usd / unit;
    unattributed += usd;
  }
  return unattributed;
}

function meanOfDay(values: Float64Array, slots: number): number {
  let sum = 0;
  for (let slot = 0; slot < slots; slot++) sum += values[slot]!;
  return sum / slots;
}
