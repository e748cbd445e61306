import type { World } from '../datasets/index.js';
import type { FleetConfig } from './config/fleetConfig.js';
import { ThresholdManager } from './control/threshold.js';
import { FleetSimulator } from './fleet.js';
import { emptyTotals } from './account/totals.js';

/** What a site is like at the moment of a decision. */
export interface StatedSite {
  /** Until a GPU is free, s; 0 if one is. */
  readonly waitSeconds: number;
  /** Work still to be done, s per GPU. */
  readonly backlogSeconds: number;
  /** Market price now, in an hour, and on average over the next six hours, USD/MWh. */
  readonly priceUsdPerMwh: number;
  readonly priceInAnHourUsdPerMwh: number;
  readonly priceAheadUsdPerMwh: number;
  /** Available from PV and wind, kW. */
  readonly renewableKw: number;
  /** State of charge, a share of capacity. */
  readonly soc: number;
  readonly outdoorCelsius: number;
  /** Clock, a share of the highest, and supply air temperature. */
  readonly clockShare: number;
  readonly supplyCelsius: number;
  /** Power above idle that jobs dispatched so far draw on average over the current slot, kW. */
  readonly bookedKw: number;
  /** GPU-seconds of work offered lately per second. */
  readonly offeredGpus: number;
}

/** A job that has arrived, and the fleet that it meets. */
export interface StatedDecision {
  /** Since the UTC day's start, s. */
  readonly secondOfDay: number;
  readonly job: {
    /** Index of the site where it arrives. */
    readonly origin: number;
    readonly images: number;
    readonly secondsToDeadline: number;
    readonly short: boolean;
  };
  /** Jobs over the fleet at the rate of late, and the share of them that was late. */
  readonly jobsPerDay: number;
  readonly recentLateShare: number;
  /** In the order of the fleet's configuration. */
  readonly sites: readonly StatedSite[];
}

/** A stated fleet knows no more of the world than it is told. */
const noWorld: World = {
  name: 'stated',
  regions: [],
  span: () => ({ startMs: -Infinity, endMs: Infinity }),
  place: (region) => {
    throw new Error(`A stated fleet has no place ${region}.`);
  },
  conditions: (region) => {
    throw new Error(`A stated fleet has no conditions of ${region}.`);
  },
};

/**
 * A fleet whose state is told instead of simulated, so that what observes, decides and dispatches in the simulator does
 * the same for a fleet outside it. `state` it, then observe, decide, and `dispatch(0, site, steps)` to foresee what becomes
 * of the job; `totals` are then that job's own.
 */
export class StatedFleet extends FleetSimulator {
  private statedAt = 0;
  private stated: readonly StatedSite[] = [];

  constructor(fleet: FleetConfig) {
    // Nothing is known of how long this job will really take: it is foreseen to take what is expected.
    super({ fleet: { ...fleet, executionNoise: 0 }, world: noWorld, profile: [], manager: new ThresholdManager() });
    const series = (): Float64Array => new Float64Array(this.foreseenSlots);
    this.conditions = {
      day: '',
      startMs: 0,
      slots: this.slots,
      foreseenSlots: this.slots,
      sites: fleet.sites.map((_, k) => ({
        priceUsdPerKwh: series(),
        priceAheadUsdPerKwh: () => this.stated[k]!.priceAheadUsdPerMwh / 1000,
        carbonKgPerKwh: series(),
        outdoorCelsius: series(),
        pvKw: series(),
        windKw: series(),
        renewableKw: series(),
        meanPriceUsdPerKwh: 0,
        chargeBelowUsdPerKwh: 0,
        dischargeAboveUsdPerKwh: 0,
      })),
    };
  }

  state({ secondOfDay, job, jobsPerDay, recentLateShare, sites }: StatedDecision): void {
    this.statedAt = secondOfDay;
    this.stated = sites;
    this.slot = Math.floor(secondOfDay / this.slotSeconds);
    this.slotOpen = true;
    this.nextJob = 0;
    this.jobs = {
      length: 1,
      arrivalSeconds: Float64Array.of(secondOfDay),
      origin: Uint8Array.of(job.origin),
      images: Uint16Array.of(job.images),
      deadlineSeconds: Float64Array.of(secondOfDay + job.secondsToDeadline),
      short: Uint8Array.of(Number(job.short)),
      serviceFactor: Float64Array.of(1),
    };
    this.jobsPerSlot = jobsPerDay / this.slots;
    this.latePerSlot = recentLateShare * this.jobsPerSlot;
    this.totals = emptyTotals();
    this.work.clear();
    sites.forEach((site, k) => this.stateSite(site, k));
  }

  override earliestFree(site: number): number {
    return this.statedAt + this.stated[site]!.waitSeconds;
  }

  protected override trulyFree(site: number): number {
    return this.earliestFree(site);
  }

  override backlogSeconds(site: number): number {
    return this.stated[site]!.backlogSeconds;
  }

  private stateSite(site: StatedSite, k: number): void {
    const { slot, slotSeconds } = this;
    const here = this.conditions.sites[k]!;
    here.priceUsdPerKwh[slot] = site.priceUsdPerMwh / 1000;
    here.priceUsdPerKwh[slot + 3600 / slotSeconds] = site.priceInAnHourUsdPerMwh / 1000;
    here.renewableKw[slot] = site.renewableKw;
    here.outdoorCelsius[slot] = site.outdoorCelsius;
    this.batteries[k]!.reset(site.soc);
    this.setClock(k, site.clockShare);
    this.setSupply(k, site.supplyCelsius);
    this.offeredGpus[k] = site.offeredGpus;
    this.work.dynamicKwh[this.work.index(k, slot)] = (site.bookedKw * slotSeconds) / 3600;
  }
}
