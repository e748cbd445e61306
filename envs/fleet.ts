import type { TextRequests, World } from '../datasets/index.js';
import { azureText } from '../datasets/index.js';
import type { FleetConfig } from './config/fleetConfig.js';
import { jobsPerDay, transferDelays } from './config/fleetConfig.js';
import type { DayConditions } from './site/conditions.js';
import { loadDay } from './site/conditions.js';
import { daySeconds } from './site/day.js';
import { ExpectedQueues } from './site/expectedQueues.js';
import { GpuQueues } from './site/gpuQueues.js';
import type { JobBatch } from './jobs/arrivals.js';
import { generateJobs } from './jobs/arrivals.js';
import { builtInManager } from './control/builtIn.js';
import type { EnergyManager } from './control/manager.js';
import { marginalUsdPerKwh } from './market/marginal.js';
import { Battery } from './site/storage/battery.js';
import { dynamicPowerShare, slowdown } from './site/clock.js';
import { coolingRatio, itPowerFactor } from './site/cooling.js';
import type { DayRecord } from './account/record.js';
import { emptyRecord, recordFlow } from './account/record.js';
import { ServiceDesk } from './jobs/serviceDesk.js';
import type { ServiceTable } from './jobs/serviceTable.js';
import { servedFleet, serviceTable } from './jobs/serviceTable.js';
import { settleSite, settleTail } from './market/settle.js';
import type { SimulatorOptions } from './fleetOptions.js';
import type { DayTotals } from './account/totals.js';
import { closeTotals, emptyTotals } from './account/totals.js';
import { WorkLedger } from './site/workLedger.js';

/** Time constant of the running averages of arrivals and of offered work, s. */
const averagingSeconds = 1800;

/**
 * A fleet of data centres through one day, exact and event-based. Jobs are dispatched in order of arrival; each takes
 * its site's earliest-free GPU, so that its completion is known at once:
 * `start = max(arrival + transfer delay, earliest free)`. (With `executionNoise` it is known to the simulator, but not to
 * who asks it for `earliestFree` and `backlogSeconds`, which are expectations then.) Its work is spread exactly over the slots it spans, and each
 * slot is settled when it ends: IT + cooling + charge - discharge - renewables = net grid power.
 *
 * The clock of a site holds for the jobs dispatched while it is set, through to their end.
 *
 * A day goes: `beginDay`, then per slot `beginSlot`, `dispatch` of its jobs, `settleSlot`, and `endDay`. Callers that
 * think in jobs use `arrive(job)` before each `dispatch` instead; it opens and settles the slots in between.
 */
export class FleetSimulator {
  /** As its service profiles make it, see `servedFleet`. */
  readonly fleet: FleetConfig;
  readonly world: World;
  /** Weights of arrivals by local hour. */
  readonly profile: ArrayLike<number>;
  readonly textRequests: TextRequests;
  readonly manager: EnergyManager;

  readonly siteCount: number;
  readonly slots: number;
  /** Slots that conditions are known for: the day's and the next day's. */
  readonly foreseenSlots: number;
  readonly slotSeconds: number;
  readonly service: ServiceTable;
  /** What jobs take and earn at the current clocks. */
  readonly desk: ServiceDesk;
  /** Seconds from origin (row) to site (column). */
  readonly delaySeconds: Float64Array;
  readonly batteries: readonly Battery[];
  readonly gpuCount: Int32Array;
  /** State of the current slot, per site; set through `setClock` and `setSupply`. */
  readonly clockShare: Float64Array;
  readonly supplyCelsius: Float64Array;
  /** Service time and dynamic power per GPU at the current clock, relative to full clock and in kW. */
  readonly slowdown: Float64Array;
  readonly dynamicKw: Float64Array;
  /** Growth of IT power and cooling power per IT power at the current supply temperature. */
  readonly itFactor: Float64Array;
  readonly coolingRatio: Float64Array;
  /** Running averages over the fleet. */
  jobsPerSlot: number;
  latePerSlot = 0;
  /** Running average of the work offered to each site, GPU-seconds at full clock per second. */
  readonly offeredGpus: Float64Array;

  /** Per slot, in utility units: what its jobs were credited at dispatch; see `settleSlot` for the rest. */
  readonly slotCredit: Float64Array;
  readonly slotResidual: Float64Array;
  readonly slotJobs: Int32Array;
  readonly slotLate: Int32Array;
  /** Credits by the slot in which jobs complete; what completes after the day counts in its last slot. */
  readonly completedCredit: Float64Array;
  /** Of the job dispatched last: where it went, its credit (see `dispatch`), whether it will be late. */
  lastSite = 0;
  lastCredit = 0;
  lastLate = false;
  /** When it, and all jobs dispatched in a slot, are done with; s since the day's start. */
  lastDoneSeconds = 0;
  readonly slotDoneSeconds: Float64Array;

  conditions!: DayConditions;
  jobs!: JobBatch;
  totals: DayTotals = emptyTotals();
  record: DayRecord | undefined;
  /** Slot now open, or to be opened next. */
  slot = 0;
  /** Jobs dispatched so far; the index of the next one. */
  nextJob = 0;

  readonly work: WorkLedger;
  /** Energy in each battery when the day began. */
  readonly startKwh: Float64Array;

  readonly queues: GpuQueues;
  /** What can be known of them; undefined where that is everything. */
  private readonly expected: ExpectedQueues | undefined;
  /** Time that the fleet has come to, s since the day's start. */
  private now = 0;
  private readonly offeredInSlot: Float64Array;
  /** Late jobs by the slot in which that is known: at dispatch, or with `executionNoise` once the deadline has passed. */
  private readonly lateSeen: Int32Array;
  private readonly days = new Map<string, DayConditions>();
  protected slotOpen = false;
  private stepsSum = 0;

  /** Throws InputError for a model that a site's device cannot run. */
  constructor({ fleet: configured, world, profile, text = azureText, manager = builtInManager(configured) }: SimulatorOptions) {
    this.service = serviceTable(configured);
    const fleet = servedFleet(configured, this.service);
    this.fleet = fleet;
    this.textRequests = text;
    this.world = world;
    this.profile = profile;
    this.manager = manager;
    const { sites, slotSeconds } = fleet;
    const count = sites.length;
    const perSite = (value: (site: (typeof sites)[number]) => number): Float64Array => Float64Array.from(sites, value);
    this.siteCount = count;
    this.slotSeconds = slotSeconds;
    this.slots = daySeconds / slotSeconds;
    this.foreseenSlots = 2 * this.slots;
    this.delaySeconds = transferDelays(fleet);
    this.batteries = sites.map((site) => new Battery(site.battery));
    this.gpuCount = Int32Array.from(sites, (site) => site.gpus.count);
    this.queues = new GpuQueues(this.gpuCount);
    this.expected = fleet.executionNoise > 0 ? new ExpectedQueues(this.gpuCount) : undefined;
    this.clockShare = perSite(() => 1);
    this.supplyCelsius = perSite((site) => site.cooling.supplyCelsius);
    this.slowdown = perSite(() => 1);
    this.dynamicKw = perSite((site) => site.gpus.powerKw * (1 - site.gpus.idleShare));
    this.itFactor = perSite(() => 1);
    this.coolingRatio = new Float64Array(count);
    this.desk = new ServiceDesk(fleet, this.service, this.dynamicKw, this.slowdown, this.delaySeconds);
    this.jobsPerSlot = jobsPerDay(fleet) / this.slots;
    this.offeredGpus = new Float64Array(count);
    this.offeredInSlot = new Float64Array(count);
    this.startKwh = new Float64Array(count);
    this.work = new WorkLedger(this.gpuCount, this.slots, slotSeconds);
    this.slotCredit = new Float64Array(this.slots);
    this.slotResidual = new Float64Array(this.slots);
    this.slotJobs = new Int32Array(this.slots);
    this.slotLate = new Int32Array(this.slots);
    this.slotDoneSeconds = new Float64Array(this.slots);
    this.lateSeen = new Int32Array(this.slots);
    this.completedCredit = new Float64Array(this.slots);
  }

  /**
   * Starts a UTC day with its jobs. Queues, batteries and averages start afresh unless the fleet carries them over
   * from the day before and `fresh` is not asked for. Throws InputError for a day that the world does not cover.
   */
  beginDay(day: string, jobs: JobBatch, { record = false, fresh = !this.fleet.carryQueues } = {}): void {
    let conditions = this.days.get(day);
    if (conditions === undefined) this.days.set(day, (conditions = loadDay(this.fleet, this.world, day)));
    this.conditions = conditions;
    this.jobs = jobs;
    this.desk.open(jobs);
    this.nextJob = 0;
    this.slot = 0;
    this.now = 0;
    this.slotOpen = false;
    this.stepsSum = 0;
    this.offeredInSlot.fill(0);
    this.totals = emptyTotals();
    this.record = record ? emptyRecord(day, this.slotSeconds, this.slots, this.fleet.sites) : undefined;
    for (const perSlot of [this.slotCredit, this.slotResidual, this.slotJobs, this.slotLate, this.slotDoneSeconds, this.lateSeen, this.completedCredit]) perSlot.fill(0);
    if (fresh) {
      this.work.clear();
      this.queues.reset();
      this.expected?.reset();
      this.offeredGpus.fill(0);
      this.jobsPerSlot = jobsPerDay(this.fleet) / this.slots;
      this.latePerSlot = 0;
      for (const battery of this.batteries) battery.reset();
    } else {
      this.work.nextDay();
      this.queues.shift(daySeconds);
      this.expected?.shift(daySeconds);
    }
    for (let k = 0; k < this.siteCount; k++) {
      this.startKwh[k] = this.batteries[k]!.energyKwh;
      this.setClock(k, 1);
      this.setSupply(k, this.fleet.sites[k]!.cooling.supplyCelsius);
    }
    this.manager.beginDay(this);
  }

  /** The jobs of a day; the same for the same fleet, seed, day and episode. */
  generateJobs(day: string, seed: number, episode = 0): JobBatch {
    return generateJobs(this.fleet, this.world, this.profile, day, seed, episode, this.textRequests);
  }

  /** Sets the clock of a site, a share of the highest; clamped to the site's range. */
  setClock(site: number, share: number): void {
    const { clock, powerKw, idleShare } = this.fleet.sites[site]!.gpus;
    const clamped = Math.min(1, Math.max(clock.minShare, share));
    this.clockShare[site] = clamped;
    if (this.service.profiles[site] !== null) {
      this.desk.setClock(site, clamped);
      return;
    }
    this.slowdown[site] = slowdown(clamped, clock);
    this.dynamicKw[site] = powerKw * (1 - idleShare) * dynamicPowerShare(clamped, clock);
  }

  /** Sets the supply air temperature of a site for the current slot, degrees Celsius; clamped to the site's range. */
  setSupply(site: number, celsius: number): void {
    const { cooling } = this.fleet.sites[site]!;
    const supply = Math.min(cooling.supplyMaxCelsius, Math.max(cooling.supplyMinCelsius, celsius));
    this.supplyCelsius[site] = supply;
    this.itFactor[site] = itPowerFactor(supply, cooling);
    this.coolingRatio[site] = coolingRatio(supply, this.conditions.sites[site]!.outdoorCelsius[this.slot]!, cooling);
  }

  /** Opens the current slot: the energy manager sets clocks and supply temperatures. */
  beginSlot(): void {
    if (this.slotOpen || this.slot >= this.slots) throw new Error(`Slot ${this.slot} cannot be opened.`);
    this.slotOpen = true;
    // The outdoor temperature has changed, the supply temperature only if the manager says so.
    for (let k = 0; k < this.siteCount; k++) this.setSupply(k, this.supplyCelsius[k]!);
    this.manager.beginSlot(this);
  }

  /** Settles and opens slots until the one in which `job` arrives is open. */
  arrive(job: number): void {
    const arrival = this.jobs.arrivalSeconds[job]!;
    while ((this.slot + 1) * this.slotSeconds <= arrival) {
      if (!this.slotOpen) this.beginSlot();
      this.settleSlot();
    }
    if (!this.slotOpen) this.beginSlot();
    this.now = arrival;
  }

  /** When a GPU of the site is free as far as is known at `now`, s since the day's start; may lie in the past. */
  earliestFree(site: number, now = this.now): number {
    return this.expected === undefined ? this.queues.earliestFree(site) : this.expected.earliestFree(site, now);
  }

  /** Work still to be done at the site, s per GPU. */
  backlogSeconds(site: number, now: number): number {
    return this.expected === undefined ? this.queues.backlogSeconds(site, now) : this.expected.backlogSeconds(site, now);
  }

  /** What one more kWh of IT energy costs at the site in the current slot, see `marginal.ts`. */
  marginalUsdPerKwh(site: number): number {
    return marginalUsdPerKwh(this, site);
  }

  /** Utility units per second that a busy GPU of the site costs at the margin, cooling included. */
  marginalCostPerGpuSecond(site: number): number {
    return this.marginalCost(site, this.dynamicKw[site]!);
  }

  /** The same of any power, kW. */
  marginalCost(site: number, kw: number): number {
    const kwhPerSecond = (kw * this.itFactor[site]! * (1 + this.coolingRatio[site]!)) / 3600;
    return (kwhPerSecond * this.marginalUsdPerKwh(site)) / this.fleet.utilityUnitUsd;
  }

  /**
   * Dispatches the next job to a site with a number of denoising steps (a text job: the level of its choice), and returns
   * when it will be complete, s since the day's start (Infinity if it is never completed). Its `credit` is revenue -
   * penalty - transfer - marginal energy cost. A site that does not serve such jobs hands it to the nearest that does; a
   * text choice beyond a site's last is its last. Throws for a job out of turn, an unknown site or a number of steps that is no choice.
   */
  dispatch(job: number, site: number, steps: number): number {
    const { jobs, totals, fleet, service, desk, slotSeconds } = this;
    const arrival = jobs.arrivalSeconds[job]!;
    const sinceSlot = arrival - this.slot * slotSeconds;
    if (job !== this.nextJob || !this.slotOpen || !(sinceSlot >= 0 && sinceSlot < slotSeconds)) {
      throw new Error(`Job ${job} cannot be dispatched in slot ${this.slot}; job ${this.nextJob} is next.`);
    }
    const origin = jobs.origin[job]!;
    const text = desk.isText(job);
    let at = fleet.transfer.allowed ? site : origin;
    if (desk.selective) at = desk.siteFor(job, at);
    const level = text ? Math.min(steps, service.text.choices[at]! - 1) : (service.levelOfSteps[steps] ?? -1);
    if (this.gpuCount[at] === undefined || !(level >= 0)) throw new Error(`No site ${site} with ${steps} steps.`);
    this.nextJob = job + 1;

    const images = jobs.images[job]!;
    const deadline = jobs.deadlineSeconds[job]!;
    const row = at * (text ? service.text.levels : service.levels) + level;
    const fullClockSeconds = text ? desk.textSecondsAtFullClock(job, at, level) : images * service.gpuSeconds[row]!;
    const expectedSeconds = text ? desk.textSeconds(job, at, level) : fullClockSeconds * this.slowdown[at]!;
    const kw = text ? desk.textKw(job, at, level) : this.dynamicKw[at]!;
    const seconds = expectedSeconds * jobs.serviceFactor[job]!;
    const entry = arrival + this.delaySeconds[origin * this.siteCount + at]!;
    const start = Math.max(entry, this.trulyFree(at));
    const late = start + seconds > deadline;
    let end = start + seconds;
    if (late && fleet.onLate !== 'run') end = fleet.onLate === 'reject' ? start : Math.max(start, deadline);
    const marginal = this.marginalCost(at, kw);
    if (end > start) {
      this.queues.occupy(at, end);
      this.expected?.add(at, { entry, start, end, expectedSeconds });
      this.work.book(at, start, end, kw / 3600, marginal * fleet.utilityUnitUsd);
    }

    const revenue = late ? 0 : text ? service.text.utility[row]! : images * service.utility[row]!;
    const penalty = !late ? 0 : text ? fleet.jobs.text.bundleRequests * fleet.jobs.text.latePenaltyPerRequest : images * fleet.latePenaltyPerImage;
    const transfer = at === origin ? 0 : images * fleet.transfer.costPerImage;
    const energy = marginal * (end - start);
    const credit = revenue - penalty - transfer - energy;
    totals.utility += revenue - penalty - transfer;
    totals.revenue += revenue;
    totals.penalty += penalty;
    totals.transferCost += transfer;
    totals.attributedEnergyCost += energy;
    totals.jobs++;
    totals.images += images;
    totals.dispatchedGpuSeconds += end - start;
    if (late) totals.late++;
    if (at !== origin) totals.transferred++;
    if (text) {
      totals.textJobs++;
      if (late) totals.textLate++;
    } else this.stepsSum += steps;

    const slot = this.slot;
    this.slotCredit[slot] = this.slotCredit[slot]! + credit;
    this.slotJobs[slot] = this.slotJobs[slot]! + 1;
    if (late) {
      this.slotLate[slot] = this.slotLate[slot]! + 1;
      const seen = this.expected === undefined ? slot : Math.min(this.slots - 1, Math.floor(deadline / slotSeconds));
      this.lateSeen[seen] = this.lateSeen[seen]! + 1;
    }
    const completion = Math.min(this.slots - 1, Math.floor(end / slotSeconds));
    this.completedCredit[completion] = this.completedCredit[completion]! + credit;
    this.offeredInSlot[at] = this.offeredInSlot[at]! + fullClockSeconds;
    this.lastSite = at;
    this.lastCredit = credit;
    this.lastLate = late;
    this.lastDoneSeconds = end;
    this.slotDoneSeconds[slot] = Math.max(this.slotDoneSeconds[slot]!, end);
    this.now = arrival;
    if (this.record !== undefined) recordFlow(this.record, slot, origin, at, jobs.short[job] === 1);
    return late && fleet.onLate !== 'run' ? Infinity : end;
  }

  /**
   * Settles the open slot's energy at every site and moves on to the next. `slotResidual` is the part of the metered
   * energy cost that was not charged to jobs at dispatch, with its sign turned: idle power, price changes, batteries.
   */
  settleSlot(): void {
    if (!this.slotOpen) throw new Error(`Slot ${this.slot} is not open.`);
    let usd = 0;
    for (let k = 0; k < this.siteCount; k++) usd += settleSite(this, k) - this.work.attributedUsd[this.work.index(k, this.slot)]!;
    const last = this.slot === this.slots - 1;
    if (last) usd += settleTail(this);
    this.slotResidual[this.slot] = -usd / this.fleet.utilityUnitUsd;

    const weight = 1 - Math.exp(-this.slotSeconds / averagingSeconds);
    this.jobsPerSlot += weight * (this.slotJobs[this.slot]! - this.jobsPerSlot);
    this.latePerSlot += weight * (this.lateSeen[this.slot]! - this.latePerSlot);
    for (let k = 0; k < this.siteCount; k++) {
      this.offeredGpus[k] = this.offeredGpus[k]! + weight * (this.offeredInSlot[k]! / this.slotSeconds - this.offeredGpus[k]!);
      this.offeredInSlot[k] = 0;
    }
    if (this.record !== undefined) {
      this.record.late.push(this.slotLate[this.slot]!);
      this.record.utility.push(this.slotCredit[this.slot]! + this.slotResidual[this.slot]!);
    }
    this.slot++;
    this.now = this.slot * this.slotSeconds;
    this.slotOpen = false;
  }

  /** Settles what is left of the day and returns its account. Throws if jobs are still to be dispatched. */
  endDay(): DayTotals {
    if (this.nextJob < this.jobs.length) throw new Error(`Job ${this.nextJob} has not been dispatched.`);
    while (this.slot < this.slots) {
      if (!this.slotOpen) this.beginSlot();
      this.settleSlot();
    }
    return closeTotals(this.totals, this.stepsSum);
  }

  /** When a GPU of the site is free, known or not. */
  protected trulyFree(site: number): number {
    return this.queues.earliestFree(site);
  }
}
