import { createTrainee } from '../experiments/run/agent.js';
import { resolveExperiment } from '../experiments/run/config.js';
import { loadSetting } from '../experiments/run/setting.js';
import { randomStream } from '../src/math/random.js';
import { median } from '../src/math/statistics.js';

/**
 * Whether memory is kept over long runs: environment steps with random actions, then training steps, with the resident
 * memory of the process sampled all along: `node dist/bench/soak.js [off|on] [STEPS]`. Growth is from the second tenth to
 * the last (medians). There are ten days and a small replay buffer, so that the simulator's cache of days and the buffer
 * are full within the first tenth. Exits 1 at 5 % or more.
 */
const mode = process.argv[2] ?? 'off';
const steps = Number(process.argv[3] ?? (mode === 'off' ? 2_000_000 : 50_000));
const samples: { step: number; mb: number }[] = [];
const fewDays = 'days.train=2022-06-01..2022-06-10';
const started = performance.now();
const sample = (step: number): void => {
  samples.push({ step, mb: process.memoryUsage.rss() / 1e6 });
  if (samples.length % 100 === 0) process.stderr.write(`${step} steps, ${samples.at(-1)!.mb.toFixed(0)} MB\n`);
};

async function environmentOnly(): Promise<void> {
  const setting = await loadSetting(resolveExperiment({ preset: 'quickstart', set: [fewDays] }));
  const environment = setting.environment();
  const random = randomStream(0, 'soak');
  const action = new Float32Array(environment.actionSpace.size);
  let day = 0;
  environment.reset({ seed: day });
  for (let step = 1; step <= steps; step++) {
    for (let i = 0; i < action.length; i++) action[i] = 2 * random.next() - 1;
    const { terminated, truncated } = environment.step(action);
    if (terminated || truncated) {
      environment.reset({ seed: ++day });
      sample(step);
    }
  }
}

async function withTraining(): Promise<void> {
  const config = resolveExperiment({ preset: 'price', steps, set: [fewDays, `agent.bufferSize=${Math.floor(steps / 12)}`, 'agent.exploration.warmUpSteps=1000'] });
  const { training } = await createTrainee(await loadSetting(config));
  while (!training.done) {
    await training.runDay();
    sample(training.step);
  }
}

await (mode === 'off' ? environmentOnly() : withTraining());
const tenth = (from: number): number => median(samples.filter(({ step }) => step > (from * steps) / 10 && step <= ((from + 1) * steps) / 10).map(({ mb }) => mb));
const [second, last] = [tenth(1), tenth(9)];
const peak = Math.max(...samples.filter(({ step }) => step > steps / 10).map(({ mb }) => mb));
const growth = last / second - 1;
process.stdout.write(
  `${JSON.stringify({ mode, steps, secondTenthMb: second, lastTenthMb: last, peakMb: peak, growthPercent: 100 * growth, seconds: (performance.now() - started) / 1000 })}\n`,
);
process.exitCode = growth < 0.05 ? 0 : 1;
