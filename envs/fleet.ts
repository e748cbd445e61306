import type { TextRequests, World } from '../datasets/index.js';
import { azureText } from '../datasets/index.js';
import type { DayTotals } from './account/figures.js';
import { closeTotals, emptyTotals } from './account/figures.js';
import type { DayRecord } from './account/record.js';
import { emptyRecord, recordFlow, recordPrices } from './account/record.js';
import { settleSite, settleTail } from './account/settle.js';
import type { SlotAccount } from './account/slotAccount.js';
import { SlotColumns } from './account/slotAccount.js';
import { jobsPerDay, transferDelays } from './config/fleetConfig.js';
import type { ServedFleet } from './config/served.js';
import { builtInManager } from './control/builtIn.js';
import type { EnergyManager } from './control/manager.js';
import type { FleetOptions } from './fleetOptions.js';
import { arrivalsAhead, generateJobs } from './jobs/arrivals.js';
import type { JobBatch } from './jobs/batch.js';
import { JobDesk } from './jobs/desk.js';
import type { Outcome } from './jobs/outcome.js';
import { emptyOutcome, foresee } from './jobs/outcome.js';
import type { ServiceTable } from './jobs/serviceTable.js';
import { servedFleet, serviceTable } from './jobs/serviceTable.js';
import type { Market } from './market/index.js';
import { siteMarket } from './market/index.js';
import { marginalCost, marginalUsdPerKwh } from './market/marginal.js';
import type { DayConditions } from './site/conditions.js';
import { loadDay } from './site/conditions.js';
import { daySeconds } from './site/day.js';
import { ExpectedQueues } from './site/expectedQueues.js';
import { GpuQueues } from './site/gpuQueues.js';
import { SiteStates } from './site/siteStates.js';
import type { Storage } from './site/storage/index.js';
import { createStorage } from './site/storage/index.js';
import { WorkLedger } from './site/workLedger.js';
import type { ManagedView } from './view.js';

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
export class FleetSimulator implements ManagedView {
  readonly fleet: ServedFleet;
  readonly world: World;
  /** Weights of arrivals by local hour. */
  readonly profile: ArrayLike<number>;
  readonly textRequests: TextRequests;
  readonly manager: EnergyManager;
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
  jobsPerSlot: number;
  latePerSlot = 0;
  readonly offeredGpus: Float64Array;
  /** The day's slots: those settled, and what the others have of it so far. */
  readonly slotAccounts: readonly SlotAccount[];

  conditions!: DayConditions;
  jobs!: JobBatch;
  totals: DayTotals = emptyTotals();
  record: DayRecord | undefined;
  slot = 0;
  nextJob = 0;

  readonly work: WorkLedger;
  /** Energy in each battery when the day began. */
  readonly startKwh: Float64Array;
  readonly queues: GpuQueues;

  readonly #states: SiteStates;
  /** What can be known of the queues; undefined where that is everything. */
  readonly #expected: ExpectedQueues | undefined;
  readonly #outcome: Outcome = emptyOutcome();
  readonly #decision: { site: number; steps: number; clock: number | undefined } = { site: 0, steps: 0, clock: undefined };
  readonly #columns: SlotColumns;
  readonly #offeredInSlot: Float64Array;
  readonly #days = new Map<string, DayConditions>();
  /** Of the current day, once asked for. */
  #arrivalsAhead: ((now: number) => number) | undefined;
  /** Time that the fleet has come to, s since the day's start. */
  #now = 0;
  #slotOpen = false;
  #stepsSum = 0;

  /** Throws InputError for a model that a site's device cannot run. */
  constructor({ fleet: configured, world, profile, text = azureText, manager = builtInManager(configured) }: FleetOptions) {
    this.service = serviceTable(configured);
    const fleet = servedFleet(configured, this.service);
    const { sites, slotSeconds } = fleet;
    const count = sites.length;
    this.fleet = fleet;
    this.textRequests = text;
    this.world = world;
    this.profile = profile;
    this.manager = manager;
    this.siteCount = count;
    this.slotSeconds = slotSeconds;
    this.slots = daySeconds / slotSeconds;
    this.foreseenSlots = 2 * this.slots;
    this.delaySeconds = transferDelays(fleet);
    this.batteries = sites.map((site) => createStorage(site.battery));
    this.markets = sites.map(siteMarket);
    this.gpuCount = Int32Array.from(sites, (site) => site.gpus.count);
    this.queues = new GpuQueues(this.gpuCount);
    this.#expected = fleet.executionNoise > 0 ? new ExpectedQueues(this.gpuCount) : undefined;
    const states = new SiteStates(fleet);
    this.#states = states;
    this.clockShare = states.clockShare;
    this.supplyCelsius = states.supplyCelsius;
    this.slowdown = states.slowdown;
    this.dynamicKw = states.dynamicKw;
    this.itFactor = states.itFactor;
    this.coolingRatio = states.coolingRatio;
    this.desk = new JobDesk(fleet, this.service, states, this.delaySeconds);
    this.jobsPerSlot = jobsPerDay(fleet) / this.slots;
    this.offeredGpus = new Float64Array(count);
    this.#offeredInSlot = new Float64Array(count);
    this.startKwh = new Float64Array(count);
    this.work = new WorkLedger(this.gpuCount, this.slots, slotSeconds);
    this.#columns = new SlotColumns(this.slots);
    this.slotAccounts = this.#columns.accounts();
  }

  /**
   * Starts a UTC day with its jobs. Queues, batteries and averages start afresh unless the fleet carries them over
   * from the day before and `fresh` is not asked for. Throws InputError for a day that the world does not cover.
   */
  beginDay(day: string, jobs: JobBatch, { record = false, fresh = !this.fleet.carryQueues } = {}): void {
    let conditions = this.#days.get(day);
    if (conditions === undefined) this.#days.set(day, (conditions = loadDay(this.fleet, this.world, day)));
    this.conditions = conditions;
    this.#arrivalsAhead = undefined;
    this.jobs = jobs;
    this.desk.open(jobs);
    this.nextJob = 0;
    this.slot = 0;
    this.#now = 0;
    this.#slotOpen = false;
    this.#stepsSum = 0;
    this.#offeredInSlot.fill(0);
    this.totals = emptyTotals();
    this.record = record ? emptyRecord(day, this.slotSeconds, this.slots, this.fleet.sites) : undefined;
    this.#columns.clear();
    if (fresh) {
      this.work.clear();
      this.queues.reset();
      this.#expected?.reset();
      this.offeredGpus.fill(0);
      this.jobsPerSlot = jobsPerDay(this.fleet) / this.slots;
      this.latePerSlot = 0;
      for (const battery of this.batteries) battery.reset();
    } else {
      this.work.nextDay();
      this.queues.shift(daySeconds);
      this.#expected?.shift(daySeconds);
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

  setClock(site: number, share: number): void {
    this.desk.setClock(site, share);
  }

  setSupply(site: number, celsius: number): void {
    this.#states.setSupply(site, celsius, this.conditions.sites[site]!.outdoorCelsius[this.slot]!);
  }

  /** Opens the current slot: the energy manager sets clocks and supply temperatures. */
  beginSlot(): void {
    if (this.#slotOpen || this.slot >= this.slots) throw new Error(`Slot ${this.slot} cannot be opened.`);
    this.#slotOpen = true;
    // The outdoor temperature has changed, the supply temperature only if the manager says so.
    for (let k = 0; k < this.siteCount; k++) this.setSupply(k, this.supplyCelsius[k]!);
    this.manager.beginSlot(this);
  }

  /** Settles and opens slots until the one in which `job` arrives is open. */
  arrive(job: number): void {
    const arrival = this.jobs.arrivalSeconds[job]!;
    while ((this.slot + 1) * this.slotSeconds <= arrival) {
      if (!this.#slotOpen) this.beginSlot();
      this.settleSlot();
    }
    if (!this.#slotOpen) this.beginSlot();
    this.#now = arrival;
  }

  earliestFree(site: number, now = this.#now): number {
    return this.#expected === undefined ? this.queues.earliestFree(site) : this.#expected.earliestFree(site, now);
  }

  /** When a GPU of the site is free, known or not. */
  freeSeconds(site: number): number {
    return this.queues.earliestFree(site);
  }

  backlogSeconds(site: number, now: number): number {
    return this.#expected === undefined ? this.queues.backlogSeconds(site, now) : this.#expected.backlogSeconds(site, now);
  }

  arrivalsAhead(now: number): number {
    this.#arrivalsAhead ??= arrivalsAhead(this.fleet, this.world, this, this.conditions.day);
    return this.#arrivalsAhead(now);
  }

  storedUsdPerKwh(site: number): number {
    const value = this.manager.storedValue?.(this, site);
    if (value !== undefined) return value.marginalUsdPerKwh(this.batteries[site]!.energyKwh);
    return this.conditions.sites[site]!.priceUsdPerKwh[Math.min(this.slot, this.slots - 1)]!;
  }

  marginalUsdPerKwh(site: number): number {
    return marginalUsdPerKwh(this, site);
  }

  marginalCost(site: number, kw: number): number {
    return marginalCost(this, site, kw);
  }

  /**
   * Dispatches the next job to a site with a number of denoising steps (a text job: the level of its choice) and returns
   * what becomes of it; the outcome is the simulator's own and holds until the next call. A site that does not serve such
   * jobs hands it to the nearest that does; a text choice beyond a site's last is its last. Where clocks are the jobs', it
   * runs at `clock`, a share of the highest. Throws for a job out of turn,
   * an unknown site or a number of steps that is no choice.
   */
  dispatch(job: number, site: number, steps: number, clock?: number): Readonly<Outcome> {
    const { jobs, slotSeconds, slot } = this;
    const out = this.#outcome;
    const arrival = jobs.arrivalSeconds[job]!;
    const sinceSlot = arrival - slot * slotSeconds;
    if (job !== this.nextJob || !this.#slotOpen || !(sinceSlot >= 0 && sinceSlot < slotSeconds)) {
      throw new Error(`Job ${job} cannot be dispatched in slot ${slot}; job ${this.nextJob} is next.`);
    }
    const decision = this.#decision;
    decision.site = site;
    decision.steps = steps;
    decision.clock = clock;
    foresee(this, job, decision, out);
    const at = out.site;
    this.nextJob = job + 1;
    this.#now = arrival;
    const { startSeconds: start, endSeconds: end, kw, costPerSecond } = out;
    if (end > start) {
      this.queues.occupy(at, end);
      this.#expected?.add(at, { entry: out.entrySeconds, start, end, expectedSeconds: out.expectedSeconds });
      this.work.book(at, start, end, kw / 3600, costPerSecond * this.fleet.utilityUnitUsd);
    }
    this.account(out, steps);
    return out;
  }

  /** Notes the prices of GPU time that the open slot's jobs are decided at, where the day is recorded. */
  notePrices(lambda: ArrayLike<number>): void {
    if (this.record !== undefined) recordPrices(this.record, this.slot, lambda, this.fleet.utilityUnitUsd);
  }

  /** Settles the open slot's energy at every site, moves on to the next slot, and returns the account of the settled one. */
  settleSlot(): SlotAccount {
    const { slot } = this;
    const columns = this.#columns;
    if (!this.#slotOpen) throw new Error(`Slot ${slot} is not open.`);
    let usd = 0;
    for (let k = 0; k < this.siteCount; k++) usd += settleSite(this, k) - this.work.attributedUsd[this.work.index(k, slot)]!;
    if (slot === this.slots - 1) usd += settleTail(this);
    columns.residual[slot] = -usd / this.fleet.utilityUnitUsd;

    const weight = 1 - Math.exp(-this.slotSeconds / averagingSeconds);
    this.jobsPerSlot += weight * (columns.jobs[slot]! - this.jobsPerSlot);
    this.latePerSlot += weight * (columns.lateSeen[slot]! - this.latePerSlot);
    for (let k = 0; k < this.siteCount; k++) {
      this.offeredGpus[k] = this.offeredGpus[k]! + weight * (this.#offeredInSlot[k]! / this.slotSeconds - this.offeredGpus[k]!);
      this.#offeredInSlot[k] = 0;
    }
    if (this.record !== undefined) {
      this.record.late.push(columns.late[slot]!);
      this.record.utility.push(columns.credit[slot]! + columns.residual[slot]!);
    }
    this.slot++;
    this.#now = this.slot * this.slotSeconds;
    this.#slotOpen = false;
    return this.slotAccounts[slot]!;
  }

  /** Settles what is left of the day and returns its account. Throws if jobs are still to be dispatched. */
  endDay(): DayTotals {
    if (this.nextJob < this.jobs.length) throw new Error(`Job ${this.nextJob} has not been dispatched.`);
    while (this.slot < this.slots) {
      if (!this.#slotOpen) this.beginSlot();
      this.settleSlot();
    }
    return closeTotals(this.totals, this.#stepsSum);
  }

  /** Enters a dispatched job into the day's and its slots' accounts. */
  private account(out: Outcome, steps: number): void {
    const { jobs, totals, slot, slotSeconds, slots } = this;
    const columns = this.#columns;
    const { job, site, late, credit, endSeconds } = out;
    const origin = jobs.origin[job]!;
    const images = jobs.images[job]!;
    totals.utility += out.revenue - out.penalty - out.transferCost;
    totals.revenue += out.revenue;
    totals.penalty += out.penalty;
    totals.transferCost += out.transferCost;
    totals.attributedEnergyCost += out.energyCost;
    totals.jobs++;
    totals.images += images;
    totals.dispatchedGpuSeconds += endSeconds - out.startSeconds;
    if (late) totals.late++;
    if (site !== origin) totals.transferred++;
    const kind = this.desk.kindOf(job);
    if (kind === this.desk.text) {
      totals.textJobs++;
      if (late) totals.textLate++;
    } else this.#stepsSum += steps;

    columns.credit[slot] = columns.credit[slot]! + credit;
    columns.energyCost[slot] = columns.energyCost[slot]! + out.energyCost;
    columns.jobs[slot] = columns.jobs[slot]! + 1;
    columns.doneSeconds[slot] = Math.max(columns.doneSeconds[slot]!, endSeconds);
    if (late) {
      columns.late[slot] = columns.late[slot]! + 1;
      const seen = this.#expected === undefined ? slot : Math.min(slots - 1, Math.floor(jobs.deadlineSeconds[job]! / slotSeconds));
      columns.lateSeen[seen] = columns.lateSeen[seen]! + 1;
    }
    const completion = Math.min(slots - 1, Math.floor(endSeconds / slotSeconds));
    columns.completedCredit[completion] = columns.completedCredit[completion]! + credit;
    this.#offeredInSlot[site] = this.#offeredInSlot[site]! + kind.fullClockSeconds(job, site, out.level);
    if (this.record !== undefined) recordFlow(this.record, slot, origin, site, jobs.short[job] === 1);
  }
}
