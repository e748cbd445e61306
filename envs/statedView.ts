import { transferDelays } from './config/fleetConfig.js';
import type { FleetConfig } from './config/fleetConfig.js';
import type { ServedFleet } from './config/served.js';
import type { JobBatch } from './jobs/batch.js';
import type { Decision } from './jobs/candidates.js';
import { JobDesk } from './jobs/desk.js';
import type { Outcome } from './jobs/outcome.js';
import { emptyOutcome, foresee } from './jobs/outcome.js';
import type { ServiceTable } from './jobs/serviceTable.js';
import { servedFleet, serviceTable } from './jobs/serviceTable.js';
import type { Market } from './market/index.js';
import { siteMarket } from './market/index.js';
import { marginalCost, marginalUsdPerKwh } from './market/marginal.js';
import type { DayConditions } from './site/conditions.js';
import { daySeconds } from './site/day.js';
import { SiteStates } from './site/siteStates.js';
import type { Storage } from './site/storage/index.js';
import { createStorage, StoredValue } from './site/storage/index.js';
import { WorkLedger } from './site/workLedger.js';
import type { FleetView } from './view.js';

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
  /** What a MWh more in the storage is worth, USD; the market price if it is not told. */
  readonly storedUsdPerMwh?: number | undefined;
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
  /** Jobs expected over the next hour relative to the day's mean. */
  readonly arrivalsAhead: number;
  readonly recentLateShare: number;
  /** In the order of the fleet's configuration. */
  readonly sites: readonly StatedSite[];
}

/**
 * A fleet whose state is told instead of simulated, so that what observes and decides in the simulator does the same for a
 * fleet outside it. `state` it, then observe, decide, and `foresee` what becomes of the job.
 */
export class StatedView implements FleetView {
  readonly fleet: ServedFleet;
  readonly siteCount: number;
  readonly slots: number;
  readonly foreseenSlots: number;
  readonly slotSeconds: number;
  readonly service: ServiceTable;
  readonly desk: JobDesk;
  readonly markets: readonly Market[];
  readonly delaySeconds: Float64Array;
  readonly batteries: readonly Storage[];
  readonly gpuCount: Int32Array;
  readonly clockShare: Float64Array;
  readonly supplyCelsius: Float64Array;
  readonly slowdown: Float64Array;
  readonly dynamicKw: Float64Array;
  readonly itFactor: Float64Array;
  readonly coolingRatio: Float64Array;
  readonly offeredGpus: Float64Array;
  readonly work: WorkLedger;
  readonly conditions: DayConditions;
  jobs!: JobBatch;
  readonly nextJob = 0;
  slot = 0;
  jobsPerSlot = 0;
  latePerSlot = 0;
  readonly #states: SiteStates;
  readonly #outcome: Outcome = emptyOutcome();
  #arrivalsAhead = 1;
  #statedAt = 0;
  #stated: readonly StatedSite[] = [];

  /** Throws InputError for a model that a site's device cannot run. */
  constructor(configured: FleetConfig) {
    this.service = serviceTable(configured);
    const fleet = servedFleet(configured, this.service);
    const { sites, slotSeconds } = fleet;
    this.fleet = fleet;
    this.siteCount = sites.length;
    this.slotSeconds = slotSeconds;
    this.slots = daySeconds / slotSeconds;
    this.foreseenSlots = 2 * this.slots;
    this.delaySeconds = transferDelays(fleet);
    this.batteries = sites.map((site) => createStorage(site.battery));
    this.markets = sites.map(siteMarket);
    this.gpuCount = Int32Array.from(sites, (site) => site.gpus.count);
    const states = new SiteStates(fleet);
    this.#states = states;
    this.clockShare = states.clockShare;
    this.supplyCelsius = states.supplyCelsius;
    this.slowdown = states.slowdown;
    this.dynamicKw = states.dynamicKw;
    this.itFactor = states.itFactor;
    this.coolingRatio = states.coolingRatio;
    this.desk = new JobDesk(fleet, this.service, states, this.delaySeconds);
    this.offeredGpus = new Float64Array(sites.length);
    this.work = new WorkLedger(this.gpuCount, this.slots, slotSeconds);
    this.conditions = this.#noConditions();
  }

  state({ secondOfDay, job, jobsPerDay, arrivalsAhead, recentLateShare, sites }: StatedDecision): void {
    this.#arrivalsAhead = arrivalsAhead;
    this.#statedAt = secondOfDay;
    this.#stated = sites;
    this.slot = Math.floor(secondOfDay / this.slotSeconds);
    this.jobs = {
      length: 1,
      arrivalSeconds: Float64Array.of(secondOfDay),
      origin: Uint16Array.of(job.origin),
      images: Uint16Array.of(job.images),
      deadlineSeconds: Float64Array.of(secondOfDay + job.secondsToDeadline),
      short: Uint8Array.of(Number(job.short)),
      serviceFactor: Float64Array.of(1),
    };
    this.desk.open(this.jobs);
    this.jobsPerSlot = jobsPerDay / this.slots;
    this.latePerSlot = recentLateShare * this.jobsPerSlot;
    this.work.clear();
    sites.forEach((site, k) => this.#stateSite(site, k));
  }

  /**
   * What becomes of the stated job at a site with a number of steps and, where clocks are the jobs', a clock, if it takes what
   * is expected; holds until the next call.
   */
  foresee(decision: Decision): Readonly<Outcome> {
    foresee(this, 0, decision, this.#outcome);
    return this.#outcome;
  }

  setClock(site: number, share: number): void {
    this.desk.setClock(site, share);
  }

  arrivalsAhead(): number {
    return this.#arrivalsAhead;
  }

  earliestFree(site: number): number {
    return this.#statedAt + this.#stated[site]!.waitSeconds;
  }

  freeSeconds(site: number): number {
    return this.earliestFree(site);
  }

  backlogSeconds(site: number): number {
    return this.#stated[site]!.backlogSeconds;
  }

  storedUsdPerKwh(site: number): number {
    const { storedUsdPerMwh, priceUsdPerMwh } = this.#stated[site]!;
    return (storedUsdPerMwh ?? priceUsdPerMwh) / 1000;
  }

  marginalUsdPerKwh(site: number): number {
    return marginalUsdPerKwh(this, site);
  }

  marginalCost(site: number, kw: number): number {
    return marginalCost(this, site, kw);
  }

  #stateSite(site: StatedSite, k: number): void {
    const { slot, slotSeconds } = this;
    const here = this.conditions.sites[k]!;
    here.priceUsdPerKwh[slot] = site.priceUsdPerMwh / 1000;
    here.priceUsdPerKwh[slot + 3600 / slotSeconds] = site.priceInAnHourUsdPerMwh / 1000;
    here.renewableKw[slot] = site.renewableKw;
    here.outdoorCelsius[slot] = site.outdoorCelsius;
    this.batteries[k]!.reset(site.soc);
    this.desk.setClock(k, site.clockShare);
    this.#states.setSupply(k, site.supplyCelsius, site.outdoorCelsius);
    this.offeredGpus[k] = site.offeredGpus;
    this.work.dynamicKwh[this.work.index(k, slot)] = (site.bookedKw * slotSeconds) / 3600;
  }

  /** Of a day that is told moment by moment. */
  #noConditions(): DayConditions {
    const series = (): Float64Array => new Float64Array(this.foreseenSlots);
    return {
      day: '',
      startMs: 0,
      slots: this.slots,
      foreseenSlots: this.slots,
      sites: this.fleet.sites.map((_, k) => ({
        priceUsdPerKwh: series(),
        priceAheadUsdPerKwh: () => this.#stated[k]!.priceAheadUsdPerMwh / 1000,
        carbonKgPerKwh: series(),
        outdoorCelsius: series(),
        pvKw: series(),
        windKw: series(),
        renewableKw: series(),
        nextDayKnown: false,
        dayBefore: () => null,
        valueAfterDay: () => StoredValue.constant(this.batteries[k]!, 0),
        chargeBelowUsdPerKwh: 0,
        dischargeAboveUsdPerKwh: 0,
      })),
    };
  }
}
