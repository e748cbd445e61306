import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expand, listNames, loadMethodList } from '../../../experiments/compare/methodList.js';
import type { Report } from '../../../experiments/compare/report.js';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';

describe('method lists', () => {
  it.each(listNames())('%s names only what exists, and every run of it is valid', (name) => {
    const list = loadMethodList(name);
    const cells = expand(list, { seeds: 2 });
    expect(cells.length).toBeGreaterThan(list.methods.length);
    for (const { config } of cells) expect(config.evaluation.schedulers).toEqual([]);
  });

  it('compares under one set of steps, days, jobs and data', () => {
    const learned = expand(loadMethodList('paper'), { seeds: 2 }).filter((cell) => cell.seed !== null);
    const common = learned.map(({ config: { days, evaluation, world, fleet } }) => JSON.stringify({ days, jobs: fleet.jobs, seed: evaluation.seed, world }));
    expect(new Set(common).size).toBe(1);
    // The cross-entropy method is the reference that has more, and says so.
    for (const { config } of learned) expect(config.steps).toBe(config.agent.kind === 'cem' ? 800_000 : 100_000);
    expect(learned.filter((cell) => cell.seed === 0)).toHaveLength(learned.length / 2);
  });
});

describe('compare', () => {
  const out = temporaryFolder();
  const args = ['compare', '--preset', 'smoke', '--methods', 'greedy,random,unshaped,diffusion', '--out', out, '--json'];
  let report: Report;
  beforeAll(() => {
    const { status, stdout, stderr } = jouleflow([...args, '--workers', '2']);
    expect(status, stderr).toBe(0);
    report = JSON.parse(stdout) as Report;
  });

  it('finishes every run and holds each day against the bound', () => {
    expect(report.runs).toEqual({ finished: 7, of: 7 });
    // Three test days of two schedulers, and of two seeds' best and last policies of two methods.
    expect(report.bound).toEqual({ checkedDays: 6 + 24, violations: [] });
    for (const { utilityIqm, shareOfBound } of report.methods) {
      expect(utilityIqm.low).toBeLessThanOrEqual(utilityIqm.value);
      expect(utilityIqm.high).toBeGreaterThanOrEqual(utilityIqm.value);
      expect(shareOfBound!.value).toBeLessThan(1);
    }
  });

  it('answers what it can with the methods it has', () => {
    expect(report.answers.map((one) => one.ask)).toEqual(['Does diffusion shaping beat no shaping?', 'What share of the bound does the best learner reach?']);
    const [shaped] = report.answers;
    if (shaped?.kind !== 'difference') throw new Error('expected a difference');
    const of = (id: string): number => report.methods.find((row) => row.id === id)!.utilityMean.value;
    expect(shaped.meanDifference.value).toBeCloseTo(of('diffusion') - of('unshaped'), 6);
    expect(shaped.answer).toBe(shaped.iqmDifference.low > 0 && shaped.meanDifference.low > 0);
  });

  it('writes report and figures', () => {
    const folder = join(out, 'smoke');
    const text = readFileSync(join(folder, 'report.md'), 'utf8');
    for (const { file } of report.figures) {
      expect(readFileSync(join(folder, file)).subarray(1, 4).toString()).toBe('PNG');
      expect(text).toContain(`(${file})`);
    }
    expect(report.figures.length).toBeGreaterThanOrEqual(9);
    expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report);
  });

  it('reports again without running anything, and says the same', () => {
    const { status, stdout, stderr } = jouleflow([...args, '--report-only']);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual(report);
  });

  it.each([
    [['--preset', 'papr'], /there is no comparison "papr".*Did you mean "paper"/],
    [['--preset', 'smoke', '--methods', 'greddy'], /--methods: there is no "greddy".*Did you mean "greedy"/],
    [['--preset', 'smoke', '--seeds', '0'], /--seeds: expected a whole number of at least 1, found 0/],
    [['--preset', 'smoke', '--report-only'], /has no finished run/],
  ])('refuses %j', (wrong, message) => {
    const nowhere = join(out, 'nowhere');
    expect(refused(['compare', ...wrong, '--out', nowhere])).toMatch(message);
    expect(existsSync(nowhere)).toBe(false);
  });
});
