import { actorCriticKinds } from '../../agents/index.js';
import { meanWithInterval } from '../../src/math/statistics.js';
import { loadTensorFlow } from '../../src/engine/index.js';
import { trainOnPendulum } from './study.js';

/** `node dist/experiments/pendulum/main.js [SEEDS [STEPS]]`: every actor-critic on Pendulum-v1, seed by seed, as a table. */
const [seeds, steps] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 20_000)];
if (!(seeds >= 1 && steps >= 1)) {
  process.stderr.write(`pendulum: expected SEEDS and STEPS of at least 1, found ${process.argv.slice(2).join(' ')}.\n`);
  process.exit(2);
}
await loadTensorFlow();
process.stdout.write('| learner | mean return, 95 % interval | seeds |\n|---|---|---|\n');
for (const kind of actorCriticKinds) {
  const returns: number[] = [];
  for (let seed = 0; seed < seeds; seed++) returns.push(await trainOnPendulum(kind, seed, steps));
  const { mean, ci95 } = meanWithInterval(returns);
  process.stdout.write(`| ${kind} | ${mean.toFixed(1)} +- ${ci95.toFixed(1)} | ${returns.map((value) => value.toFixed(0)).join(', ')} |\n`);
}
