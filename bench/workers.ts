import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveExperiment } from '../experiments/run/config.js';
import { jobsOf, localExecutor } from '../experiments/sweep/index.js';

/**
 * Eight equal trainings on one worker process and on two: `node dist/bench/workers.js [STEPS]`. Only on a machine with two
 * cores to spare does the ratio say what the executor is worth, so the load before it is printed too.
 */
const steps = Number(process.argv[2] ?? 2880);
const set = ['agent.exploration.warmUpSteps=300', 'shaping.kind=none', 'evaluation.schedulers=[]', `evaluation.everySteps=${steps}`, 'days.validation=2022-02-01', 'days.test=2023-03-01'];
const specs = Array.from({ length: 8 }, (_, seed) => ({ kind: 'train' as const, config: resolveExperiment({ preset: 'price', steps, seed, set }) }));

async function secondsWith(workers: number): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), 'jouleflow-workers-'));
  const started = performance.now();
  const outcomes = await localExecutor({ workers }).run(jobsOf(specs, out));
  const seconds = (performance.now() - started) / 1000;
  rmSync(out, { recursive: true });
  if (outcomes.some((outcome) => outcome.status !== 'finished')) throw new Error(JSON.stringify(outcomes));
  return seconds;
}

const load = loadavg()[0]!;
const seconds = { one: await secondsWith(1), two: await secondsWith(2) };
process.stdout.write(`${JSON.stringify({ load, steps, seconds, speedup: seconds.one / seconds.two })}\n`);
