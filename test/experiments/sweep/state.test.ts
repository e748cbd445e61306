import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJob, readManifest } from '../../../experiments/sweep/manifest.js';
import { runSpec } from '../../../experiments/sweep/runSpec.js';
import type { Job } from '../../../experiments/sweep/spec.js';
import { jobsOf } from '../../../experiments/sweep/spec.js';
import { addToManifest, collect, manifestOf, runState } from '../../../experiments/sweep/state.js';
import { sweepSchema, sweepSpecs } from '../../../experiments/sweep/config.js';
import { InputError } from '../../../src/io/errors.js';
import { temporaryFolder } from '../../support/cli.js';

function jobsIn(out: string, seeds: readonly number[] = [1, 2]): Job[] {
  const set = { 'days.validation': '2022-02-01', 'days.test': '2023-03-01' };
  const sweep = sweepSchema.parse({ experiment: 'x', preset: 'price', seeds, schedulers: ['local'], set });
  return jobsOf(sweepSpecs(sweep, 'x.yaml'), out);
}

describe("an experiment's folder", () => {
  it('keeps the runs of all its sweeps, at once or one after another', async () => {
    const out = temporaryFolder();
    const folder = join(out, 'x');
    mkdirSync(folder);
    const sweeps = Array.from({ length: 6 }, (_, i) => jobsIn(out, [i, i + 1]));
    await Promise.all(sweeps.map((jobs) => addToManifest(folder, jobs)));
    const ids = readManifest(manifestOf(folder)).map(({ id }) => id);
    expect([...ids].sort()).toEqual([...new Set(sweeps.flat().map(({ id }) => id))].sort());
    expect((await collect(folder)).map(({ id }) => id)).toEqual(ids);
  });

  it.each(['', '{', '{"mean": "x"}', '[]', '{"scheduler": "local", "test": {}, "totals": []}'])('makes anew a run whose summary is damaged: %s', async (damage) => {
    const out = temporaryFolder();
    const job = jobsIn(out, []).at(-1)!;
    await runSpec(job.spec, job.folder);
    const file = join(job.folder, 'summary.json');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, damage);
    expect(runState(job).state).toBe('waiting');
    await addToManifest(join(out, 'x'), jobsIn(out));
    expect((await collect(join(out, 'x'))).every(({ utility }) => utility === null)).toBe(true);
    await runSpec(job.spec, job.folder);
    expect(readFileSync(file, 'utf8')).toBe(whole);
  });

  it('does not take an edited config.yaml for its own', async () => {
    const out = temporaryFolder();
    const job = jobsIn(out, []).at(-1)!;
    await runSpec(job.spec, job.folder);
    const config = join(job.folder, 'config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^steps: .*$/m, 'steps: 999'));
    rmSync(join(job.folder, 'summary.json'));
    await expect(runSpec(job.spec, job.folder)).rejects.toThrow(/config\.yaml is not the configuration of run \w{8}; it was edited/);
    writeFileSync(join(job.folder, 'spec.json'), 'null');
    await expect(runSpec(job.spec, job.folder)).rejects.toThrow(InputError);
  });
});

describe('a job from a queue', () => {
  const out = temporaryFolder();
  const [good] = jobsIn(out);

  it('is taken if it is what it says', () => {
    expect(readJob(structuredClone(good), 'job')).toEqual(good);
    expect(readJob(structuredClone(good), 'job', out)).toEqual(good);
  });

  it.each<[string, (job: Job) => unknown]>([
    ['another folder', (job) => ({ ...job, folder: '/etc' })],
    ['a folder above', (job) => ({ ...job, folder: `${job.folder}/../..` })],
    ['a folder inside', (job) => ({ ...job, folder: join(job.folder, 'a') })],
    ['a relative folder', (job) => ({ ...job, folder: job.folder.slice(1) })],
    ['another name', (job) => ({ ...job, name: 'x' })],
    ['another id', (job) => ({ ...job, id: '0'.repeat(64) })],
    ['another setting', (job) => ({ ...job, spec: { ...job.spec, config: { ...job.spec.config, steps: 5 } } })],
    ['an experiment that leaves the folder', (job) => ({ ...job, spec: { ...job.spec, config: { ...job.spec.config, experiment: '..' } } })],
    ['a prototype', (job) => JSON.parse(JSON.stringify(job).replace('"name"', '"__proto__": {}, "name"')) as unknown],
    ['nothing', () => null],
    ['a text', () => 'rm -rf'],
  ])('is refused with %s', (_what, spoil) => {
    expect(() => readJob(spoil(good!), 'job')).toThrow(InputError);
  });

  it('is refused outside the folder that the worker was given, and where something else lies', () => {
    expect(() => readJob(structuredClone(good), 'job', join(out, 'elsewhere'))).toThrow(/lies outside/);
    mkdirSync(good!.folder, { recursive: true });
    writeFileSync(join(good!.folder, 'thesis.tex'), '');
    expect(() => readJob(structuredClone(good), 'job')).toThrow(/is there and holds no run/);
  });
});
