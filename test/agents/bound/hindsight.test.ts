import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clairvoyantBound, hindsightUtility, isSearched } from '../../../agents/bound/index.js';
import { createScheduler, runDay, schedulerNames } from '../../../agents/schedulers/index.js';
import type { FleetInput } from '../../../envs/index.js';
import { FleetSimulator, loadHighs, parseFleet } from '../../../envs/index.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const highs = await loadHighs();
const world = testWorld();
const day = '2023-03-01';

const small: fc.Arbitrary<FleetInput> = fc.record({
  slotSeconds: fc.constantFrom(900, 3600),
  clockScope: fc.constantFrom('job', 'site'),
  onLate: fc.constantFrom('run', 'abandon', 'reject'),
  latePenaltyPerImage: fc.constantFrom(0, 1),
  executionNoise: fc.constantFrom(0, 0.4),
  jobs: fc.record({ perDay: fc.constantFrom(2, 20, 120) }),
  transfer: fc.record({ allowed: fc.boolean() }),
  sites: fc.constantFrom(
    [{ name: 'a', region: 'US-CAL-CISO', gpus: { count: 1 } }],
    [{ name: 'a', region: 'US-CAL-CISO', gpus: { count: 1 }, battery: { powerKw: 0 } }, { name: 'b', region: 'US-TEX-ERCO', gpus: { count: 2 }, exportShare: 0 }],
  ),
}).map((input) => ({ ...input, onLate: input.executionNoise > 0 && input.onLate === 'reject' ? 'run' : input.onLate }) as unknown as FleetInput);

describe('the hindsight search', () => {
  it('lies between every scheduler and the bound on small fleets, and is the same each time', () => {
    fc.assert(
      fc.property(small, fc.integer({ min: 0, max: 1000 }), (input, seed) => {
        const fleet = parseFleet(input);
        const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
        const jobs = simulator.generateJobs(day, seed);
        const found = hindsightUtility({ fleet, world, profile: testProfile, day, jobs });
        for (const name of schedulerNames) {
          expect(runDay(simulator, createScheduler(name, fleet), day, seed).totals.utility, name).toBeLessThanOrEqual(found);
        }
        expect(found).toBeLessThanOrEqual(clairvoyantBound({ fleet, world, day, jobs }, highs));
      }),
      { seed: 3, numRuns: 12 },
    );
    const fleet = parseFleet({ slotSeconds: 900, jobs: { perDay: 100 } });
    const jobs = new FleetSimulator({ fleet, world, profile: testProfile }).generateJobs(day, 1);
    const search = (): number => hindsightUtility({ fleet, world, profile: testProfile, day, jobs });
    expect(search()).toBe(search());
  }, 600_000);

  it('knows neither text jobs nor days that hang together', () => {
    expect(isSearched(parseFleet({}))).toBe(true);
    const carried = parseFleet({ carryQueues: true });
    expect(isSearched(carried)).toBe(false);
    const jobs = new FleetSimulator({ fleet: carried, world, profile: testProfile }).generateJobs(day, 1);
    expect(() => hindsightUtility({ fleet: carried, world, profile: testProfile, day, jobs })).toThrow(/carryQueues/);
  });
});
