import { actorCriticKinds } from '../../agents/index.js';
import { loadTensorFlow } from '../../src/engine/index.js';
import { judgedStarts, matchedOptions, trainOnPendulum } from './study.js';

/**
 * `node dist/experiments/pendulum/matched.js [KIND SEED STEPS]`: one training under the options that
 * `python/studies/learners.py` gives Stable-Baselines3 too, and its mean return, as JSON; without arguments the starting
 * states of the judged episodes.
 */
const [name, seed, steps] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const kind = actorCriticKinds.find((one) => one === name);
if (name === undefined) process.stdout.write(`${JSON.stringify(judgedStarts())}\n`);
else if (kind === undefined || !(seed >= 0 && steps >= 1)) {
  process.stderr.write(`matched: expected KIND of ${actorCriticKinds.join(', ')}, SEED and STEPS, found ${process.argv.slice(2).join(' ')}.\n`);
  process.exitCode = 2;
} else {
  await loadTensorFlow();
  process.stdout.write(`${JSON.stringify({ return: await trainOnPendulum(kind, seed, steps, matchedOptions(kind)) })}\n`);
}
