import type { FleetView } from '../view.js';
import type { Candidates } from './candidateColumns.js';

/** Where a job goes and how it is run. Returned objects are reused: read them before the next decision. */
export interface Decision {
  site: number;
  /** Denoising steps, or of other kinds than images the level. */
  steps: number;
}

/**
 * Goes through every (site, level) that meets a job's deadline, whatever its kind, and decides for the one with the largest
 * revenue - transfer - GPU-seconds x (marginal energy per second + lambda of the site); if none meets it, for the one that
 * is done first, which is late. What is gone through is listed in `all`, if asked for. Returns whether the job is in time.
 */
export function choose(view: FleetView, job: number, lambda: ArrayLike<number>, out: Decision, all: Candidates | null): boolean {
  const { jobs, siteCount, delaySeconds, desk } = view;
  const kind = desk.kindOf(job);
  const { ascending, levels: width, unitSeconds, otherUnitSeconds, stretch, unitRevenue, steadyKw } = kind;
  const size = kind.size(job);
  const otherSize = kind.otherSize(job);
  const worth = kind.worth(job);
  const arrival = jobs.arrivalSeconds[job]!;
  const deadline = jobs.deadlineSeconds[job]!;
  const origin = jobs.origin[job]!;
  const only = view.fleet.transfer.allowed ? -1 : desk.siteFor(job, origin);
  let bestSite = -1;
  let bestLevel = 0;
  let bestValue = -Infinity;
  let earliest = Infinity;
  let lateSite = -1;
  let lateLevel = 0;
  for (let k = 0; k < siteCount; k++) {
    if (only >= 0 && k !== only) continue;
    const levels = kind.levelsAt(k);
    if (levels === 0) continue;
    const start = Math.max(arrival + delaySeconds[origin * siteCount + k]!, view.earliestFree(k, arrival));
    const transfer = k === origin ? 0 : kind.transferCost(job);
    const extra = lambda[k]!;
    const slow = stretch[k]!;
    let costPerSecond = steadyKw ? view.marginalCost(k, kind.kw(job, k, 0)) : 0;
    for (let level = 0; level < levels; level++) {
      const entry = k * width + level;
      const asked = size * unitSeconds[entry]!;
      const seconds = (otherUnitSeconds === null ? asked : asked + otherSize * otherUnitSeconds[entry]!) * slow;
      const end = start + seconds;
      if (end > deadline) {
        if (end < earliest) {
          earliest = end;
          lateSite = k;
          lateLevel = level;
        }
        if (ascending) break;
        continue;
      }
      if (!steadyKw) costPerSecond = view.marginalCost(k, kind.kw(job, k, level));
      const gross = worth * unitRevenue[entry]! - transfer;
      const value = gross - seconds * (costPerSecond + extra);
      if (value > bestValue) {
        bestValue = value;
        bestSite = k;
        bestLevel = level;
      }
      if (all !== null) put(all, k, level, start, end, gross - seconds * costPerSecond);
    }
  }
  const inTime = bestSite >= 0;
  out.site = inTime ? bestSite : lateSite >= 0 ? lateSite : desk.siteFor(job, origin);
  out.steps = kind.stepsAt(inTime ? bestLevel : lateLevel);
  return inTime;
}

/** A fleet has at most 64 sites. */
const unpriced = new Float64Array(64);
const chosen: Decision = { site: 0, steps: 0 };

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
  put(all, site, level, start, end, -lost - (end - start) * view.marginalCost(site, kind.kw(job, site, level)));
  return all;
}

function put(all: Candidates, site: number, level: number, start: number, end: number, credit: number): void {
  const i = all.count++;
  all.site[i] = site;
  all.level[i] = level;
  all.startSeconds[i] = start;
  all.endSeconds[i] = end;
  all.credit[i] = credit;
}
