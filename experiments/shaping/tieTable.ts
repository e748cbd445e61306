import { meanWithInterval } from '../../src/math/statistics.js';
import type { TieFigures } from './tie.js';
import { tie } from './tie.js';

/**
 * `node dist/experiments/shaping/tieTable.js [SEEDS]`: what a sampled reward and its mean teach, by critic and objective,
 * as a table.
 */
const seeds = Number(process.argv[2] ?? 5);
if (!(seeds >= 2)) {
  process.stderr.write(`tieTable: expected SEEDS of at least 2, found ${process.argv[2]}.\n`);
  process.exit(2);
}
const learnings = [
  { critic: 'expectation', objective: 'mean' },
  { critic: 'quantile', objective: 'mean' },
  { critic: 'quantile', objective: 'cvar' },
] as const;
const interval = (values: readonly number[]): string => {
  const { mean, ci95 } = meanWithInterval(values);
  return `${mean.toFixed(3)} +- ${ci95.toFixed(3)}`;
};

process.stdout.write('| critic, objective | reward | action, 95 % interval | reward at .5: mean | its deviation |\n|---|---|---|---|---|\n');
for (const learning of learnings) {
  for (const shaping of ['regression', 'diffusion'] as const) {
    const all: TieFigures[] = [];
    for (let seed = 0; seed < seeds; seed++) all.push(await tie({ shaping, learning, seed, fits: 4000, updates: 4000 }));
    const cells = [`${learning.critic}, ${learning.objective}`, shaping, ...(['action', 'rewardMean', 'rewardDeviation'] as const).map((key) => interval(all.map((one) => one[key])))];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}
