import type { FleetConfig, SiteConditions } from '../../envs/index.js';
import type { Entry, LinearProgram } from './linearProgram.js';
import { energyLines, loadFactors } from './physics.js';

/** What the energy of one site needs to know. */
export interface SiteDay {
  readonly fleet: FleetConfig;
  readonly site: number;
  readonly conditions: SiteConditions;
  readonly slots: number;
  /** Slots of a block of work. */
  readonly slotsPerBlock: number;
  readonly choosesSupply: boolean;
  /** GPU-hours at full clock that all jobs could make the site work at most. */
  readonly mostWorkHours: number;
}

/**
 * Adds a site's slots to a program: work, energy of GPUs, cooling, battery and grid, under the fleet's own accounting.
 * Returns a row for each block of slots, and a last one for the time after the day; each is `work done in it - work
 * asked of it = 0`, in GPU-hours at full clock, for the caller to ask.
 */
export function addSiteEnergy(program: LinearProgram, day: SiteDay): number[] {
  const { fleet, site, conditions, slots, slotsPerBlock, choosesSupply } = day;
  const { gpus, cooling, battery, exportShare } = fleet.sites[site]!;
  const unit = fleet.utilityUnitUsd;
  const hours = fleet.slotSeconds / 3600;
  const gpuHours = gpus.count * hours;
  const fullKw = gpus.powerKw * (1 - gpus.idleShare);
  const idleKwh = gpuHours * gpus.powerKw * gpus.idleShare;
  const lines = energyLines(gpus);
  const blocks = Array.from({ length: Math.ceil(slots / slotsPerBlock) }, () => program.row(0, 0));

  const rangeKwh = (battery.socMax - battery.socMin) * battery.capacityKwh;
  const startKwh = (battery.initialSoc - battery.socMin) * battery.capacityKwh;
  const batteryKwh = rangeKwh > 0 ? battery.powerKw * hours : 0;
  /** What is left is worth, piece by piece from the least energy on, see `StoredValue`. */
  const left = conditions.valueAfterDay();
  /** Energy above the least after the slot before - after this slot + charged - discharged = 0. */
  const stored = Array.from({ length: slots }, () => program.row(0, 0));
  // Energy to start with is given back at the least that it may be worth, where it can be moved at all.
  if (fleet.carryQueues) program.variable(-left.slopes.at(-1)! / unit, rangeKwh, [[stored[0]!, 1]]);
  else {
    program.variable(0, startKwh, [[stored[0]!, 1]]);
    if (batteryKwh > 0) program.constant -= left.worthUsd(battery.initialSoc * battery.capacityKwh) / unit;
  }

  for (let slot = 0; slot < slots; slot++) {
    const price = conditions.priceUsdPerKwh[slot]!;
    const worth = price / unit;
    const sells = price > 0 && exportShare > 0;
    const [least, most] = loadFactors(cooling, conditions.outdoorCelsius[slot]!, choosesSupply);
    const factor = price < 0 ? most : least;
    const usableKwh = price < 0 ? 0 : conditions.renewableKw[slot]! * hours;
    const needKwh = factor * idleKwh - usableKwh;
    const mostKwh = Math.abs(factor) * (idleKwh + fullKw * gpuHours) + usableKwh + batteryKwh;
    // bought - sold - curtailed - factor x GPUs' dynamic energy - charged + discharged = idle load - renewables
    const balance = program.row(needKwh, needKwh);
    program.variable(-worth, mostKwh, [[balance, 1]]);
    if (sells) program.variable(worth * exportShare, mostKwh, [[balance, -1]]);
    else program.variable(0, price < 0 ? Math.max(0, -needKwh) : mostKwh, [[balance, -1]]);

    const energy: Entry[] = [[balance, -factor]];
    const work: Entry[] = [[blocks[Math.floor(slot / slotsPerBlock)]!, 1]];
    for (const { kwPerGpu, idleWorth } of lines) {
      const row = program.row(-idleWorth * gpuHours, Infinity);
      energy.push([row, 1]);
      work.push([row, -kwPerGpu]);
    }
    program.variable(0, fullKw * gpuHours, energy);
    program.variable(0, gpuHours, work);

    if (batteryKwh === 0) continue;
    const power = program.row(-Infinity, batteryKwh);
    program.variable(0, batteryKwh, [[balance, -1], [power, 1], [stored[slot]!, battery.etaCharge]]);
    program.variable(-battery.wearUsdPerKwh / unit, batteryKwh, [[balance, 1], [power, 1], [stored[slot]!, -1 / battery.etaDischarge]]);
    if (slot + 1 < slots) program.variable(0, rangeKwh, [[stored[slot]!, -1], [stored[slot + 1]!, 1]]);
    else left.slopes.forEach((slope, i) => program.variable(slope / unit, left.widths[i]!, [[stored[slot]!, -1]]));
  }

  const after = program.row(0, 0);
  const [least, most] = loadFactors(cooling, conditions.outdoorCelsius[slots - 1]!, choosesSupply);
  const tailWorth = fleet.carryQueues ? 0 : conditions.priceUsdPerKwh[slots - 1]! / unit;
  const mostTailWorth = -tailWorth * most * fullKw;
  if (mostTailWorth > 0) program.constant += mostTailWorth * day.mostWorkHours;
  const cheapest = lines.find(({ idleWorth }) => idleWorth === 0)!.kwPerGpu;
  program.variable(tailWorth > 0 ? -tailWorth * least * cheapest : 0, day.mostWorkHours, [[after, 1]]);
  return [...blocks, after];
}
