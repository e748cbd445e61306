import { mostSites } from '../config/fleetConfig.js';
import type { FleetView } from '../view.js';
import type { Candidates } from './candidateColumns.js';
import type { ClockFace } from './clocks.js';
import { jobClocks } from './clocks.js';
import type { JobKind } from './kind.js';

/** Where a job goes and how it is run. Returned objects are reused: read them before the next decision. */
export interface Decision {
  site: number;
  /** Denoising steps, or of other kinds than images the level. */
  steps: number;
  /** Clock that it runs at, a share of the highest, where clocks are the jobs'; without one, the highest. */
  clock?: number;
}

/** What a job is decided by beside its own revenue and energy. */
export interface ShadowPrices {
  /** Price of each site's GPU time, utility units per GPU-second. */
  readonly lambda: ArrayLike<number>;
  /**
   * Share of a job's expected time that is kept between its expected end and its deadline, for where it may take longer
   * (`executionNoise`).
   */
  readonly margin: number;
  /** Whether each job's clock is chosen too, where clocks are the jobs'; otherwise it runs at the highest. */
  readonly choosesClocks: boolean;
}

/** The job at hand, and the best that was found for it so far. */
interface Search {
  kind: JobKind;
  job: number;
  arrival: number;
  deadline: number;
  size: number;
  otherSize: number;
  worth: number;
  margin: number;
  /** How many of the clocks are looked at, from the highest on. */
  clocks: number;
  /** Of the site at hand: when the job could start, what moving it costs, a second of a kW and of a GPU. */
  start: number;
  transfer: number;
  perKw: number;
  lambda: number;
  bestSite: number;
  bestLevel: number;
  bestFace: number;
  bestValue: number;
  /** The best of what is late, and what makes it so. */
  lateSite: number;
  lateLevel: number;
  lateFace: number;
  lateValue: number;
}

const search: Search = {
  kind: undefined as unknown as JobKind,
  job: 0,
  arrival: NaN,
  deadline: NaN,
  size: NaN,
  otherSize: NaN,
  worth: NaN,
  margin: NaN,
  clocks: 1,
  start: NaN,
  transfer: NaN,
  perKw: NaN,
  lambda: NaN,
  bestSite: -1,
  bestLevel: 0,
  bestFace: 0,
  bestValue: NaN,
  lateSite: -1,
  lateLevel: 0,
  lateFace: 0,
  lateValue: NaN,
};

/** Of the site at hand, for each clock: what a second of work at full clock costs, and the cheapest of the clocks up to it. */
const unitCost = new Float64Array(jobClocks.length);
const cheapest = new Int32Array(jobClocks.length);

/**
 * A site at which all jobs draw the same power. What a clock costs is the same for every level then, so that the best one is
 * the cheapest of those that are in time.
 */
function chooseSteady(site: number, sooner: boolean, all: Candidates | null): void {
  const { kind, clocks, start, deadline, perKw, lambda } = search;
  const { faces, levels: width } = kind;
  const { unitSeconds } = faces[0]!;
  const levels = kind.levelsAt(site);
  const room = (deadline - start) / search.margin;
  for (let c = 0; c < clocks; c++) {
    const { stretch, kw } = faces[c]!;
    unitCost[c] = stretch[site]! * (kw![site]! * perKw + lambda);
    cheapest[c] = c > 0 && unitCost[cheapest[c - 1]!]! <= unitCost[c]! ? cheapest[c - 1]! : c;
  }
  let last = clocks - 1;
  for (let level = 0; level < levels; level++) {
    const entry = site * width + level;
    const work = search.size * unitSeconds[entry]!;
    // A margin of none leaves the very comparison that decides whether the job is late.
    while (last >= 0 && (search.margin === 1 ? start + work * faces[last]!.stretch[site]! > deadline : work * faces[last]!.stretch[site]! > room)) last--;
    if (last < 0) {
      const face = sooner ? 0 : cheapest[clocks - 1]!;
      noteLate(site, level, face, sooner ? -(start + work * faces[0]!.stretch[site]!) : -search.transfer - work * unitCost[face]!);
      // Each next level takes longer still.
      return;
    }
    const face = cheapest[last]!;
    const gross = search.worth * kind.unitRevenue[entry]! - search.transfer;
    note(site, level, face, gross - work * unitCost[face]!);
    if (all !== null) {
      const seconds = work * faces[face]!.stretch[site]!;
      all.add(site, level, faces[face]!.share[site]!, { start, end: start + seconds, credit: gross - seconds * faces[face]!.kw![site]! * perKw });
    }
  }
}

/** A site at which each way to run a job has a power of its own. */
function chooseLevels(site: number, sooner: boolean, all: Candidates | null): void {
  const { kind, clocks, start, deadline, perKw, lambda, size, otherSize } = search;
  const { faces, levels: width } = kind;
  const levels = kind.levelsAt(site);
  for (let level = 0; level < levels; level++) {
    const entry = site * width + level;
    const gross = search.worth * kind.unitRevenue[entry]! - search.transfer;
    let best = -1;
    let bestValue = -Infinity;
    for (let c = 0; c < clocks; c++) {
      const face = faces[c]!;
      const seconds = faceSeconds(face, site, entry, search);
      const energy = 3600 * (size * face.unitKwh![entry]! + otherSize * face.otherUnitKwh![entry]!) * perKw;
      if (start + search.margin * seconds > deadline) {
        noteLate(site, level, c, sooner ? -(start + seconds) : -search.transfer - energy - seconds * lambda);
        continue;
      }
      const value = gross - energy - seconds * lambda;
      if (value > bestValue) {
        bestValue = value;
        best = c;
      }
    }
    if (best < 0) continue;
    note(site, level, best, bestValue);
    if (all !== null) {
      const end = start + faceSeconds(faces[best]!, site, entry, search);
      all.add(site, level, faces[best]!.share[site]!, { start, end, credit: bestValue + (end - start) * lambda });
    }
  }
}

function faceSeconds({ unitSeconds, otherUnitSeconds, stretch }: ClockFace, site: number, entry: number, sizes: { size: number; otherSize: number }): number {
  const first = sizes.size * unitSeconds[entry]!;
  return (otherUnitSeconds === null ? first : first + sizes.otherSize * otherUnitSeconds[entry]!) * stretch[site]!;
}

function note(site: number, level: number, face: number, value: number): void {
  if (!(value > search.bestValue)) return;
  search.bestValue = value;
  search.bestSite = site;
  search.bestLevel = level;
  search.bestFace = face;
}

function noteLate(site: number, level: number, face: number, value: number): void {
  if (!(value > search.lateValue)) return;
  search.lateValue = value;
  search.lateSite = site;
  search.lateLevel = level;
  search.lateFace = face;
}

/**
 * Goes through every way to run a job (site, level, clock), whatever its kind, and decides for the one that is in time with
 * the largest revenue - transfer - GPU-seconds x (power x marginal price of energy + lambda of the site). If none is in
 * time, it decides for what costs least, since a late job earns nothing and keeps others waiting; where clocks are the
 * sites', for what is done first. What is in time is listed in `all`, if asked for, each site and level at its best clock.
 * Returns whether the job is in time.
 */
export function choose(view: FleetView, job: number, prices: ShadowPrices, out: Decision, all: Candidates | null): boolean {
  const { jobs, siteCount, delaySeconds, desk } = view;
  const { lambda } = prices;
  const kind = desk.kindOf(job);
  const origin = jobs.origin[job]!;
  search.kind = kind;
  search.job = job;
  search.arrival = jobs.arrivalSeconds[job]!;
  search.deadline = jobs.deadlineSeconds[job]!;
  search.size = kind.size(job);
  search.otherSize = kind.otherSize(job);
  search.worth = kind.worth(job);
  search.margin = 1 + prices.margin;
  search.clocks = prices.choosesClocks ? kind.faces.length : 1;
  search.bestSite = -1;
  search.bestValue = -Infinity;
  search.lateSite = -1;
  search.lateValue = -Infinity;
  // Clocks of sites keep to what was recorded with them.
  const sooner = view.fleet.clockScope === 'site';
  const only = view.fleet.transfer.allowed ? -1 : desk.siteFor(job, origin);
  for (let k = 0; k < siteCount; k++) {
    if ((only >= 0 && k !== only) || kind.levelsAt(k) === 0) continue;
    search.start = Math.max(search.arrival + delaySeconds[origin * siteCount + k]!, view.earliestFree(k, search.arrival));
    search.transfer = k === origin ? 0 : kind.transferCost(job);
    search.perKw = view.marginalCost(k, 1);
    search.lambda = lambda[k]!;
    if (kind.steadyKw) chooseSteady(k, sooner, all);
    else chooseLevels(k, sooner, all);
  }
  const inTime = search.bestSite >= 0;
  const face = kind.faces[inTime ? search.bestFace : search.lateFace]!;
  out.site = inTime ? search.bestSite : search.lateSite >= 0 ? search.lateSite : desk.siteFor(job, origin);
  out.steps = kind.stepsAt(inTime ? search.bestLevel : search.lateLevel);
  out.clock = face.share[out.site]!;
  return inTime;
}

const unpriced: ShadowPrices = { lambda: new Float64Array(mostSites), margin: 0, choosesClocks: true };
const chosen: Decision = { site: 0, steps: 0, clock: 1 };

/** Lists what may be done with a job: every (site, level) in time; if there is none, the one that is done first, late. */
export function candidates(view: FleetView, job: number, all: Candidates): Candidates {
  all.count = 0;
  all.late = !choose(view, job, unpriced, chosen, all);
  if (!all.late) return all;
  const { jobs, desk, siteCount, delaySeconds } = view;
  const { site } = chosen;
  const kind = desk.kindOf(job);
  const level = kind.levelAt(site, chosen.steps);
  const origin = jobs.origin[job]!;
  const arrival = jobs.arrivalSeconds[job]!;
  const start = Math.max(arrival + delaySeconds[origin * siteCount + site]!, view.earliestFree(site, arrival));
  const { onLate } = view.fleet;
  const end = onLate === 'run' ? start + kind.seconds(job, site, level) : onLate === 'reject' ? start : Math.max(start, jobs.deadlineSeconds[job]!);
  const lost = kind.penalty(job) + (site === origin ? 0 : kind.transferCost(job));
  const kw = kind.kw(job, site, level);
  all.add(site, level, chosen.clock ?? 1, { start, end, credit: -lost - (end - start) * view.marginalCost(site, kw) });
  return all;
}
