import { expect, it } from 'vitest';
import { boxHead } from '../../../agents/actorCritic/heads.js';
import type { Learner } from '../../../agents/actorCritic/learner.js';
import type { Transition } from '../../../agents/replay.js';
import type { StepInfo } from '../../../agents/agent.js';
import { createTraining } from '../../../agents/actorCritic/training.js';
import { shapingSchema } from '../../../diffusion/index.js';
import type { Environment } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { agentOptions } from '../options.js';

it('stores a transition once its outcome is known, in order, and what is left at the end of the day', async () => {
  const done = [30, 10, 20, 90, 50];
  const space = { size: 1, low: Float32Array.of(-1), high: Float32Array.of(1) };
  const observation = new Float32Array(1);
  const storedAfter: number[][] = [];
  const stored: number[] = [];
  let step = 0;
  const environment: Environment<StepInfo> = {
    observationSpace: space,
    actionSpace: space,
    reset: () => ({ observation, info: {} }),
    step: () => {
      storedAfter.push([...stored]);
      observation[0] = step + 1;
      const info = { credit: step, doneSeconds: done[step]!, nowSeconds: 10 * (step + 1) };
      return { observation, reward: 0, terminated: false, truncated: ++step === done.length, info };
    },
  };
  const replay = { size: 0, add: ({ label, observation: [at] }: Transition) => void (expect(at).toBe(label), stored.push(label)) };
  const training = createTraining({
    environment,
    days: ['2023-01-01'],
    learner: {} as Learner,
    head: boxHead(1),
    replay: replay as never,
    shaper: null,
    random: randomStream(1),
    options: agentOptions('ddpg', { controlVariate: false }),
    shaping: shapingSchema.parse({ kind: 'none' }),
    steps: 100,
  });
  await training.runDay();
  expect(storedAfter).toEqual([[], [], [], [0, 1, 2], [0, 1, 2]]);
  expect(stored).toEqual([0, 1, 2, 3, 4]);
});
