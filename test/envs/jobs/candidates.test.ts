import { describe, expect, it } from 'vitest';
import { candidates, Candidates, choose, FleetSimulator, noPrices, parseFleet, servedFleet } from '../../../envs/index.js';
import type { FleetConfig } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const day = '2023-06-14';
const device = { device: 'A100-80GB', model: { name: 'sd-1.5' }, serving: { textModels: ['llama-3-8b', 'qwen2-1.5b'], textBatches: [8, 32] } };
const site = (name: string, region: string, rest: object): object => ({ name, region, gpus: { count: 2 }, ...rest });
const mixed = parseFleet({
  clockScope: 'site',
  jobs: { perDay: 3000, text: { perDay: 1500 } },
  sites: [
    site('a', 'US-CAL-CISO', device),
    site('b', 'US-TEX-ERCO', { ...device, serving: { textModels: ['qwen2-1.5b'] } }),
    site('c', 'US-MIDA-PJM', { device: 'A100-80GB', model: { name: 'sdxl' } }),
  ],
});

/** Every way that a job may be dispatched, each tried on a simulator of its own; those in time, by site and level. */
function tried(fleet: FleetConfig, prepare: (target: FleetSimulator) => void, job: number): Map<string, { credit: number; end: number }> {
  const found = new Map<string, { credit: number; end: number }>();
  const probe = new FleetSimulator({ fleet, world: testWorld(), profile: testProfile });
  prepare(probe);
  const kind = probe.desk.kindOf(job);
  for (let k = 0; k < fleet.sites.length; k++) {
    for (let level = 0; level < kind.levelsAt(k); level++) {
      prepare(probe);
      const { site: at, level: ran, late, credit, endSeconds } = probe.dispatch(job, k, kind.stepsAt(level));
      if (!late) found.set(`${at} ${ran}`, { credit, end: endSeconds });
    }
  }
  return found;
}

describe('candidates', () => {
  for (const allowed of [true, false]) {
    it(`are all ways in time to run an image or text job, credited as dispatch credits them (transfer ${allowed ? '' : 'not '}allowed)`, () => {
      const fleet = { ...mixed, transfer: { ...mixed.transfer, allowed } };
      const simulator = new FleetSimulator({ fleet, world: testWorld(), profile: testProfile });
      const jobs = simulator.generateJobs(day, 1);
      const random = randomStream(1, 'candidates');
      const all = new Candidates(simulator.siteCount, simulator.desk.levels);
      const decision = { site: 0, steps: 0 };
      const kinds = new Set<string>();
      for (let round = 0; round < 24; round++) {
        const job = random.integer(Math.min(1200, jobs.length));
        const prepare = (target: FleetSimulator): void => {
          target.beginDay(day, jobs);
          for (let j = 0; j <= job; j++) {
            target.arrive(j);
            if (j < job) target.dispatch(j, j % 3, target.desk.kindOf(j).stepsAt(target.desk.kindOf(j).usualLevel));
          }
        };
        prepare(simulator);
        candidates(simulator, job, all);
        choose(simulator, job, noPrices(3), decision, null);
        kinds.add(simulator.desk.kindOf(job).name);
        const expected = tried(fleet, prepare, job);
        expect(all.late).toBe(expected.size === 0);
        expect(all.count).toBe(Math.max(1, expected.size));
        if (all.late) {
          expect(all.credit[0]).toBeCloseTo(simulator.dispatch(job, decision.site, decision.steps).credit, 9);
          continue;
        }
        let best = -Infinity;
        for (let i = 0; i < all.count; i++) {
          const { credit, end } = expected.get(`${all.site[i]} ${all.level[i]}`)!;
          expect(all.credit[i]).toBeCloseTo(credit, 9);
          expect(all.endSeconds[i]).toBeCloseTo(end, 6);
          best = Math.max(best, credit);
        }
        expect(simulator.dispatch(job, decision.site, decision.steps).credit).toBeCloseTo(best, 9);
      }
      expect([...kinds].sort()).toEqual(['image', 'text']);
    });
  }
});

describe('a fleet as it is served', () => {
  it('has the constants of its profiles, not the ones configured: who makes the best images is another site', () => {
    const constants = (ceiling: number): object => ({ quality: { ceiling } });
    const configured = parseFleet({
      sites: [
        site('a', 'US-CAL-CISO', { device: 'A100-80GB', model: { name: 'sd-1.5', ...constants(9) } }),
        site('b', 'US-TEX-ERCO', { device: 'A100-80GB', model: { name: 'sd3-medium', ...constants(1) } }),
      ],
    });
    const [a, b] = servedFleet(configured).sites.map(({ model }) => model.quality.ceiling);
    expect(configured.sites[0]!.model.quality.ceiling).toBeGreaterThan(configured.sites[1]!.model.quality.ceiling);
    expect(a!).toBeLessThan(b!);
  });
});
