import { createPlanner, runDay } from '../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../datasets/index.js';
import { defaultFleet, FleetControlEnv, FleetSimulator, loadHighs, TwinEnv } from '../envs/index.js';
import { valueAfterDay } from '../envs/site/storage/index.js';
import { standardDeviation } from '../src/math/statistics.js';
import { randomStream } from '../src/math/random.js';
import { alternately, medianMs } from './measure.js';
import type { Section } from './section.js';

const day = '2023-06-14';
const parts = { fleet: defaultFleet(), world: syntheticWorld({ seed: 1 }), profile: genTd26Profile.weightByLocalHour };

/**
 * What planning and the twin cost and bring: the value of stored energy over 24 hours at a site, a day of the rolling plan,
 * an environment's step beside its twin, and how far the twin narrows a slot's pay and the return of 40 slots.
 */
export const plan: Section = {
  name: 'plan',
  run: async () => {
    const simulator = new FleetSimulator(parts);
    simulator.beginDay(day, simulator.generateJobs(day, 1));
    const market = simulator.markets[0]!;
    const hours = Array.from({ length: 24 }, (_, hour) =>
      market.block({ hours: 1, price: simulator.conditions.sites[0]!.priceUsdPerKwh[12 * hour]!, loadKw: 1.2, renewableKw: hour % 12 === 6 ? 2 : 0.1 }),
    );
    const planMsPerSiteHour = medianMs(() => valueAfterDay(simulator.batteries[0]!, hours), { samples: 200, warmUp: 2000 });

    const planner = createPlanner('mpc-day-ahead', await loadHighs());
    const began = process.cpuUsage();
    runDay(simulator, planner, day, 1);
    const { user, system } = process.cpuUsage(began);

    const alone = stepper(environment());
    const beside = stepper(new TwinEnv(environment(), environment()));
    const { work, other } = await alternately(beside.step, alone.step);
    return {
      planMsPerSiteHour,
      mpcSecondsPerDay: (user + system) / 1e6,
      slotStepMs: other.cpuMs,
      twinStepMs: work.cpuMs,
      slotRewardDeviation: { alone: standardDeviation(alone.rewards), twin: standardDeviation(beside.rewards) },
      returnOf40Deviation: { alone: standardDeviation(returns(alone.rewards)), twin: standardDeviation(returns(beside.rewards)) },
    };
  },
};

const days = Array.from({ length: 28 }, (_, i) => `2023-06-${String(i + 1).padStart(2, '0')}`);
const environment = (): FleetControlEnv => new FleetControlEnv({ ...parts, days, settlement: 'slot', features: ['prices'] });

/** Steps with small random actions, as a learner explores. */
function stepper(target: FleetControlEnv | TwinEnv<object>) {
  const random = randomStream(1, 'bench');
  const action = new Float32Array(target.actionSpace.size);
  const rewards: number[] = [];
  target.reset({ seed: 1 });
  const step = (): Promise<void> => {
    for (let i = 0; i < action.length; i++) action[i] = Math.max(-1, Math.min(1, 0.3 * random.normal()));
    const { reward, truncated } = target.step(action);
    rewards.push(reward);
    if (truncated) target.reset();
    return Promise.resolve();
  };
  return { step, rewards };
}

/** Sums of 40 rewards on end, those of different stretches. */
const returns = (rewards: readonly number[]): number[] =>
  Array.from({ length: Math.floor(rewards.length / 40) }, (_, i) => rewards.slice(40 * i, 40 * (i + 1)).reduce((a, b) => a + b, 0));
