import { describe, expect, it } from 'vitest';
import type { FleetControlOptions, SlotInfo } from '../../envs/index.js';
import { defaultFleet, FleetControlEnv } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import { testProfile, testWorld } from '../support/testWorld.js';

const days = ['2023-03-01', '2023-06-11'];

function environment(options: Partial<FleetControlOptions> = {}): FleetControlEnv {
  return new FleetControlEnv({ fleet: defaultFleet(), world: testWorld(), profile: testProfile, days, ...options });
}

/** Plays one day with actions drawn from a seed; returns each step's reward and info. */
function play(env: FleetControlEnv, seed: number, actionSeed: number): { rewards: number[]; infos: SlotInfo[] } {
  const random = randomStream(actionSeed, 'test');
  env.reset({ seed, options: { day: days[0] } });
  const rewards: number[] = [];
  const infos: SlotInfo[] = [];
  for (;;) {
    const { reward, info, truncated } = env.step(Float32Array.from({ length: env.actionSpace.size }, () => 2 * random.next() - 1));
    rewards.push(reward);
    infos.push(info);
    if (truncated) return { rewards, infos };
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('FleetControlEnv', () => {
  for (const dispatch of ['price', 'shares'] as const) {
    for (const settlement of ['slot', 'completion'] as const) {
      it(`pays exactly the day's utility by ${settlement} with ${dispatch}, energy controlled or not`, () => {
        for (const controls of [[], ['battery', 'clock', 'supply']] as const) {
          const { rewards, infos } = play(environment({ dispatch, settlement, controls }), 3, 5);
          const totals = infos.at(-1)!.totals!;
          expect(totals.late).toBeGreaterThan(dispatch === 'shares' ? 100 : -1);
          expect(sum(rewards)).toBeCloseTo(totals.utility, 7);
          expect(sum(infos.map((info) => info.settled + info.residual))).toBeCloseTo(totals.utility, 7);
        }
      });
    }
  }

  it('pays nothing in a sparse settlement for a slot with a late job, and the credits otherwise', () => {
    const { rewards, infos } = play(environment({ dispatch: 'shares' }), 3, 5);
    const failed = infos.filter((info) => info.failed).length;
    expect(failed).toBeGreaterThan(20);
    expect(failed).toBeLessThan(280);
    infos.forEach((info, slot) => expect(rewards[slot]).toBe(info.late > 0 ? 0 : info.settled));
  });

  it('gives the same jobs for the same seed and day whatever the policy did before', () => {
    const env = environment();
    const first = play(env, 3, 1).infos.map((info) => info.jobs);
    play(env, 4, 2);
    expect(play(env, 3, 9).infos.map((info) => info.jobs)).toEqual(first);
    expect(play(env, 4, 1).infos.map((info) => info.jobs)).not.toEqual(first);
  });
});
