import { describe, expect, it } from 'vitest';
import type { FleetInput, Settlement } from '../../envs/index.js';
import { checkEnv, FleetControlEnv, JobDispatchEnv, parseFleet, TwinEnv } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import { testProfile, testWorld } from '../support/testWorld.js';

const days = ['2023-03-01', '2023-09-21'];
const parts = (input: FleetInput = {}) => ({ fleet: parseFleet({ jobs: { perDay: 900 }, ...input }), world: testWorld(), profile: testProfile, days });
const slots = (settlement: Settlement, input: FleetInput = {}): FleetControlEnv => new FleetControlEnv({ ...parts(input), settlement, features: ['prices'] });

/** A day of random actions, the same for the same seed: what is paid slot by slot, and what the fleet was worth. */
function day(environment: FleetControlEnv | TwinEnv<object>, scale: number): { rewards: number[]; utility: number } {
  const random = randomStream(7, 'actions');
  environment.reset({ seed: 3, options: { day: days[0] } });
  const action = new Float32Array(environment.actionSpace.size);
  const rewards: number[] = [];
  for (;;) {
    for (let i = 0; i < action.length; i++) action[i] = scale * (2 * random.next() - 1);
    const { reward, truncated, info } = environment.step(action);
    rewards.push(reward);
    if (truncated) return { rewards, utility: (info as { totals: { utility: number } }).totals.utility };
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('an environment beside its twin', () => {
  it('keeps to the contract of environments', () => {
    expect(() => checkEnv(new TwinEnv(slots('slot'), slots('slot')))).not.toThrow();
  });

  it('pays nothing for what the reference does', () => {
    const { rewards } = day(new TwinEnv(slots('slot'), slots('slot')), 0);
    expect(Math.max(...rewards.map(Math.abs))).toBeLessThan(1e-9);
  });

  it.each(['plan', 'threshold'] as const)('pays over a day what the learner is worth more than the reference, batteries by %s', (strategy) => {
    const input: FleetInput = { management: { strategy } };
    const own = day(slots('slot', input), 1);
    const reference = day(slots('slot', input), 0);
    const { rewards, utility } = day(new TwinEnv(slots('slot', input), slots('slot', input)), 1);
    expect(utility).toBe(own.utility);
    expect(sum(rewards)).toBeCloseTo(own.utility - reference.utility, 5);
  });

  it('takes out of the return most of what jobs and prices bring', () => {
    const spread = (values: number[]): number => Math.sqrt(sum(values.map((value) => (value - sum(values) / values.length) ** 2)) / values.length);
    expect(spread(day(new TwinEnv(slots('slot'), slots('slot')), 1).rewards)).toBeLessThan(0.5 * spread(day(slots('slot'), 1).rewards));
  });

  it('goes job by job too, beside a reference that acts in prices', () => {
    const make = (encoding: 'logits' | 'price'): JobDispatchEnv => new JobDispatchEnv({ ...parts(), encoding, settlement: 'job' });
    const twin = new TwinEnv(make('price'), make('price'));
    twin.reset({ seed: 1, options: { day: days[1] } });
    for (let job = 0; job < 50; job++) expect(Math.abs(twin.step(new Float32Array(3)).reward)).toBeLessThan(1e-9);
    const raw = new TwinEnv(make('logits'), make('price'));
    raw.reset({ seed: 1, options: { day: days[1] } });
    const paid = Array.from({ length: 50 }, () => raw.step(Float32Array.of(1, 0, 0, -1)).reward);
    expect(paid.some((reward) => reward < 0)).toBe(true);
  });
});
