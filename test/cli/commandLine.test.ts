import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../../cli/commands.js';
import { jouleflow, projectRoot, refused, temporaryFolder } from '../support/cli.js';

const document = (args: readonly string[]): unknown => JSON.parse(jouleflow([...args, '--json']).stdout);

it('--version is that of jouleflow, in whatever project it runs', () => {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  const mine = temporaryFolder();
  writeFileSync(join(mine, 'package.json'), JSON.stringify({ name: 'mine', version: '9.9.9' }));
  expect(jouleflow(['--version'], { cwd: mine }).stdout.trim()).toBe(version);
});

describe('an option given twice is refused', () => {
  it.each([
    ['days', ['evaluate', '--scheduler', 'greedy', '--days', '2023-01-10', '--days', '2023-01-11']],
    ['scheduler', ['evaluate', '--scheduler', 'greedy', '--scheduler', 'greedy']],
    ['gpu', ['power', 'estimate', '--model', 'gpt2', '--gpu', 'A100', '--gpu=H100']],
    ['regions', ['data', 'synth', '--regions', 'US-CAL-CISO', '--regions', 'US-TEX-ERCO', '--out', 'x']],
    ['out', ['train', '--preset', 'quickstart', '--out', 'a', '--out', 'b']],
    ['cache', ['tune', 'replay', '--cache', 'a.json', '--cache', 'b.json']],
    ['bound', ['evaluate', '--scheduler', 'greedy', '--bound', '--no-bound']],
    ['report-only', ['compare', '--preset', 'smoke', '--reportOnly', '--report-only']],
    ['agent', ['train', '--algo', 'td3', '--agent', 'sac']],
    ['json', ['config', 'list', '--json', '--json']],
  ])('--%s', (option, args) => {
    expect(refused(args)).toBe(`jouleflow: --${option} is given twice.`);
  });

  it('but lists grow', () => {
    const shown = document(['config', 'show', '--set', 'seed=1', '--set', 'steps=2']);
    expect(shown).toMatchObject({ seed: 1, steps: 2 });
  });
});

describe('what is mistyped is told the nearest name', () => {
  it.each<[string[], string]>([
    [['train', '--sed', '1'], '--sed: there is no such option. Did you mean "--seed"?'],
    [['compare', '--preset', 'smoke', '--wrkers=3'], '--wrkers: there is no such option. Did you mean "--workers"?'],
    [['trian'], 'Did you mean train?'],
    [['sweep', 'statu', 'x'], '"statu" is not expected here. Did you mean "status"?'],
    [['data', 'chek', 'x'], 'Did you mean check?'],
    [['train', '--constructor', 'x'], '--constructor: there is no such option.'],
  ])('%j', (args, sentence) => {
    expect(refused(args)).toContain(sentence);
  });
});

it('understands the names that other libraries give', () => {
  const shown = document(['config', 'show', '--algo', 'td3', '--lr', '0.01', '--gamma=0.5', '--batch-size', '64', '--set', 'tau=0.1']);
  expect(shown).toMatchObject({ agent: { kind: 'td3', actorLearningRate: 0.01, criticLearningRate: 0.01, discount: 0.5, batchSize: 64, targetRate: 0.1 } });
});

describe('config', () => {
  it('show --describe comments every key, and reads back as it was', () => {
    const { stdout } = jouleflow(['config', 'show', '--preset', 'paper', '--describe']);
    expect(stdout).toMatch(/# environment steps to train for\nsteps: 50000/);
    expect(parse(stdout)).toEqual(document(['config', 'show', '--preset', 'paper']));
  });

  it('schema names every key that show prints', () => {
    type Schema = { properties?: Record<string, Schema> };
    const schema = document(['config', 'schema']) as Schema;
    const missing = (value: unknown, node: Schema | undefined, path: string): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, inner]) => (node?.properties?.[key] ? missing(inner, node.properties[key], `${path}.${key}`) : node?.properties ? [`${path}.${key}`] : []))
        : [];
    expect(missing(document(['config', 'show']), schema, '')).toEqual([]);
    expect(Object.keys(schema.properties ?? {})).toContain('fleet');
  });

  it('list has a line for every preset and every comparison', () => {
    const { presets, comparisons } = document(['config', 'list']) as Record<string, { name: string; about: string }[]>;
    expect(presets!.map(({ name }) => name)).toContain('quickstart');
    expect(comparisons!.map(({ name }) => name)).toContain('paper');
    for (const { name, about } of [...presets!, ...comparisons!]) expect(about, name).not.toBe('');
  });
});

describe('completion', () => {
  const completed = (...words: string[]): string[] => jouleflow(['--get-yargs-completions', 'jouleflow', ...words]).stdout.trim().split('\n');

  it('knows commands, options and presets, and prints nothing else', () => {
    expect(completed('')).toEqual(expect.arrayContaining(commands.map(({ command }) => String(command).split(' ')[0])));
    expect(completed('train', '--')).toContain('--resume');
    expect(completed('train', '--preset', 'qu')).toEqual(['quickstart']);
    expect(jouleflow(['--get-yargs-completions', 'jouleflow', 'train', '--preset', 'q']).stderr).toBe('');
  });

  it('comes as a script for a shell', () => {
    expect(jouleflow(['completion']).stdout).toContain('--get-yargs-completions');
  });
});

it.each(['train', 'evaluate', 'compare', 'plot', 'decide'])('%s --help has examples', (name) => {
  expect(jouleflow([name, '--help']).stdout).toMatch(/Examples:\n\s+jouleflow/);
});
