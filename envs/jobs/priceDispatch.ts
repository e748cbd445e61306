import type { FleetView } from '../view.js';
import type { Decision } from './candidates.js';
import { choose } from './candidates.js';

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
export function backlogUnits(fleet: FleetView, site: number, now: number): number {
  return Math.min(fleet.backlogSeconds(site, now) / backlogUnitSeconds, mostBacklogUnits);
}

/** Shadow price per GPU-second of each site: lambda_k = alpha a_k + beta min(backlog_k / 300 s, 3), into `out`. */
export function shadowPrices(
  fleet: FleetView,
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
 * The best (site, steps) of a job at given shadow prices: of its `candidates` the one with the largest
 * revenue - transfer - GPU-seconds x (energy per second + lambda_k). Every price-driven policy decides by this function.
 */
export function bestCandidate(view: FleetView, job: number, lambda: ArrayLike<number>, out: Decision): Decision {
  choose(view, job, lambda, out, null);
  return out;
}
