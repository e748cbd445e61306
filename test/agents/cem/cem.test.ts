import { describe, expect, it } from 'vitest';
import type { Search } from '../../../agents/cem/index.js';
import { createSearch, featureWeights, LinearPrices, parameterCount } from '../../../agents/cem/index.js';
import { agentSchema } from '../../../agents/registry.js';
import type { Scheduler } from '../../../agents/schedulers/index.js';
import { RuleScheduler, runDay } from '../../../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../../../datasets/index.js';
import { defaultFleet, defaultPrices, FleetSimulator } from '../../../envs/index.js';
import type { DayTotals, PriceCoefficients } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { mean } from '../../../src/math/statistics.js';

const fleet = new FleetSimulator({ fleet: defaultFleet(), world: syntheticWorld({ seed: 1 }), profile: genTd26Profile.weightByLocalHour });
const sites = fleet.siteCount;


/** A rule that is far from good. */
const poor: PriceCoefficients = { linear: 0, quadratic: 0, arrivals: 0, margin: 0 };
const none = (): Float32Array => new Float32Array(parameterCount(sites));

/** A search from a poor rule, and the parameters that it moves. */
interface Started {
  readonly search: Search;
  readonly theta: Float32Array;
}

function start({ seed = 1, generations = 3 } = {}): Started {
  const options = { ...agentSchema.parse({}).cem, population: 12, daysPerCandidate: 2 };
  const theta = none();
  const days = ['2022-03-01', '2022-06-15', '2022-09-10', '2022-12-05'];
  const parts = { fleet, rule: poor, days, mean: theta, options, random: randomStream(seed, 'agent'), stepsOf: () => fleet.slots };
  return { theta, search: createSearch({ ...parts, steps: generations * 24 * fleet.slots }) };
}

const finish = async ({ search, theta }: Started): Promise<Float32Array> => {
  while (!search.done) await search.runDay();
  return theta;
};

describe('linear prices', () => {
  it.each([poor, defaultPrices])('without parameters is the rule that they add to', (rule) => {
    const day = (scheduler: Scheduler): DayTotals => runDay(fleet, scheduler, '2022-04-01', 5).totals;
    expect(day(new LinearPrices(sites, rule, none()))).toEqual(day(new RuleScheduler('prices', sites, rule)));
  });

  it('weighs own features by own parameters and shared ones alike everywhere', () => {
    const theta = Float32Array.from({ length: 3 * sites + 2 }, (_, i) => i);
    const weights = [...featureWeights(sites, theta)].map((weight) => Math.round(weight / 0.002));
    expect(weights).toEqual([0, 1, 2, 9, 10, 3, 4, 5, 9, 10, 6, 7, 8, 9, 10]);
  });
});

describe('the cross-entropy method', () => {
  it('finds prices that beat those it began with on days it has not seen', async () => {
    const theta = await finish(start({ generations: 6 }));
    const unseen = ['2023-02-14', '2023-05-10', '2023-08-16', '2023-11-08'];
    const utility = (parameters: Float32Array): number =>
      mean(unseen.map((day) => runDay(fleet, new LinearPrices(sites, poor, parameters), day, 7).totals.utility));
    expect(utility(theta)).toBeGreaterThan(utility(none()) + 100);
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
