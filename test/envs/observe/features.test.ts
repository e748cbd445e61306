import { describe, expect, it } from 'vitest';
import { checkEnv, defaultFleet, FleetControlEnv, JobDispatchEnv } from '../../../envs/index.js';
import { priceFeature } from '../../../envs/observe/features.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const base = { fleet: defaultFleet(), world: testWorld(), profile: testProfile, days: ['2023-06-14'] };

describe('the price outlook', () => {
  it('shows any agent the mean price of each of the coming 24 hours, by name, after what it sees anyway', () => {
    for (const make of [FleetControlEnv, JobDispatchEnv]) {
      const env = new make({ ...base, features: ['priceOutlook'] });
      const plain = new make(base);
      const { observation } = env.reset({ seed: 1 });
      const without = plain.reset({ seed: 1 }).observation;
      const named = new Map(env.observationNames.map((name, i) => [name, observation[i]!]));
      plain.observationNames.forEach((name, i) => expect(named.get(name)).toBe(without[i]));
      expect(named.size).toBe(plain.observationNames.length + 3 * 24);
      expect(env.observationLayout.siteSize).toBe(plain.observationLayout.siteSize + 24);
      const { conditions, slot, slotSeconds } = env.fleet;
      const perHour = 3600 / slotSeconds;
      conditions.sites.forEach(({ priceUsdPerKwh }, k) => {
        for (let hour = 0; hour < 24; hour++) {
          const prices = priceUsdPerKwh.subarray(slot + hour * perHour, slot + (hour + 1) * perHour);
          const mean = prices.reduce((a, b) => a + b, 0) / perHour;
          expect(named.get(`${defaultFleet().sites[k]!.name}.priceHour${hour}`)).toBeCloseTo(priceFeature(mean), 5);
        }
      });
    }
  });

  it('keeps the contract of environments, and an unknown list is refused', () => {
    checkEnv(new FleetControlEnv({ ...base, features: ['priceOutlook'] }));
    expect(() => new FleetControlEnv({ ...base, features: ['priceOutlok'] })).toThrow(/"priceOutlok" are unknown.*priceOutlook/);
  });
});
