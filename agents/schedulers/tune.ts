import type { FleetSimulator } from '../../envs/index.js';
import { GreedyScheduler } from './greedy.js';
import { runDay } from './runDay.js';

/** First pass: a coarse grid, in utility units per GPU-second and 300 s of backlog. */
const grid = [0, 0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.009];

/**
 * The lambda of greedy + lambda with the highest mean utility over `days` (jobs of `seed`): a coarse grid, then five
 * points between the best one's neighbours. Utility is piecewise constant in lambda, so finer search fits noise.
 */
export function tuneLambda(
  fleet: FleetSimulator,
  days: readonly string[],
  seed: number,
): { lambda: number; utility: number } {
  const utilityAt = (lambda: number): number => {
    const scheduler = new GreedyScheduler(fleet.siteCount, lambda);
    let sum = 0;
    for (const day of days) sum += runDay(fleet, scheduler, day, seed).totals.utility;
    return sum / days.length;
  };
  const best = (lambdas: readonly number[]): { lambda: number; utility: number } =>
    lambdas.map((lambda) => ({ lambda, utility: utilityAt(lambda) })).reduce((a, b) => (b.utility > a.utility ? b : a));
  const coarse = best(grid);
  const at = grid.indexOf(coarse.lambda);
  const low = grid[Math.max(0, at - 1)]!;
  const high = grid[Math.min(grid.length - 1, at + 1)]!;
  const fine = best([1, 2, 3, 4, 5].map((i) => low + ((high - low) * i) / 6));
  return fine.utility > coarse.utility ? fine : coarse;
}
