import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMethodList } from '../../experiments/compare/methodList.js';
import { pinScheduler } from '../../experiments/run/ownScheduler.js';
import { jouleflow, refused, temporaryFolder } from '../support/cli.js';

const cwd = temporaryFolder();
const days = ['--days', '2024-04-01', '--no-bound'];
const judge = (scheduler: string): string[] => ['evaluate', '--scheduler', scheduler, '--config', 'my-fleet/fleet.yaml', ...days, '--json'];

describe('a fleet of one’s own', () => {
  beforeAll(() => {
    expect(jouleflow(['init', 'my-fleet'], { cwd }).status).toBe(0);
  });

  it('has its own scheduler judged on its own prices, and says what is generated', () => {
    const { status, stdout, stderr } = jouleflow(judge('my-fleet/mine.js'), { cwd });
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('for OWN: generated as in DE-LU');
    const { days: judged, revenue, lateRate } = JSON.parse(stdout) as { days: string[]; revenue: number; lateRate: number };
    expect(judged).toEqual(['2024-04-01']);
    expect(revenue).toBeGreaterThan(0);
    expect(lateRate).toBeLessThan(1);
  });

  it('is not written over', () => {
    expect(refused(['init', 'my-fleet'], { cwd })).toContain('fleet.yaml is there already');
  });

  it('is compared by its own list, with its own rule in it', () => {
    const list = readMethodList(join(cwd, 'my-fleet', 'methods.yaml'));
    expect(list.config).toBe(join(cwd, 'my-fleet', 'fleet.yaml'));
    expect(list.methods.find(({ id }) => id === 'mine')?.scheduler).toBe(pinScheduler(join(cwd, 'my-fleet', 'mine.js')));
    expect(refused(['compare', '--list', 'my-fleet/methods.yaml', '--preset', 'smoke'], { cwd })).toContain('one of them');
  });

  it.each([
    ['decided for site 7', "export default () => ({ name: 'x', reset() {}, decide: () => ({ site: 7, steps: 20 }) });"],
    ['decided for 7.5 steps', "export default () => ({ name: 'x', reset() {}, decide: () => ({ site: 0, steps: 7.5 }) });"],
    ['expected a scheduler with name', 'export default () => ({});'],
    ['expected a default export', 'export const scheduler = 1;'],
    ['cannot be loaded', 'export default ;'],
  ])('is refused a scheduler that is none: %s', (sentence, text) => {
    writeFileSync(join(cwd, 'bad.mjs'), text);
    const { status, stderr } = jouleflow(judge('bad.mjs'), { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain(`bad.mjs`);
    expect(stderr).toContain(sentence);
  });

  it('makes another run of another text', () => {
    const file = join(cwd, 'other.js');
    writeFileSync(file, readFileSync(join(cwd, 'my-fleet', 'mine.js')));
    const before = pinScheduler(file);
    writeFileSync(file, 'export default 1;');
    expect(pinScheduler(file)).not.toBe(before);
  });
});
