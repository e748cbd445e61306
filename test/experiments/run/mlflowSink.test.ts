import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCsv } from '../../../src/io/csv.js';
import { projectRoot, refused, temporaryFolder } from '../../support/cli.js';
import type { StoredRun } from '../../support/mlflow.js';
import { TrackingServer } from '../../support/mlflow.js';

const out = temporaryFolder();
const run = join(out, 'price', 'ddpg-none-s0');
const assignments = [
  'agent.exploration.warmUpSteps=200',
  'shaping.kind=none',
  'evaluation.everySteps=288',
  'evaluation.schedulers=[]',
  'checkpointSteps=288',
  'days.validation=2022-02-01..2022-02-01',
  'days.test=2023-03-01..2023-03-01',
];
const tiny = (...more: readonly string[]): string[] => [
  ...['train', '--preset', 'price', '--steps', '1440', '--out', out, ...more],
  ...assignments.flatMap((assignment) => ['--set', assignment]),
];

/** Does not wait in the way of `jouleflow`: the server that it talks to lives in this process. */
function start(args: readonly string[]) {
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => child.on('close', (status) => resolve({ status, stderr })));
  return { child, ended };
}

describe('train --mlflow', () => {
  const server = new TrackingServer();
  let url: string;
  beforeAll(async () => {
    url = await server.start();
  });
  afterAll(() => server.stop());

  const onlyRun = (): StoredRun => {
    expect(server.runs.size).toBe(1);
    return [...server.runs.values()][0]!;
  };

  it('logs the configuration and, interrupted and resumed, every number of metrics.csv once, in one run', async () => {
    const interrupted = start(tiny('--mlflow', url));
    let over = false;
    void interrupted.ended.then(() => (over = true));
    while (!over && ![...server.runs.values()].some(({ metrics }) => metrics.length > 0)) await sleep(10);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended).toMatchObject({ status: 1, stderr: expect.stringContaining('to go on: jouleflow train --resume') });
    expect(existsSync(join(run, 'summary.json')), 'interrupted before its end').toBe(false);
    expect(onlyRun()).toMatchObject({ status: 'KILLED', run_name: 'ddpg, no shaping, seed 0', experiment_id: server.experiments.get('price') });

    // The folder knows which server it was.
    expect(await start(['train', '--resume', run]).ended).toMatchObject({ status: 0 });
    const stored = onlyRun();
    expect(stored.status).toBe('FINISHED');
    expect(Object.fromEntries(stored.params)).toMatchObject({ steps: '1440', 'shaping.kind': 'none', 'days.test': '2023-03-01..2023-03-01' });

    const metrics = readCsv(join(run, 'metrics.csv'));
    const expected = metrics.columns
      .filter((key) => key !== 'step' && key !== 'day')
      .flatMap((key) =>
        Array.from({ length: metrics.length }, (_, at) => at)
          .filter((at) => metrics.cell(at, key) !== '')
          .map((at) => ({ key, value: metrics.number(at, key), step: metrics.number(at, 'step') })),
      );
    const found = stored.metrics.map(({ key, value, step }) => ({ key, value, step }));
    const inOrder = (a: { key: string; step: number }, b: typeof a): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.step - b.step);
    expect(found.sort(inOrder)).toEqual(expected.sort(inOrder));
    expect(metrics.length).toBe(5);
    for (const { timestamp } of stored.metrics) expect(Math.abs(timestamp - Date.now())).toBeLessThan(600_000);
  });

  it('goes on with training, and says so once, if the server is gone', async () => {
    const alone = new TrackingServer();
    const address = await alone.start();
    const training = start(tiny('--mlflow', address, '--overwrite'));
    while (![...alone.runs.values()].some(({ metrics }) => metrics.length > 0)) await sleep(10);
    alone.stop();
    const { status, stderr } = await training.ended;
    expect(status).toBe(0);
    expect(stderr.match(/no MLflow answers at .* Training goes on without it\./g)).toHaveLength(1);
    expect(readFileSync(join(run, 'summary.json'), 'utf8')).toContain('"steps": 1440');
  });

  it('refuses a server that does not answer, and leaves what was there', () => {
    const before = readFileSync(join(run, 'summary.json'));
    expect(refused(tiny('--mlflow', 'http://127.0.0.1:1', '--overwrite'))).toMatch(/--mlflow: no MLflow answers at http:\/\/127\.0\.0\.1:1 \(.+\)\.$/);
    expect(readFileSync(join(run, 'summary.json')).equals(before)).toBe(true);
    refused(tiny('--mlflow', 'http://127.0.0.1:1', '--seed', '9'));
    expect(existsSync(join(out, 'price', 'ddpg-none-s9'))).toBe(false);
  });
});
