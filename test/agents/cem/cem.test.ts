import { describe, expect, it } from 'vitest';
import type { Search } from '../../../agents/cem/index.js';
import { createSearch, featureWeights, greedyParameters, PriceRule } from '../../../agents/cem/index.js';
import { agentSchema } from '../../../agents/registry.js';
import { GreedyScheduler, runDay } from '../../../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../../../datasets/index.js';
import { defaultFleet, FleetSimulator } from '../../../envs/index.js';
import type { DayTotals } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { mean } from '../../../src/math/statistics.js';

const fleet = new FleetSimulator({ fleet: defaultFleet(), world: syntheticWorld({ seed: 1 }), profile: genTd26Profile.weightByLocalHour });
const sites = fleet.siteCount;


/** A search from plain greedy, and the parameters that it moves. */
interface Started {
  readonly search: Search;
  readonly theta: Float32Array;
}

function start({ seed = 1, generations = 3 } = {}): Started {
  const options = { ...agentSchema.parse({}).cem, population: 12, daysPerCandidate: 2 };
  const theta = greedyParameters(sites, 0);
  const days = ['2022-03-01', '2022-06-15', '2022-09-10', '2022-12-05'];
  const parts = { fleet, days, mean: theta, options, random: randomStream(seed, 'agent'), stepsOf: () => fleet.slots };
  return { theta, search: createSearch({ ...parts, steps: generations * 24 * fleet.slots }) };
}

const finish = async ({ search, theta }: Started): Promise<Float32Array> => {
  while (!search.done) await search.runDay();
  return theta;
};

describe('a price rule', () => {
  it.each([0, 0.002, 0.006])('with a price of backlog of %d alone is greedy with that price', (lambda) => {
    const rule = new PriceRule(sites, greedyParameters(sites, lambda));
    const day = (scheduler: PriceRule | GreedyScheduler): DayTotals => runDay(fleet, scheduler, '2022-04-01', 5).totals;
    const [greedy, found] = [day(new GreedyScheduler(sites, lambda)), day(rule)];
    expect(found.utility).toBeCloseTo(greedy.utility, 6);
    expect(found.meanSteps).toBe(greedy.meanSteps);
  });

  it('weighs own features by own parameters and shared ones alike everywhere', () => {
    const theta = Float32Array.from({ length: 3 * sites + 2 }, (_, i) => i);
    const weights = [...featureWeights(sites, theta)].map((weight) => Math.round(weight / 0.002));
    expect(weights).toEqual([0, 1, 2, 9, 10, 3, 4, 5, 9, 10, 6, 7, 8, 9, 10]);
  });
});

describe('the cross-entropy method', () => {
  it('finds prices that beat plain greedy on days it has not seen', async () => {
    const theta = await finish(start({ generations: 6 }));
    const unseen = ['2023-02-14', '2023-05-10', '2023-08-16', '2023-11-08'];
    const utility = (parameters: Float32Array): number =>
      mean(unseen.map((day) => runDay(fleet, new PriceRule(sites, parameters), day, 7).totals.utility));
    expect(utility(theta)).toBeGreaterThan(utility(greedyParameters(sites, 0)) + 100);
  });

  it('repeats itself with a seed, and ends the same when taken up again amid a generation', async () => {
    const whole = await finish(start());
    expect(await finish(start())).toEqual(whole);
    expect(await finish(start({ seed: 2 }))).not.toEqual(whole);
    const first = start();
    for (let i = 0; i < 31; i++) await first.search.runDay();
    const saved = structuredClone(first.search.save());
    const second = start();
    second.search.restore(saved);
    expect(second.search.step).toBe(first.search.step);
    expect(await finish(second)).toEqual(whole);
  });
});
