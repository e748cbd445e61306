import type { FleetSimulator } from '../fleet.js';

/** Where a job goes and how it is run. Returned objects are reused: read them before the next decision. */
export interface Decision {
  site: number;
  steps: number;
}

/** Backlog is priced in units of this many seconds per GPU, up to so many of them. */
export const backlogUnitSeconds = 300;
export const mostBacklogUnits = 3;

export interface ShadowPriceCoefficients {
  /** Utility units per GPU-second that an action of 1 adds to a site's shadow price. */
  readonly actionPerGpuSecond: number;
  /** Utility units per GPU-second and backlog unit (300 s per GPU, at most 3). */
  readonly backlogPerGpuSecond: number;
}

export const defaultShadowPrices: ShadowPriceCoefficients = { actionPerGpuSecond: 0.006, backlogPerGpuSecond: 0.002 };

/** Backlog of a site in priced units: min(backlog / 300 s, 3). */
export function backlogUnits(fleet: FleetSimulator, site: number, now: number): number {
  return Math.min(fleet.backlogSeconds(site, now) / backlogUnitSeconds, mostBacklogUnits);
}

/** Shadow price per GPU-second of each site: lambda_k = alpha a_k + beta min(backlog_k / 300 s, 3), into `out`. */
export function shadowPrices(
  fleet: FleetSimulator,
  now: number,
  action: ArrayLike<number>,
  { actionPerGpuSecond, backlogPerGpuSecond }: ShadowPriceCoefficients,
  out: Float64Array,
): void {
  for (let k = 0; k < out.length; k++) {
    const backlog = backlogPerGpuSecond === 0 ? 0 : backlogUnits(fleet, k, now);
    out[k] = actionPerGpuSecond * action[k]! + backlogPerGpuSecond * backlog;
  }
}

/**
 * The best (site, steps) of a job at given shadow prices: among those that meet the deadline, the one with the largest
 * revenue - energy - transfer - lambda_k x GPU-seconds; if none does, the earliest to finish. Energy is charged at the
 * fleet's marginal cost at the time of the decision. Every price-driven policy decides by this function.
 */
export function bestCandidate(fleet: FleetSimulator, job: number, lambda: ArrayLike<number>, out: Decision): Decision {
  return fleet.desk.isText(job) ? bestTextCandidate(fleet, job, lambda, out) : bestImageCandidate(fleet, job, lambda, out);
}

function bestImageCandidate(fleet: FleetSimulator, job: number, lambda: ArrayLike<number>, out: Decision): Decision {
  const { jobs, service, siteCount, delaySeconds } = fleet;
  const { levels, steps, gpuSeconds, utility } = service;
  const { allowed, costPerImage } = fleet.fleet.transfer;
  const arrival = jobs.arrivalSeconds[job]!;
  const deadline = jobs.deadlineSeconds[job]!;
  const origin = jobs.origin[job]!;
  const images = jobs.images[job]!;
  let bestValue = -Infinity;
  let earliest = Infinity;
  if (fleet.desk.selective) {
    out.site = origin;
    out.steps = steps[0]!;
  }
  for (let k = 0; k < siteCount; k++) {
    if (!allowed && k !== origin) continue;
    const start = Math.max(arrival + delaySeconds[origin * siteCount + k]!, fleet.earliestFree(k, arrival));
    const slow = fleet.slowdown[k]!;
    const perGpuSecond = fleet.marginalCostPerGpuSecond(k) + lambda[k]!;
    const transfer = k === origin ? 0 : costPerImage;
    for (let level = 0; level < levels; level++) {
      const entry = k * levels + level;
      const end = start + images * gpuSeconds[entry]! * slow;
      // More steps take longer, so the first that is late ends the site's list.
      if (end > deadline) {
        if (bestValue === -Infinity && level === 0 && end < earliest) {
          earliest = end;
          out.site = k;
          out.steps = steps[0]!;
        }
        break;
      }
      const value = utility[entry]! - transfer - gpuSeconds[entry]! * slow * perGpuSecond;
      if (value > bestValue) {
        bestValue = value;
        out.site = k;
        out.steps = steps[level]!;
      }
    }
  }
  return out;
}

/** The same for a text job, over sites and their choices of model and batch; moving text costs nothing. */
function bestTextCandidate(fleet: FleetSimulator, job: number, lambda: ArrayLike<number>, out: Decision): Decision {
  const { jobs, service, siteCount, delaySeconds } = fleet;
  const { levels, choices, utility } = service.text;
  const { allowed } = fleet.fleet.transfer;
  const arrival = jobs.arrivalSeconds[job]!;
  const deadline = jobs.deadlineSeconds[job]!;
  const origin = jobs.origin[job]!;
  let bestValue = -Infinity;
  let earliest = Infinity;
  out.site = origin;
  out.steps = 0;
  for (let k = 0; k < siteCount; k++) {
    if (!allowed && k !== origin) continue;
    const start = Math.max(arrival + delaySeconds[origin * siteCount + k]!, fleet.earliestFree(k));
    for (let level = 0; level < choices[k]!; level++) {
      const seconds = fleet.desk.textSeconds(job, k, level);
      const end = start + seconds;
      // Which choice is faster depends on a job's lengths, so a late one does not end the list.
      if (end > deadline) {
        if (bestValue === -Infinity && end < earliest) {
          earliest = end;
          out.site = k;
          out.steps = level;
        }
        continue;
      }
      const value = utility[k * levels + level]! - seconds * (fleet.marginalCost(k, fleet.desk.textKw(job, k, level)) + lambda[k]!);
      if (value > bestValue) {
        bestValue = value;
        out.site = k;
        out.steps = level;
      }
    }
  }
  return out;
}
