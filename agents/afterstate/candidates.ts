import type { FleetSimulator } from '../../envs/index.js';
import { slowdown } from '../../envs/index.js';

/** What may be done with a job, and what it would lead to as far as is known when it is decided. */
export interface Candidate {
  site: number;
  level: number;
  /** Until when it would keep its site's earliest-free GPU, s since the day's start. */
  busyUntil: number;
  late: boolean;
  /** Revenue - penalty - transfer - marginal energy cost, utility units; see `FleetSimulator.dispatch`. */
  credit: number;
}

/** The candidates of one job after another; the objects are reused. */
export class Candidates {
  readonly list: Candidate[];
  count = 0;

  constructor(sites: number, levels: number) {
    this.list = Array.from({ length: sites * levels }, () => ({ site: 0, level: 0, busyUntil: 0, late: false, credit: 0 }));
  }

  /** Every (site, steps) that meets the job's deadline; if none does, the earliest to finish. */
  fill(fleet: FleetSimulator, job: number): void {
    const { jobs, service, siteCount } = fleet;
    const arrival = jobs.arrivalSeconds[job]!;
    const deadline = jobs.deadlineSeconds[job]!;
    const origin = jobs.origin[job]!;
    const images = jobs.images[job]!;
    let earliest = Infinity;
    let earliestSite = 0;
    this.count = 0;
    for (let site = 0; site < siteCount; site++) {
      if (!fleet.fleet.transfer.allowed && site !== origin) continue;
      const start = Math.max(arrival + fleet.delaySeconds[origin * siteCount + site]!, fleet.earliestFree(site));
      const slow = images * fleet.slowdown[site]!;
      const costPerSecond = fleet.marginalCost(site, fleet.dynamicKw[site]!);
      const transfer = site === origin ? 0 : images * fleet.fleet.transfer.costPerImage;
      for (let level = 0; level < service.levels; level++) {
        const entry = site * service.levels + level;
        const seconds = slow * service.gpuSeconds[entry]!;
        // More steps take longer, so the first that is late ends the site's list.
        if (start + seconds > deadline) {
          if (level === 0 && start + seconds < earliest) {
            earliest = start + seconds;
            earliestSite = site;
          }
          break;
        }
        const candidate = this.list[this.count++]!;
        candidate.site = site;
        candidate.level = level;
        candidate.busyUntil = start + seconds;
        candidate.late = false;
        candidate.credit = images * service.utility[entry]! - transfer - seconds * costPerSecond;
      }
    }
    if (this.count === 0) this.only(fleet, job, earliestSite, earliest);
  }

  /**
   * The best credit that the job could have on an empty fleet at market prices, utility units: no decision changes it, so
   * credit less this is what the queues cost the job. -Infinity if not even then a deadline can be met.
   */
  ideal(fleet: FleetSimulator, job: number): number {
    const { jobs, service, siteCount, slot } = fleet;
    const origin = jobs.origin[job]!;
    const images = jobs.images[job]!;
    const allowed = jobs.deadlineSeconds[job]! - jobs.arrivalSeconds[job]!;
    let best = -Infinity;
    for (let site = 0; site < siteCount; site++) {
      if (!fleet.fleet.transfer.allowed && site !== origin) continue;
      const { clock, powerKw, idleShare } = fleet.fleet.sites[site]!.gpus;
      const slow = images * slowdown(1, clock);
      const kwhPerSecond = (powerKw * (1 - idleShare) * fleet.itFactor[site]! * (1 + fleet.coolingRatio[site]!)) / 3600;
      const costPerSecond = (kwhPerSecond * fleet.conditions.sites[site]!.priceUsdPerKwh[slot]!) / fleet.fleet.utilityUnitUsd;
      const transfer = site === origin ? 0 : images * fleet.fleet.transfer.costPerImage;
      for (let level = 0; level < service.levels; level++) {
        const entry = site * service.levels + level;
        const seconds = slow * service.gpuSeconds[entry]!;
        if (fleet.delaySeconds[origin * siteCount + site]! + seconds > allowed) break;
        best = Math.max(best, images * service.utility[entry]! - transfer - seconds * costPerSecond);
      }
    }
    return best;
  }

  /** No deadline can be met: the one candidate is late. */
  private only(fleet: FleetSimulator, job: number, site: number, end: number): void {
    const { jobs, siteCount } = fleet;
    const { onLate, latePenaltyPerImage, transfer } = fleet.fleet;
    const origin = jobs.origin[job]!;
    const free = fleet.earliestFree(site);
    const start = Math.max(jobs.arrivalSeconds[job]! + fleet.delaySeconds[origin * siteCount + site]!, free);
    const stopped = onLate === 'reject' ? start : onLate === 'abandon' ? Math.max(start, jobs.deadlineSeconds[job]!) : end;
    const candidate = this.list[0]!;
    candidate.site = site;
    candidate.level = 0;
    candidate.busyUntil = stopped > start ? stopped : free;
    candidate.late = true;
    const lost = latePenaltyPerImage + (site === origin ? 0 : transfer.costPerImage);
    candidate.credit = -jobs.images[job]! * lost - (stopped - start) * fleet.marginalCost(site, fleet.dynamicKw[site]!);
    this.count = 1;
  }
}
