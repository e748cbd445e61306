import type { FleetSimulator } from '../../envs/index.js';
import { backlogUnitSeconds, jobsPerDay, mostBacklogUnits, priceFeature } from '../../envs/index.js';
import type { Candidate } from './candidates.js';

const globalNames = ['timeSin', 'timeCos', 'arrivals', 'slotPhase', 'slotFailed', 'slotCredit'] as const;
const siteNames = ['logWait', 'logBacklog', 'backlog', 'price', 'priceInAnHour', 'outlook', 'renewables', 'surplus'] as const;

/** Of a site's features, the first so many depend on the decision. */
const decided = 3;

/** Mean price over so long is the outlook. */
const outlookSeconds = 3600;

export const afterstateNames = (sites: readonly string[]): string[] => [
  ...globalNames,
  ...sites.flatMap((site) => siteNames.map((name) => `${site}.${name}`)),
];

/**
 * What the fleet looks like just after a decision. Global: time of the UTC day (sine, cosine), running average of
 * arrivals relative to their mean less 1, how much of the slot has passed, whether one of its jobs is late, what its
 * jobs were credited / 30 (the last two are 0 unless slots are paid as a whole). Per site: log1p(wait s) / 6, log1p(backlog s) / 6,
 * backlog / 300 s / 3 (at most 10 / 3), price now, in an hour and its mean over that hour (asinh(USD per MWh / 50) / 2),
 * renewables and their surplus over the load offered lately, per full IT power.
 */
export class Afterstates {
  readonly size: number;
  private readonly base: Float32Array;
  private readonly sitePotential: Float64Array;
  private basePotential = 0;
  private now = 0;

  /** `backlogPrice`: see `potential`. `wholeSlots`: slots are paid as a whole, so what happened in this one matters. */
  constructor(
    private readonly sites: number,
    private readonly backlogPrice: number,
    private readonly wholeSlots: boolean,
  ) {
    this.size = globalNames.length + sites * siteNames.length;
    this.base = new Float32Array(this.size);
    this.sitePotential = new Float64Array(sites);
  }

  /** Takes in the state in which `job` is decided. */
  observe(fleet: FleetSimulator, job: number): void {
    const { slot, slotSeconds } = fleet;
    const { base } = this;
    const now = fleet.jobs.arrivalSeconds[job]!;
    const angle = (2 * Math.PI * now) / (fleet.slots * slotSeconds);
    const hour = Math.max(1, Math.round(outlookSeconds / slotSeconds));
    const end = Math.min(fleet.foreseenSlots, slot + hour);
    this.now = now;
    base[0] = Math.sin(angle);
    base[1] = Math.cos(angle);
    base[2] = (fleet.jobsPerSlot * fleet.slots) / jobsPerDay(fleet.fleet) - 1;
    base[3] = now / slotSeconds - slot;
    base[4] = this.wholeSlots && fleet.slotAccounts[slot]!.late > 0 ? 1 : 0;
    base[5] = this.wholeSlots ? fleet.slotAccounts[slot]!.credit / 30 : 0;
    this.basePotential = 0;
    for (let k = 0; k < this.sites; k++) {
      const { gpus } = fleet.fleet.sites[k]!;
      const { priceUsdPerKwh, renewableKw } = fleet.conditions.sites[k]!;
      const at = globalNames.length + k * siteNames.length;
      const backlog = fleet.backlogSeconds(k, now);
      const renewables = renewableKw[slot]! / (gpus.count * gpus.powerKw);
      let ahead = 0;
      for (let s = slot; s < end; s++) ahead += priceUsdPerKwh[s]!;
      this.putSite(base, k, fleet.earliestFree(k) - now, backlog);
      base[at + decided] = priceFeature(priceUsdPerKwh[slot]!);
      base[at + decided + 1] = priceFeature(priceUsdPerKwh[end - 1]!);
      base[at + decided + 2] = priceFeature(ahead / (end - slot));
      base[at + decided + 3] = renewables;
      base[at + decided + 4] = renewables - gpus.idleShare - ((1 - gpus.idleShare) * fleet.offeredGpus[k]!) / gpus.count;
      this.sitePotential[k] = this.potentialOf(fleet, k, backlog);
      this.basePotential += this.sitePotential[k]!;
    }
  }

  /**
   * Writes what the fleet looks like after a candidate of the job observed, and returns its potential: minus what it costs
   * to work off every site's backlog at `backlogPrice` per GPU-second and 300 s of it. Its slope in a site's backlog is
   * the price that greedy + lambda puts on it, so a value of potential + nothing decides as that scheduler does.
   */
  after(fleet: FleetSimulator, { site, busyUntil, late, credit }: Candidate, out: Float32Array): number {
    out.set(this.base);
    const { now } = this;
    const left = (freeAt: number): number => Math.max(0, freeAt - now);
    const added = left(busyUntil) - left(fleet.earliestFree(site));
    const backlog = fleet.backlogSeconds(site, now) + added / fleet.gpuCount[site]!;
    this.putSite(out, site, Math.min(busyUntil, fleet.queues.secondFree(site)) - now, backlog);
    if (this.wholeSlots) {
      if (late) out[4] = 1;
      out[5] = out[5]! + credit / 30;
    }
    return this.basePotential - this.sitePotential[site]! + this.potentialOf(fleet, site, backlog);
  }

  private putSite(out: Float32Array, site: number, wait: number, backlog: number): void {
    const at = globalNames.length + site * siteNames.length;
    out[at] = Math.log1p(Math.max(0, wait)) / 6;
    out[at + 1] = Math.log1p(backlog) / 6;
    out[at + 2] = Math.min(backlog / backlogUnitSeconds, 10) / 3;
  }

  /** Integral of -backlogPrice x min(backlog / 300 s, 3) over the site's GPU-seconds of backlog. */
  private potentialOf(fleet: FleetSimulator, site: number, backlog: number): number {
    const units = backlog / backlogUnitSeconds;
    const area = units < mostBacklogUnits ? (units * units) / 2 : mostBacklogUnits * (units - mostBacklogUnits / 2);
    return -this.backlogPrice * fleet.gpuCount[site]! * backlogUnitSeconds * area;
  }
}
