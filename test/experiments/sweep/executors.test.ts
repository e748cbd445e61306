import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readSweep } from '../../../experiments/sweep/config.js';
import type { SweepResult } from '../../../experiments/sweep/index.js';
import { jobsOf } from '../../../experiments/sweep/index.js';
import { jouleflow, projectRoot, temporaryFolder } from '../../support/cli.js';
import { hasRedis, hasSlurm, startService } from '../../support/services.js';

// With JOULEFLOW_FULL=1 there are 24 runs on each executor, as in docs/results/running-many.md; otherwise 6.
const seeds = process.env['JOULEFLOW_FULL'] === '1' ? 21 : 3;
const runs = seeds + 3;
const root = temporaryFolder();
const config = join(root, 'sweep.yaml');
const bin = join(projectRoot, 'bin', 'jouleflow.js');
writeFileSync(
  config,
  stringify({
    experiment: 'sweep',
    preset: 'price',
    set: {
      steps: 1152,
      'agent.exploration.warmUpSteps': 600,
      'shaping.kind': 'none',
      'evaluation.everySteps': 600,
      'evaluation.schedulers': [],
      checkpointSteps: 288,
      'days.validation': '2022-02-01',
      'days.test': '2023-03-01..2023-03-02',
    },
    seeds: `0..${seeds - 1}`,
    schedulers: ['greedy', 'local'],
    bound: true,
  }),
);

interface Report {
  readonly finished: number;
  readonly skipped: number;
  readonly failed: number;
  readonly results: readonly SweepResult[];
}

/** Runs `jouleflow sweep` as a process, and `meanwhile` beside it. */
async function sweep(args: readonly string[], environment: Record<string, string>, meanwhile?: () => Promise<void>): Promise<{ code: number; report: Report; stderr: string }> {
  const child = spawn(process.execPath, [bin, 'sweep', '--config', config, '--json', ...args], { env: { ...process.env, ...environment } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? -1)));
  await meanwhile?.();
  const code = await ended;
  return { code, report: JSON.parse(stdout || stderr) as Report, stderr };
}

const jobsUnder = (out: string) => jobsOf(readSweep(config).specs, out);

/** Every file of the runs by its path, but those that also tell when. */
function filesOf(out: string): Map<string, Buffer> {
  const files = readdirSync(join(out, 'sweep'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(`${basename(out)}/sweep/slurm`))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => basename(file) !== 'timing.csv' && !basename(file).includes('tfevents'));
  return new Map(files.sort().map((file) => [relative(out, file), readFileSync(file)]));
}

/** A sweep with one process killed midway and one run made to fail, and a second call. `args` name the executor. */
async function survives(out: string, args: readonly string[], environment: Record<string, string>, kill: (pid: number) => void): Promise<void> {
  const trained = jobsUnder(out).filter((job) => job.spec.kind === 'train');
  const [victim, failing] = [trained[0]!.folder, trained[1]!.folder];
  const garbage = join(failing, 'checkpoint', 'state.safetensors');
  mkdirSync(join(failing, 'checkpoint'), { recursive: true });
  writeFileSync(garbage, 'no checkpoint');

  let killed = false;
  const first = await sweep(['--out', out, ...args], environment, async () => {
    for (let waited = 0; !existsSync(join(victim, 'checkpoint', 'state.safetensors')) && waited < 3000; waited++) await sleep(20);
    const { pid } = JSON.parse(readFileSync(join(victim, 'lock'), 'utf8')) as { pid: number };
    kill(pid);
    killed = !existsSync(join(victim, 'summary.json'));
  });
  expect(killed, 'killed before its end').toBe(true);
  expect(first.report, first.stderr).toMatchObject({ finished: runs - 1, skipped: 0, failed: 1 });
  expect(first.code).toBe(1);
  expect(first.stderr).toContain(`1 of ${runs} runs failed`);
  const failed = first.report.results.filter((result) => result.state !== 'finished');
  expect(failed).toMatchObject([{ folder: relative(out, failing), state: 'failed', reason: expect.stringContaining('is not a whole checkpoint') as string }]);
  const status = JSON.parse(jouleflow(['sweep', 'status', join(out, 'sweep'), '--json']).stdout) as { runs: { state: string }[] };
  expect(status.runs.filter((run) => run.state === 'finished')).toHaveLength(runs - 1);

  const summaries = jobsUnder(out).map((job) => join(job.folder, 'summary.json'));
  const written = new Map(summaries.filter((file) => existsSync(file)).map((file) => [file, statSync(file).mtimeMs]));
  rmSync(garbage);
  const second = await sweep(['--out', out, ...args], environment);
  expect(second.report, second.stderr).toMatchObject({ finished: 1, skipped: runs - 1, failed: 0 });
  expect(second.code, second.stderr).toBe(0);
  for (const [file, at] of written) expect(statSync(file).mtimeMs, file).toBe(at);
  for (const name of filesOf(out).keys()) expect(name).not.toMatch(/\.tmp|lock$|failure|progress/);
}

function same(out: string, other: string): void {
  const [files, others] = [filesOf(out), filesOf(other)];
  expect([...files.keys()]).toEqual([...others.keys()]);
  for (const [name, bytes] of files) expect(bytes.equals(others.get(name)!), name).toBe(true);
}

const local = join(root, 'local');

/** The address of a Redis that was. */
function startAndStop(): string {
  const { value, stop } = startService('redis');
  stop();
  return value;
}

describe('a sweep with a killed process and a failing run', () => {
  it('on worker processes', async () => {
    await survives(local, ['--executor', 'local', '--workers', '2'], {}, (pid) => process.kill(pid, 'SIGKILL'));
    const results = JSON.parse(readFileSync(join(local, 'sweep', 'results.json'), 'utf8')) as SweepResult[];
    const bound = results.find((result) => result.kind === 'bound')!.utility!;
    for (const { utility } of results) expect(utility).toBeLessThanOrEqual(bound);
  });

  it.skipIf(!hasSlurm)('on Slurm, in arrays of at most four tasks, with the same files', async () => {
    const slurm = startService('slurm', { SLURM_MAX_ARRAY_SIZE: '4' });
    try {
      const out = join(root, 'slurm');
      await survives(out, ['--executor', 'slurm', '--workers', '2'], { SLURM_CONF: slurm.value }, (pid) => process.kill(pid, 'SIGKILL'));
      same(out, local);
    } finally {
      slurm.stop();
    }
  });

  describe.skipIf(!hasRedis)('on workers that share a Redis', () => {
    const workers: ChildProcess[] = [];
    afterAll(() => {
      for (const worker of workers) worker.kill('SIGKILL');
    });

    it('that goes away for a while and comes back empty', async () => {
      const port = new URL(startAndStop()).port;
      const redis = (): ReturnType<typeof startService> => startService('redis', { REDIS_PORT: port });
      let service = redis();
      const environment = { JOULEFLOW_REDIS: service.value };
      try {
        workers.push(spawn(process.execPath, [bin, 'worker', '--workers', '1'], { stdio: 'ignore', env: { ...process.env, ...environment } }));
        const out = join(root, 'away');
        const first = join(jobsUnder(out)[0]!.folder, 'checkpoint', 'state.safetensors');
        const { code, report, stderr } = await sweep(['--out', out, '--executor', 'bullmq'], environment, async () => {
          for (let waited = 0; !existsSync(first) && waited < 3000; waited++) await sleep(20);
          service.stop();
          await sleep(5000);
          service = redis();
        });
        expect(report, stderr).toMatchObject({ finished: runs, failed: 0, interrupted: 0 });
        expect(code, stderr).toBe(0);
        expect(stderr).toMatch(/redis:\S+ does not answer; it is tried until it does\n.*redis:\S+ answers again/);
        same(out, local);
      } finally {
        service.stop();
      }
    });

    it('of which one is killed, with the same files', async () => {
      const redis = startService('redis');
      try {
        const out = join(root, 'bullmq');
        for (let i = 0; i < 2; i++) workers.push(spawn(process.execPath, [bin, 'worker', '--redis', redis.value, '--workers', '1'], { stdio: 'ignore' }));
        await survives(out, ['--executor', 'bullmq', '--redis', redis.value], {}, (pid) => {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          expect(workers.map((worker) => worker.pid)).toContain(parent);
          process.kill(parent, 'SIGKILL');
        });
        same(out, local);
      } finally {
        redis.stop();
      }
    });
  });
});
