import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { belongingTo, requireOwnPolicy } from '../../../experiments/run/belonging.js';
import { resolveExperiment } from '../../../experiments/run/config.js';
import { InputError } from '../../../src/io/errors.js';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';

describe('a checkpoint', () => {
  const config = resolveExperiment({ preset: 'price' });
  const restore = (set: readonly string[]): void => belongingTo(resolveExperiment({ preset: 'price', set })).restore(JSON.parse(JSON.stringify(belongingTo(config).save())) as never);

  it('goes on with its own configuration only', () => {
    restore([]);
    for (const [assignment, path] of [
      ['seed=5', 'seed'],
      ['agent.actorLearningRate=0.01', 'agent.actorLearningRate'],
      ['agent.hidden=[64,64,64]', 'agent.hidden.2'],
      ['fleet.sites.1.gpus.count=7', 'fleet.sites.1.gpus.count'],
      ['days.train=2022-03-01..2022-03-02', 'days.train'],
      ['world.seed=4', 'world.seed'],
    ] as const) {
      expect(() => restore([assignment]), assignment).toThrow(new RegExp(`^The checkpoint belongs to another configuration: ${path.replaceAll('.', '\\.')} is .* in it, and .* in the run's config\\.yaml\\.$`));
    }
  });

  it('that says nothing of whose it is, or nonsense, is refused', () => {
    for (const values of [{}, { config: null }, { config: { seed: 'x' } }, { config: 5 }]) expect(() => belongingTo(config).restore({ arrays: {}, values })).toThrow(InputError);
  });

  it("'s policy may be judged in another world, but on no other fleet", () => {
    const saved = { arrays: {}, values: { config } };
    requireOwnPolicy(saved, { ...config, world: { data: 'elsewhere', seed: 3 } });
    expect(() => requireOwnPolicy(saved, resolveExperiment({ preset: 'price', set: ['fleet.sites.0.battery.capacityKwh=99'] }))).toThrow(/fleet\.sites\.0\.battery\.capacityKwh/);
  });
});

describe('the files of a run', () => {
  const root = temporaryFolder();
  const run = join(root, 'x', 'ddpg-none-s0');
  const short = ['shaping.kind=none', 'experiment=x', 'evaluation.schedulers=[]', 'checkpointSteps=288', 'days.validation=2022-02-01', 'days.test=2023-03-01', 'agent.hidden=[8]'];
  const train = (seed: number, out: string) => jouleflow(['train', '--preset', 'price', '--steps', '576', '--seed', String(seed), '--out', out, ...short.flatMap((set) => ['--set', set])]);
  beforeAll(() => {
    expect(train(0, root).status).toBe(0);
    // A finished run would only be shown.
    rmSync(join(run, 'summary.json'));
  });

  it('do not take an edited configuration for the one that they belong to', () => {
    const config = join(run, 'config.yaml');
    const before = readFileSync(config, 'utf8');
    writeFileSync(config, before.replace(/actorLearningRate: .*/, 'actorLearningRate: 0.5'));
    expect(refused(['train', '--resume', run])).toMatch(/belongs to another configuration: agent\.actorLearningRate is 0\.0003 in it, and 0\.5/);
    expect(refused(['evaluate', run])).toMatch(/The policy belongs to another configuration: agent\.actorLearningRate/);
    writeFileSync(config, before);
    expect(jouleflow(['evaluate', run]).status).toBe(0);
  });

  it('do not take the checkpoint of another run', () => {
    const other = join(root, 'other');
    expect(train(1, other).status).toBe(0);
    cpSync(join(other, 'x', 'ddpg-none-s1', 'checkpoint'), join(run, 'checkpoint'), { recursive: true });
    expect(refused(['train', '--resume', run])).toMatch(/belongs to another configuration: seed is 1 in it, and 0 in the run's config\.yaml/);
  });
});
