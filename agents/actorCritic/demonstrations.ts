import type { JobDispatchEnv } from '../../envs/index.js';
import type { ReplayBuffer } from '../replay.js';
import type { Scheduler } from '../schedulers/index.js';
import type { RandomStream } from '../../src/math/random.js';

/**
 * Runs a scheduler for some days in an environment of raw actions, and stores what it did and was paid as transitions.
 * Every decision is an action there: the one-hot site, and the level of its denoising steps in [-1, 1].
 */
export function demonstrate(
  environment: JobDispatchEnv,
  scheduler: Scheduler,
  days: readonly string[],
  count: number,
  replay: ReplayBuffer,
  random: RandomStream,
): void {
  const { fleet } = environment;
  const { levels, levelOfSteps } = fleet.service;
  const observation = new Float32Array(environment.observationSpace.size);
  const action = new Float32Array(environment.actionSpace.size);
  for (let i = 0; i < count; i++) {
    const seed = random.integer(2 ** 31);
    observation.set(environment.reset({ seed, options: { day: days[random.integer(days.length)]! } }).observation);
    scheduler.reset(seed);
    for (let over = false; !over; ) {
      const { site, steps } = scheduler.decide(fleet.nextJob, fleet);
      action.fill(0);
      action[site] = 1;
      action[fleet.siteCount] = levels === 1 ? 0 : (2 * levelOfSteps[steps]!) / (levels - 1) - 1;
      const { observation: next, reward, terminated, truncated, info } = environment.step(action);
      replay.add({ observation, action, reward, next, terminated, truncated, label: info.credit });
      observation.set(next);
      over = truncated;
    }
  }
}
