import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openRun } from '../../../experiments/run/runFolder.js';
import type { RunSummary } from '../../../experiments/run/runFolder.js';
import type { ActorPolicy } from '../../../agents/index.js';
import { loadRunPolicy } from '../../../experiments/run/agent.js';
import { loadSetting } from '../../../experiments/run/setting.js';
import { loadPolicy } from '../../../src/engine/index.js';
import { readCsv } from '../../../src/io/csv.js';
import { jouleflow, projectRoot, refused, temporaryFolder } from '../../support/cli.js';
import { hasTensorboard, readEvents, readWithTensorboard } from '../../support/tensorboard.js';

const assignments = [
  'agent.exploration.warmUpSteps=300',
  'shaping.warmUpSteps=300',
  'evaluation.everySteps=300',
  'evaluation.schedulers=[greedy]',
  'checkpointSteps=300',
  'days.validation=2022-02-01..2022-02-02',
  'days.test=2023-03-01..2023-03-02',
];
const out = temporaryFolder();
const tiny = (folder: string, seed: number, steps = 900): string[] => [
  ...['train', '--preset', 'price', '--steps', String(steps), '--seed', String(seed), '--out', join(out, folder), '--json'],
  ...assignments.flatMap((assignment) => ['--set', assignment]),
];
const path = (folder: string, seed: number): string => join(out, folder, 'price', `ddpg-diffusion-s${seed}`);
const bytes = (run: string, file: string): Buffer => readFileSync(join(run, file));
const summary = (run: string): RunSummary => JSON.parse(bytes(run, 'summary.json').toString()) as RunSummary;
const same = ['metrics.csv', 'summary.json', 'policy.onnx', 'checkpoint/policy.safetensors', 'checkpoint/state.safetensors'];
const json = (args: readonly string[]): Record<string, unknown> => {
  const { status, stdout, stderr } = jouleflow(args);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

/** Every file of a folder, its lock apart. */
const contents = (run: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(run, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'base64')]),
  );

describe('a training run', () => {
  const run = path('a', 3);
  let printed: Record<string, unknown>;
  beforeAll(() => {
    printed = json(tiny('a', 3));
  });

  it('prints what it did', () => {
    expect(printed).toMatchObject({ run, steps: 900, validation: { utility: summary(run).validation.utility } });
    for (const key of ['stepsPerSecond', 'wallSeconds']) expect(printed[key]).toBeGreaterThan(0);
    expect((printed['validation'] as { lateRate: number }).lateRate).toBeLessThan(1);
  });

  it('repeats itself to the byte with the same seed, and differs with another', () => {
    json(tiny('b', 3));
    json(tiny('b', 4, 600));
    for (const file of same) expect(bytes(path('b', 3), file).equals(bytes(run, file)), file).toBe(true);
    expect(bytes(path('b', 4), 'metrics.csv').equals(bytes(run, 'metrics.csv'))).toBe(false);
    expect(bytes(path('b', 4), 'policy.onnx').equals(bytes(run, 'policy.onnx'))).toBe(false);
  });

  it('ends, killed and resumed, where an uninterrupted one does', async () => {
    const killed = path('c', 3);
    const process_ = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...tiny('c', 3)], { stdio: 'ignore' });
    const ended = new Promise((resolve) => process_.on('exit', resolve));
    while (!existsSync(join(killed, 'checkpoint', 'state.safetensors'))) await new Promise((resolve) => setTimeout(resolve, 20));
    process_.kill('SIGKILL');
    await ended;
    expect(existsSync(join(killed, 'summary.json')), 'killed before its end').toBe(false);
    json(['train', '--resume', killed, '--json']);
    for (const file of same) expect(bytes(killed, file).equals(bytes(run, file)), file).toBe(true);
    expect(existsSync(join(killed, 'lock')), 'the lock of the killed process is taken over').toBe(false);
  });

  it.each(['a', 'c'])('shows TensorBoard the numbers of metrics.csv, killed and resumed or not (%s)', (folder) => {
    const [metrics, timing] = ['metrics.csv', 'timing.csv'].map((file) => readCsv(join(path(folder, 3), file)));
    const expected: Record<string, [number, number, number][]> = {};
    for (const tag of metrics!.columns.filter((column) => column !== 'step' && column !== 'day')) {
      for (let row = 0; row < metrics!.length; row++) {
        if (metrics!.cell(row, tag) === '') continue;
        const at: [number, number] = [Date.parse(timing!.cell(row, 'time')) / 1000, metrics!.number(row, 'step')];
        (expected[tag] ??= []).push([...at, Math.fround(metrics!.number(row, tag))]);
      }
    }
    expect(Object.keys(expected)).toContain('validationUtility');
    const found: typeof expected = {};
    for (const { wallTime, step, scalars } of readEvents(bytes(path(folder, 3), 'events.out.tfevents.jouleflow'))) {
      for (const [tag, value] of Object.entries(scalars)) (found[tag] ??= []).push([wallTime, step, value]);
    }
    expect(found).toEqual(expected);
    if (hasTensorboard) expect(readWithTensorboard(path(folder, 3))).toEqual(expected);
  });

  it('is not trained again: it is shown as when it finished, and nothing of it changes', () => {
    const before = contents(run);
    const again = jouleflow(tiny('a', 3));
    expect(again.status).toBe(0);
    expect(again.stderr).toContain(`${run} is already finished; --overwrite trains it anew`);
    expect(JSON.parse(again.stdout)).toEqual(printed);
    expect(json(['train', '--resume', run, '--json'])).toEqual(printed);
    expect(contents(run)).toEqual(before);
  });

  it('of another configuration is not replaced by one', () => {
    expect(refused([...tiny('a', 3), '--set', 'agent.discount=0.5'])).toMatch(/another configuration; use --overwrite/);
  });

  it('goes on when it was stopped and is asked for again, and is trained anew with --overwrite', async () => {
    const stopped = path('d', 3);
    const process_ = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...tiny('d', 3)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    process_.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise((resolve) => process_.on('exit', resolve));
    while (!existsSync(join(stopped, 'checkpoint', 'state.safetensors'))) await new Promise((resolve) => setTimeout(resolve, 20));
    process_.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(said).toMatch(/^stopping where it can go on; once more to end at once$/m);
    expect(said).toContain(`to go on: jouleflow train --resume ${stopped}`);
    const again = jouleflow(tiny('d', 3));
    expect(again.stderr).toContain('goes on from its last checkpoint');
    for (const file of same) expect(bytes(stopped, file).equals(bytes(run, file)), file).toBe(true);
    writeFileSync(join(stopped, 'summary.json'), '{}');
    json([...tiny('d', 3), '--overwrite']);
    expect(bytes(stopped, 'summary.json').equals(bytes(run, 'summary.json'))).toBe(true);
  }, 240_000);

  it('leaves a policy that acts in ONNX Runtime as in the trainer', async () => {
    const { folder, config } = openRun(run);
    const setting = await loadSetting(config);
    const environment = setting.environment();
    const { infer, head } = loadRunPolicy(folder, setting) as ActorPolicy;
    const policy = await loadPolicy(folder.policyOnnx);
    let { observation } = environment.reset({ seed: 5, options: { day: '2023-03-01' } });
    const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(head.size)];
    for (let step = 0; step < 100; step++) {
      infer(observation, raw);
      head.act(raw, action, null, undefined as never);
      const exported = await policy.run(observation.slice());
      for (let i = 0; i < action.length; i++) expect(Math.abs(exported[i]! - action[i]!)).toBeLessThan(1e-6);
      observation = environment.step(action).observation;
    }
    await policy.dispose();
  });

  it('is judged by evaluate as by itself', () => {
    const evaluation = json(['evaluate', run, '--no-bound', '--json']);
    expect(evaluation).toEqual(summary(run).test.best);
    for (const key of ['days', 'utility', 'lateRate', 'revenue', 'energyCost', 'transferCost', 'penalty', 'energyKwh', 'carbonKg']) {
      expect(evaluation).toHaveProperty(key);
    }
  });

  it('is drawn without the unfinished runs beside it, which are named', () => {
    const unfinished = join(out, 'unfinished');
    mkdirSync(unfinished);
    copyFileSync(join(run, 'config.yaml'), join(unfinished, 'config.yaml'));
    const { status, stdout, stderr } = jouleflow(['plot', unfinished, run, '--out', join(out, 'some'), '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(`left out: ${unfinished} has not finished`);
    expect((JSON.parse(stdout) as { methods: unknown }).methods).toEqual(json(['plot', run, '--out', join(out, 'one'), '--json'])['methods']);
    expect(refused(['plot', unfinished])).toContain('has not finished');
  });

  it('has its figures drawn', () => {
    const { figures } = json(['plot', run, '--out', join(out, 'figures'), '--json']) as { figures: string[] };
    expect(figures.length).toBeGreaterThanOrEqual(7);
    for (const file of figures) expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
    expect(readdirSync(join(run, 'figures')).length).toBeGreaterThanOrEqual(7);
  });
});

describe('config show', () => {
  it('round-trips through --config', () => {
    const shown = json(['config', 'show', '--preset', 'joint', '--seed', '9', '--set', 'fleet.sites.0.gpus.count=7', '--json']);
    const file = join(out, 'config.yaml');
    writeFileSync(file, JSON.stringify(shown));
    expect(json(['config', 'show', '--config', file, '--json'])).toEqual(shown);
  });
});

describe('energy management', () => {
  it.each(['learned', 'plan'])('by strategy %s trains', (strategy) => {
    const preset = strategy === 'learned' ? 'joint' : 'price';
    const settings = [...assignments, `fleet.management.strategy=${strategy}`, 'shaping.kind=none'];
    const printed = json([
      ...['train', '--preset', preset, '--steps', '400', '--out', join(out, strategy), '--json'],
      ...settings.flatMap((assignment) => ['--set', assignment]),
    ]);
    expect(printed['steps']).toBe(400);
    expect(summary(printed['run'] as string).schedulers['greedy']!.test.utility.mean).toBeGreaterThan(0);
  });
});
