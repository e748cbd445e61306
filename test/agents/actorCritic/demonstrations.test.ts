import { expect, it } from 'vitest';
import { demonstrate } from '../../../agents/actorCritic/demonstrations.js';
import { choiceAndLevelHead } from '../../../agents/actorCritic/heads.js';
import { createLearner } from '../../../agents/actorCritic/learner.js';
import { jointPolicy } from '../../../agents/actorCritic/networks.js';
import { createReplayBuffer } from '../../../agents/replay.js';
import { createScheduler, runDay } from '../../../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../../../datasets/index.js';
import { defaultFleet, FleetSimulator, JobDispatchEnv } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { agentOptions } from '../options.js';

const fleet = { ...defaultFleet(), jobs: { ...defaultFleet().jobs, perDay: 600 } };
const parts = { fleet, world: syntheticWorld({ seed: 1 }), profile: genTd26Profile.weightByLocalHour };
const environment = new JobDispatchEnv({ ...parts, days: ['2022-03-01'], settlement: 'job' });
const [observationSize, actionSize] = [environment.observationSpace.size, environment.actionSpace.size];
const batchSize = 64;

/** Greedy's days, `count` of them, and what they were paid. */
function demonstrations(count: number) {
  const replay = createReplayBuffer({ capacity: 4000, observationSize, actionSize, batchSize, discount: 0.9, nStep: 1 });
  demonstrate(environment, createScheduler('greedy', fleet), ['2022-03-01', '2022-08-01'], count, replay, randomStream(3));
  return replay;
}

it('demonstrations are what the scheduler does', () => {
  const [seed, day] = [randomStream(3).integer(2 ** 31), '2022-03-01'];
  const replay = createReplayBuffer({ capacity: 4000, observationSize, actionSize, batchSize, discount: 0.9, nStep: 1 });
  demonstrate(environment, createScheduler('greedy', fleet), [day], 1, replay, randomStream(3));
  const { totals } = runDay(new FleetSimulator(parts), createScheduler('greedy', fleet), day, seed);
  expect(replay.size).toBe(totals.jobs);
  const { rewards, actions } = replay.sample(randomStream(4));
  expect([...rewards].some((reward) => reward > 0)).toBe(true);
  for (let row = 0; row < batchSize; row++) {
    expect([...actions.subarray(row * actionSize, row * actionSize + 3)].sort()).toEqual([0, 0, 1]);
  }
});

it('an actor that clones greedy mostly goes where greedy goes, the same from the same seed', async () => {
  const head = choiceAndLevelHead(actionSize - 1);
  const options = agentOptions('ddpg', { batchSize, hidden: [32, 32] });
  const cloned = async () => {
    const policy = jointPolicy({ observationSize, outputs: head.rawSize, hidden: [32, 32], outputScale: 0.05 });
    const learner = await createLearner(options, { policy, head, observationSize }, randomStream(5));
    await learner.imitate(demonstrations(4), 800);
    return learner;
  };
  const learner = await cloned();
  const { observations, actions } = demonstrations(1).sample(randomStream(6));
  const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(head.size)];
  let agreed = 0;
  for (let row = 0; row < batchSize; row++) {
    learner.infer(observations.slice(row * observationSize, (row + 1) * observationSize), raw);
    head.act(raw, action, null, randomStream(7));
    agreed += Number(action.indexOf(1) === actions.subarray(row * actionSize).indexOf(1));
  }
  expect(agreed / batchSize).toBeGreaterThan(0.75);
  expect((await cloned()).actor.flat).toEqual(learner.actor.flat);
});
