import type { FleetSimulator } from '../fleet.js';

/**
 * Settles the current slot's energy at one site and returns its cost in USD, battery wear included.
 *
 * At a negative price all renewables are curtailed (the site is paid to import); without a paying market the surplus
 * is curtailed and the battery discharges into the site's own load only.
 */
export function settleSite(fleet: FleetSimulator, site: number): number {
  const { slot, slotSeconds, totals, work } = fleet;
  const { gpus, exportShare } = fleet.fleet.sites[site]!;
  const here = fleet.conditions.sites[site]!;
  const hours = slotSeconds / 3600;
  const price = here.priceUsdPerKwh[slot]!;
  const busy = work.busySeconds[work.index(site, slot)]!;
  const idleKwh = gpus.count * gpus.powerKw * gpus.idleShare * hours;
  const itKwh = (idleKwh + work.dynamicKwh[work.index(site, slot)]!) * fleet.itFactor[site]!;
  const coolingKwh = itKwh * fleet.coolingRatio[site]!;
  const renewableKwh = here.renewableKw[slot]! * hours;
  const usableKwh = price < 0 ? 0 : renewableKwh;
  const sells = price > 0 && exportShare > 0;

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
  const importUsd = importKwh * price;
  const exportUsd = exportKwh * price * exportShare;
  const wearUsd = dischargedKwh * battery.config.wearUsdPerKwh;
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
    const end = (slot + 1) * slotSeconds;
    record.priceUsdPerMwh.push(price * 1000);
    record.carbonKgPerKwh.push(here.carbonKgPerKwh[slot]!);
    record.outdoorCelsius.push(here.outdoorCelsius[slot]!);
    record.utilisation.push(busy / (gpus.count * slotSeconds));
    record.backlogSeconds.push(fleet.backlogSeconds(site, end));
    record.clockShare.push(fleet.clockShare[site]!);
    record.supplyCelsius.push(fleet.supplyCelsius[site]!);
    record.itKw.push(itKwh / hours);
    record.coolingKw.push(coolingKwh / hours);
    record.pvKw.push(here.pvKw[slot]!);
    record.windKw.push(here.windKw[slot]!);
    record.curtailedKw.push(curtailedKwh / hours);
    record.batteryKw.push(batteryKw);
    record.soc.push(battery.soc);
    record.gridKw.push((importKwh - exportKwh) / hours);
  }
  return usd;
}

/**
 * Settles the day's end and returns its cost in USD less what jobs were already charged: the change of the batteries'
 * charge at the day's mean price (not below zero), and, unless queues are carried over, the work that runs past
 * midnight, bought at the conditions of the last slot.
 */
export function settleTail(fleet: FleetSimulator): number {
  const { totals, slot, work } = fleet;
  const unit = fleet.fleet.utilityUnitUsd;
  let unattributed = 0;
  for (let k = 0; k < fleet.siteCount; k++) {
    const here = fleet.conditions.sites[k]!;
    const storedUsd = (fleet.startKwh[k]! - fleet.batteries[k]!.energyKwh) * Math.max(0, here.meanPriceUsdPerKwh);
    totals.storedEnergyCost += storedUsd / unit;
    totals.energyCost += storedUsd / unit;
    totals.utility -= storedUsd / unit;
    unattributed += storedUsd;
    if (fleet.fleet.carryQueues) continue;

    totals.executedGpuSeconds += work.tail(work.busySeconds, k);
    unattributed -= work.tail(work.attributedUsd, k);
    const itKwh = work.tail(work.dynamicKwh, k) * fleet.itFactor[k]!;
    const coolingKwh = itKwh * fleet.coolingRatio[k]!;
    const usd = (itKwh + coolingKwh) * here.priceUsdPerKwh[slot]!;
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
