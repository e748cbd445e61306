import type { FleetSimulator, PriceCoefficients } from '../../envs/index.js';
import { defaultPrices } from '../../envs/index.js';
import { greedyScheduler, RuleScheduler } from './rule.js';
import { runDay } from './runDay.js';
import type { Scheduler } from './scheduler.js';

/** First pass: a coarse grid, in utility units per GPU-second and 300 s of backlog. */
const grid = [0, 0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.009];

/** Mean utility of some days, and their late jobs as a share of all. */
interface Judged {
  readonly utility: number;
  readonly lateRate: number;
}

function judge(fleet: FleetSimulator, scheduler: Scheduler, days: readonly string[], seed: number): Judged {
  let [utility, late, jobs] = [0, 0, 0];
  for (const day of days) {
    const { totals } = runDay(fleet, scheduler, day, seed);
    utility += totals.utility / days.length;
    late += totals.late;
    jobs += totals.jobs;
  }
  return { utility, lateRate: jobs === 0 ? 0 : late / jobs };
}

/**
 * The lambda of greedy + lambda with the highest mean utility over `days` (jobs of `seed`): a coarse grid, then five
 * points between the best one's neighbours. Utility is piecewise constant in lambda, so finer search fits noise.
 */
export function tuneLambda(fleet: FleetSimulator, days: readonly string[], seed: number): { lambda: number; utility: number } {
  const best = (lambdas: readonly number[]): { lambda: number; utility: number } =>
    lambdas
      .map((lambda) => ({ lambda, utility: judge(fleet, greedyScheduler(fleet.siteCount, lambda), days, seed).utility }))
      .reduce((a, b) => (b.utility > a.utility ? b : a));
  const coarse = best(grid);
  const at = grid.indexOf(coarse.lambda);
  const low = grid[Math.max(0, at - 1)]!;
  const high = grid[Math.min(grid.length - 1, at + 1)]!;
  const fine = best([1, 2, 3, 4, 5].map((i) => low + ((high - low) * i) / 6));
  return fine.utility > coarse.utility ? fine : coarse;
}

/** A rule of prices, and what it was worth on the days that it was tuned on. */
export interface TunedPrices extends Judged {
  readonly rule: PriceCoefficients;
  /** Rules that were tried. */
  readonly tried: number;
}

/** First steps of the search; each later pass halves them. */
const firstSteps: PriceCoefficients = { linear: 0.002, quadratic: 0.001, arrivals: 0.001, margin: 0.5 };
const passes = 4;

/** Late jobs beyond the share allowed cost so much utility in the search: what the mean of few days forgives, others will not. */
export const usualLateShare = 0.0125;
const lateCost = 1e5;

/**
 * The rule of prices with the highest mean utility over `days` (jobs of `seed`), lateness beyond
 * `lateShare` weighing more: one
 * coefficient after another is moved while that helps, with steps that halve. With `executionNoise` it starts from a margin.
 */
export function tunePrices(fleet: FleetSimulator, days: readonly string[], seed: number, lateShare = usualLateShare): TunedPrices {
  let tried = 0;
  const at = (rule: PriceCoefficients): TunedPrices => {
    tried++;
    return { rule, tried, ...judge(fleet, new RuleScheduler('prices', fleet.siteCount, rule), days, seed) };
  };
  const score = ({ utility, lateRate }: Judged): number => utility - lateCost * Math.max(0, lateRate - lateShare);
  let best = at({ ...defaultPrices, margin: fleet.fleet.executionNoise > 0 ? 1 : 0 });
  for (let pass = 0, scale = 1; pass < passes; pass++, scale /= 2) {
    for (const key of ['linear', 'quadratic', 'arrivals', 'margin'] as const) {
      if (key === 'margin' && fleet.fleet.executionNoise === 0) continue;
      for (const direction of [1, -1]) {
        for (;;) {
          const value = best.rule[key] + direction * scale * firstSteps[key];
          if (value < 0 && key !== 'arrivals') break;
          const next = at({ ...best.rule, [key]: value });
          if (score(next) <= score(best)) break;
          best = next;
        }
      }
    }
  }
  return { ...best, tried };
}
