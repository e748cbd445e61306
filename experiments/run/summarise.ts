import type { DayTotals } from '../../envs/index.js';
import { mean, meanWithInterval } from '../../src/math/statistics.js';
import type { Bracket } from './bounds.js';

/** What a policy or scheduler was worth over some days. Money in utility units per day, energy in kWh per day. */
export interface Evaluation {
  readonly days: readonly string[];
  /** Mean over days and the half-width of its 95 % Student interval over days (null for a single day). */
  readonly utility: { readonly mean: number; readonly ci95: number | null };
  /** Utility of each of the days. */
  readonly utilityByDay: readonly number[];
  /** Late jobs as a share of all jobs. */
  readonly lateRate: number;
  readonly revenue: number;
  readonly penalty: number;
  readonly transferCost: number;
  readonly energyCost: number;
  readonly energyKwh: number;
  readonly gridImportKwh: number;
  readonly renewableKwh: number;
  readonly carbonKg: number;
  readonly meanSteps: number;
  /** Mean over the days of the utility that no policy can exceed, and utility as a share of it; null if not asked for. */
  readonly bound: number | null;
  readonly shareOfBound: number | null;
  /** The same of what a search that knows each day reaches; null if not asked for or not known. */
  readonly hindsight: number | null;
  readonly shareOfHindsight: number | null;
}

/**
 * Averages the accounts of several days; rates are over all jobs of all days. `bracket` has the means of what
 * bounds those days, as far as it was computed; the share of one that is not positive means nothing and is null.
 */
export function summarise(days: readonly string[], totals: readonly DayTotals[], { bound, hindsight }: Bracket = { bound: null, hindsight: null }): Evaluation {
  const perDay = (of: (day: DayTotals) => number): number => mean(totals.map(of));
  const utility = meanWithInterval(totals.map((day) => day.utility));
  const shareOf = (most: number | null): number | null => (most !== null && most > 0 ? utility.mean / most : null);
  return {
    days,
    utility: { mean: utility.mean, ci95: Number.isFinite(utility.ci95) ? utility.ci95 : null },
    utilityByDay: totals.map((day) => day.utility),
    lateRate: perDay((day) => day.late) / perDay((day) => day.jobs),
    revenue: perDay((day) => day.revenue),
    penalty: perDay((day) => day.penalty),
    transferCost: perDay((day) => day.transferCost),
    energyCost: perDay((day) => day.energyCost),
    energyKwh: perDay((day) => day.itKwh + day.coolingKwh),
    gridImportKwh: perDay((day) => day.gridImportKwh),
    renewableKwh: perDay((day) => day.renewableKwh - day.curtailedKwh),
    carbonKg: perDay((day) => day.carbonKg),
    meanSteps: perDay((day) => day.meanSteps * day.jobs) / perDay((day) => day.jobs),
    bound,
    shareOfBound: shareOf(bound),
    hindsight,
    shareOfHindsight: shareOf(hindsight),
  };
}
