import type { Candidates } from '../models/candidates.js';
import type { Explored } from './exploration.js';
import { choicesAt } from '../space.js';

/** The `count` best-scored rows that pass the filter, best first; ties in the order of exploration. */
export function topRows({ rows, scores }: Explored, count: number, allowed: (row: number) => boolean): number[] {
  return Array.from(rows)
    .filter(allowed)
    .sort((a, b) => scores[b]! - scores[a]!)
    .slice(0, count);
}

/**
 * Greedy choice of a batch (Chen et al. 2018, equation 3): each pick maximises its score plus `alpha` times the number of
 * knob values that the batch does not cover yet. Scores count in units of their spread over the rows offered.
 */
export function diverseBatch(
  candidates: Candidates,
  offered: readonly number[],
  scores: Float32Array,
  { count, alpha }: { count: number; alpha: number },
): number[] {
  const { knobs } = candidates.space;
  const best = scores[offered[0]!] ?? 0;
  const spread = Math.sqrt(offered.reduce((sum, row) => sum + (scores[row]! - best) ** 2, 0) / offered.length) || 1;
  const covered = knobs.map(({ values }) => new Uint8Array(values.length));
  const left = offered.map((row) => ({ row, choices: choicesAt(knobs, candidates.indexOf(row)) }));
  const batch: number[] = [];
  while (batch.length < count && left.length > 0) {
    let bestValue = -Infinity;
    let bestAt = 0;
    left.forEach(({ row, choices }, i) => {
      let fresh = 0;
      for (let k = 0; k < choices.length; k++) fresh += 1 - covered[k]![choices[k]!]!;
      const value = scores[row]! / spread + alpha * fresh;
      if (value > bestValue) {
        bestValue = value;
        bestAt = i;
      }
    });
    const [{ row, choices }] = left.splice(bestAt, 1) as [(typeof left)[number]];
    choices.forEach((choice, k) => (covered[k]![choice] = 1));
    batch.push(row);
  }
  return batch;
}
