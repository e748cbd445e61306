import type { FleetView } from '../../../envs/index.js';
import type { CostTable } from './costTable.js';
import { SlotEnergy } from './slotEnergy.js';

/** A clock of each site: its share of the highest, time relative to that, and power above idle of a busy GPU, kW. */
export interface ClockCost {
  readonly share: ArrayLike<number>;
  readonly stretch: ArrayLike<number>;
  readonly kw: ArrayLike<number>;
}

/** How a job is run; `clock` is an index. */
export interface Way {
  readonly site: number;
  readonly level: number;
  readonly clock: number;
}

/**
 * All jobs of a day, each with its site, level and clock, and what follows of that by the simulator's own rules: when each
 * starts and ends, and each site's energy by slot. A change of one job is worked through the queues of the sites that it
 * concerns, from that job on until they are as they were.
 */
export class Schedule {
  readonly site: Uint8Array;
  readonly level: Uint16Array;
  /** Index of the clock in the list given. */
  readonly clock: Uint16Array;
  readonly energy: SlotEnergy;
  readonly #view: FleetView;
  readonly #clocks: readonly ClockCost[];
  readonly #count: number;
  /** When each job is at its site. */
  readonly #entry: Float64Array;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #seconds: Float64Array;
  readonly #kw: Float64Array;
  /** Next job at the same site, -1 for none; after the jobs, the first of each site. */
  readonly #next: Int32Array;
  /** Per job (row), when the GPUs of its site are free before it is dispatched, ascending. */
  readonly #before: Float64Array;
  readonly #width: number;
  /** The same of the queue that is being worked through. */
  readonly #free: Float64Array;
  #proposal = { job: -1, site: 0, level: 0, clock: 0, seconds: NaN, kw: NaN };
  /** What the last call of `#place` found. */
  #placedStart = NaN;
  #placedEnd = NaN;

  /** For the jobs of a view whose day has begun; `reset` must follow once `site`, `level` and `clock` are filled in. */
  constructor(view: FleetView, clocks: readonly ClockCost[]) {
    const { jobs, siteCount, slots, slotSeconds, gpuCount } = view;
    const count = jobs.length;
    this.#view = view;
    this.#clocks = clocks;
    this.#count = count;
    this.#entry = new Float64Array(count);
    this.#width = gpuCount.reduce((a, b) => Math.max(a, b), 0);
    this.site = new Uint8Array(count);
    this.level = new Uint16Array(count);
    this.clock = new Uint16Array(count);
    this.energy = new SlotEnergy(siteCount, slots, slotSeconds);
    this.#start = new Float64Array(count);
    this.#end = new Float64Array(count);
    this.#seconds = new Float64Array(count);
    this.#kw = new Float64Array(count);
    this.#next = new Int32Array(count + siteCount);
    this.#before = new Float64Array(count * this.#width);
    this.#free = new Float64Array(this.#width);
  }

  /** Works out the whole day from `site`, `level` and `clock` as they now stand. */
  reset(): void {
    const { siteCount } = this.#view;
    const last = Int32Array.from({ length: siteCount }, (_, k) => this.#count + k);
    this.#next.fill(-1);
    this.#before.fill(NaN);
    for (let job = 0; job < this.#count; job++) {
      const k = this.site[job]!;
      this.#next[last[k]!] = job;
      last[k] = job;
      this.#seconds[job] = this.#secondsOf(job, k, this.level[job]!, this.clock[job]!);
      this.#kw[job] = this.#clocks[this.clock[job]!]!.kw[k]!;
      this.#entry[job] = this.#entryAt(job, k);
    }
    this.#proposal = { ...this.#proposal, job: -1 };
    for (let k = 0; k < siteCount; k++) {
      this.#free.fill(0);
      this.#settle(k, this.#next[this.#count + k]!);
    }
    this.energy.kwh.fill(0);
    for (let job = 0; job < this.#count; job++) this.energy.shift(this.site[job]!, this.#start[job]!, this.#end[job]!, this.#kw[job]!);
    for (let k = 0; k < siteCount; k++) this.energy.close(k, true);
  }

  /**
   * What is gained if a job is run otherwise, utility units, energy as `costs` says; `accept` or `reject` must follow. Where
   * the job only takes more time and the gain falls below `least` before all is worked through, it is -Infinity.
   */
  weigh(job: number, { site, level, clock }: Way, costs: CostTable, least: number): number {
    const from = this.site[job]!;
    const seconds = this.#secondsOf(job, site, level, clock);
    const kw = this.#clocks[clock]!.kw[site]!;
    this.#proposal = { job, site, level, clock, seconds, kw };
    const start = this.#start[job]!;
    const end = this.#end[job]!;
    let gain = -this.#worth(job, from, this.level[job]!, start + this.#seconds[job]!);
    this.energy.shift(from, start, end, -this.#kw[job]!);
    if (site !== from) {
      this.#recall(job, from);
      gain += this.#follow(from, this.#next[job]!, -Infinity);
    }
    const following = this.#enter(job, site);
    this.#place(job, site, seconds);
    gain += this.#worth(job, site, level, this.#placedStart + seconds);
    this.energy.shift(site, this.#placedStart, this.#placedEnd, kw);
    const energy = this.energy.costOfChange(from, costs) + (site === from ? 0 : this.energy.costOfChange(site, costs));
    const harms = site !== from || this.#placedEnd >= end;
    if (harms && gain - energy < least) return -Infinity;
    gain += this.#follow(site, following, harms ? least + energy - gain : -Infinity);
    return gain - this.energy.costOfChange(from, costs) - (site === from ? 0 : this.energy.costOfChange(site, costs));
  }

  /** Runs the job that was weighed as it was weighed. */
  accept(): void {
    const { job, site, level, clock, seconds, kw } = this.#proposal;
    const from = this.site[job]!;
    if (site !== from) {
      this.#recall(job, from);
      const rest = this.#next[job]!;
      this.#next[this.#previous(job, from)] = rest;
      this.#settle(from, rest);
      this.#enter(job, site);
      const previous = this.#previous(job, site);
      this.#next[job] = this.#next[previous]!;
      this.#next[previous] = job;
    } else this.#recall(job, site);
    this.site[job] = site;
    this.level[job] = level;
    this.clock[job] = clock;
    this.#seconds[job] = seconds;
    this.#kw[job] = kw;
    this.#entry[job] = this.#entryAt(job, site);
    this.#settle(site, job);
    this.energy.close(from, true);
    this.energy.close(site, true);
  }

  /** Leaves the job that was weighed as it was. */
  reject(): void {
    this.energy.close(this.site[this.#proposal.job]!, false);
    this.energy.close(this.#proposal.site, false);
  }

  #secondsOf(job: number, site: number, level: number, clock: number): number {
    const { desk, jobs } = this.#view;
    return desk.image.fullClockSeconds(job, site, level) * this.#clocks[clock]!.stretch[site]! * jobs.serviceFactor[job]!;
  }

  /** When a job is at a site, s since the day's start. */
  #entryAt(job: number, site: number): number {
    const { jobs, delaySeconds, siteCount } = this.#view;
    return jobs.arrivalSeconds[job]! + delaySeconds[jobs.origin[job]! * siteCount + site]!;
  }

  /** Revenue less penalty and transfer of a job that would end at `end`. */
  #worth(job: number, site: number, level: number, end: number): number {
    const { desk, jobs } = this.#view;
    const earned = end > jobs.deadlineSeconds[job]! ? -desk.image.penalty(job) : desk.image.revenue(job, site, level);
    return site === jobs.origin[job]! ? earned : earned - desk.image.transferCost(job);
  }

  /** The job that precedes `job` at a site; the site's own entry if none does. */
  #previous(job: number, site: number): number {
    let i = job - 1;
    while (i >= 0 && this.site[i] !== site) i--;
    return i >= 0 ? i : this.#count + site;
  }

  /** Takes the site's queue as it is before `job`, which is there. */
  #recall(job: number, site: number): void {
    const from = job * this.#width;
    const gpus = this.#view.gpuCount[site]!;
    for (let g = 0; g < gpus; g++) this.#free[g] = this.#before[from + g]!;
  }

  /** Takes the site's queue as `job` finds it, which may come from elsewhere, and returns the job after it. */
  #enter(job: number, site: number): number {
    if (this.site[job] === site) {
      this.#recall(job, site);
      return this.#next[job]!;
    }
    const previous = this.#previous(job, site);
    if (previous < this.#count) {
      this.#recall(previous, site);
      this.#occupy(site, this.#start[previous]!, this.#end[previous]!);
    } else this.#free.fill(0);
    return this.#next[previous]!;
  }

  /** Puts a job on the earliest-free GPU of the queue at hand. */
  #place(job: number, site: number, seconds: number): void {
    const { jobs, fleet } = this.#view;
    const start = Math.max(this.#entryAt(job, site), this.#free[0]!);
    const deadline = jobs.deadlineSeconds[job]!;
    let end = start + seconds;
    if (end > deadline && fleet.onLate !== 'run') end = fleet.onLate === 'reject' ? start : Math.max(start, deadline);
    this.#placedStart = start;
    this.#placedEnd = end;
    this.#occupy(site, start, end);
  }

  #occupy(site: number, start: number, end: number): void {
    if (!(end > start)) return;
    const free = this.#free;
    const gpus = this.#view.gpuCount[site]!;
    let i = 1;
    for (; i < gpus && free[i]! < end; i++) free[i - 1] = free[i]!;
    free[i - 1] = end;
  }

  /** Whether the queue at hand is, to `job` and all after it, what it was. */
  #steady(job: number, site: number): boolean {
    const from = job * this.#width;
    const arrival = this.#view.jobs.arrivalSeconds[job]!;
    const gpus = this.#view.gpuCount[site]!;
    for (let g = gpus - 1; g >= 0; g--) {
      const now = this.#free[g]!;
      const before = this.#before[from + g]!;
      if (now !== before && !(now <= arrival && before <= arrival)) return false;
    }
    return true;
  }

  /**
   * Weighs what the queue at hand means for the jobs from `first` on; gives up, and returns less, as soon as what is lost
   * by lateness falls below `least`.
   */
  #follow(site: number, first: number, least: number): number {
    const { jobs, fleet, gpuCount } = this.#view;
    const { deadlineSeconds } = jobs;
    const runs = fleet.onLate === 'run';
    const rejects = fleet.onLate === 'reject';
    const gpus = gpuCount[site]!;
    const [starts, ends, durations, powers, entries, next, free] = [this.#start, this.#end, this.#seconds, this.#kw, this.#entry, this.#next, this.#free];
    let gain = 0;
    for (let job = first; job >= 0; job = next[job]!) {
      const start = starts[job]!;
      const placed = Math.max(entries[job]!, free[0]!);
      if (placed === start && this.#steady(job, site)) break;
      const seconds = durations[job]!;
      const deadline = deadlineSeconds[job]!;
      const late = placed + seconds > deadline;
      const end = !late || runs ? placed + seconds : rejects ? placed : Math.max(placed, deadline);
      if (end > placed) {
        let i = 1;
        for (; i < gpus && free[i]! < end; i++) free[i - 1] = free[i]!;
        free[i - 1] = end;
      }
      if (placed === start) continue;
      if (start + seconds > deadline !== late) {
        gain += this.#worth(job, site, this.level[job]!, placed + seconds) - this.#worth(job, site, this.level[job]!, start + seconds);
        if (gain < least) return -Infinity;
      }
      this.energy.shift(site, start, placed, -powers[job]!);
      this.energy.shift(site, ends[job]!, end, powers[job]!);
    }
    return gain;
  }

  /** Makes true what the queue at hand means for the jobs from `first` on; the first is new to it. */
  #settle(site: number, first: number): void {
    const gpus = this.#view.gpuCount[site]!;
    for (let job = first; job >= 0 && (job === this.#proposal.job || !this.#steady(job, site)); job = this.#next[job]!) {
      const at = job * this.#width;
      for (let g = 0; g < gpus; g++) this.#before[at + g] = this.#free[g]!;
      this.#place(job, site, this.#seconds[job]!);
      this.#start[job] = this.#placedStart;
      this.#end[job] = this.#placedEnd;
    }
  }
}
