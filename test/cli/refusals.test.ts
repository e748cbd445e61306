import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refused, temporaryFolder } from '../support/cli.js';

const out = temporaryFolder();
const into = ['--out', join(out, 'runs')];

describe('what cannot be done is refused in one sentence, with exit code 2', () => {
  it.each<[string[], RegExp]>([
    [[], /command/],
    [['foo'], /foo/],
    [['train', '--sed', '1'], /sed/],
    [['train', '--seed', '1.5', ...into], /seed.*1\.5/],
    [['train', '--seed', 'x', ...into], /--seed.*number.*"x"/],
    [['train', '--seed', '-1', ...into], /seed.*-1/],
    [['train', '--steps', '0', '--json', ...into], /steps.*0/],
    [['train', '--preset', 'quikstart', ...into], /Did you mean "quickstart"/],
    [['train', '--agent', 'dqn', ...into], /agent.*dqn/],
    [['train', '--shaping', 'magic', ...into], /shaping.*magic/],
    [['train', '--set', 'agent.hiden=[8]', ...into], /Did you mean "hidden"/],
    [['train', '--set', 'fleet.sites.0.region=XX', '--json', ...into], /XX/],
    [['train', '--set', 'environment.dispatch=logits', ...into], /environment\.dispatch/],
    [['train', '--data', join(out, 'nothing'), ...into], /nothing/],
    [['train', '--out', '/dev/null/x'], /\/dev\/null\/x/],
    [['train', '--out', '/proc/nothing'], /\/proc\/nothing/],
    [['train', '--resume', join(out, 'nothing')], /nothing/],
    [['evaluate'], /--scheduler/],
    [['evaluate', '--scheduler', 'gredy', '--json'], /Did you mean "greedy"/],
    [['evaluate', '--scheduler', 'greedy', '--days', '2023-02-30'], /2023-02-30/],
    [['evaluate', out, '--json'], /config\.yaml/],
    [['plot', out, '--json'], /config\.yaml/],
    [['config', 'show', '--config', join(out, 'nothing.yaml')], /nothing\.yaml/],
  ])('%j', (args, sentence) => {
    expect(refused(args)).toMatch(sentence);
    expect(existsSync(join(out, 'runs')), 'nothing is left behind').toBe(false);
  });

  it('a file in the way of --out', () => {
    const file = join(out, 'file');
    writeFileSync(file, 'mine');
    expect(refused(['train', '--preset', 'quickstart', '--out', file])).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
