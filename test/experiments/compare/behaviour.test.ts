import { describe, expect, it } from 'vitest';
import { findings } from '../../../experiments/compare/behaviour.js';
import { observe } from '../../../experiments/compare/collect.js';
import { expand, loadMethodList } from '../../../experiments/compare/methodList.js';
import type { Run } from '../../../experiments/compare/results.js';
import { imageCeiling, servedModelNamed } from '../../../workloads/aigc/index.js';

describe('what policies do', () => {
  it('names the sites by what serves them: on sites with named devices by their profiles', async () => {
    const usual = loadMethodList('chips');
    const list = { ...usual, set: { 'days.test': '2023-03-01', 'fleet.jobs.perDay': 300 } };
    const cells = expand(list, {});
    const { method, problem, config } = cells.find((cell) => cell.method?.id === 'greedy-lambda')!;
    const run = { seed: null, folder: null } as Run;
    const observed = await observe({ list, methods: [{ method: method!, problem, runs: [run], expected: 1 }], bounds: new Map() }, cells, 'greedy-lambda');
    const ceilings = config.fleet.sites.map(({ name, model }) => {
      const served = servedModelNamed(model.name);
      if (served.kind !== 'image') throw new Error('expected image models');
      return { site: `${name} (${model.name})`, ceiling: imageCeiling(served) };
    });
    const best = ceilings.toSorted((a, b) => b.ceiling - a.ceiling)[0]!;
    expect(best.site).not.toBe(ceilings[0]!.site);
    const quality = findings(observed!.records, observed!.fleet).find(({ ask }) => ask.includes('high-quality'))!;
    expect(quality.unit).toContain(best.site);
  });
});
