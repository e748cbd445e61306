import { boxHead } from '../agents/actorCritic/heads.js';
import { createReplayBuffer } from '../agents/replay.js';
import { genTd26Profile, syntheticWorld } from '../datasets/index.js';
import { defaultFleet, FleetControlEnv } from '../envs/index.js';
import { createInference } from '../src/engine/index.js';
import { randomStream } from '../src/math/random.js';
import type { DdpgShape } from './engineDdpg.js';
import { ddpgShapes, ddpgUpdater } from './engineDdpg.js';
import { alternately, medianMs } from './measure.js';
import type { Section } from './section.js';

/**
 * A whole training step (act with noise, one slot of the fleet, store, sample, update) in turns with the update alone.
 * The first slot of a day also draws its jobs and conditions; every step bears its share of that.
 */
export const training: Section = {
  name: 'training',
  run: async () => {
    const updateMs: Record<string, number> = {};
    const updateCpuMs: Record<string, number> = {};
    const trainStepMs: Record<string, number> = {};
    const trainStepTimesUpdate: Record<string, number> = {};
    for (const [name, shape] of Object.entries(ddpgShapes)) {
      const { step, update, beginDayMs } = await trainer(shape);
      const { work, other } = await alternately(step, update);
      updateMs[name] = other.ms;
      updateCpuMs[name] = other.cpuMs;
      trainStepMs[name] = work.ms + beginDayMs;
      trainStepTimesUpdate[name] = (work.cpuMs + beginDayMs) / other.cpuMs;
    }
    return { updateMs, updateCpuMs, trainStepMs, trainStepTimesUpdate };
  },
};

const days = Array.from({ length: 28 }, (_, i) => `2023-06-${String(i + 1).padStart(2, '0')}`);

/** Training steps on four sites whose energy the agent controls: 16 actions, and 60 observations padded to the shape's. */
async function trainer(shape: DdpgShape) {
  const fleet = defaultFleet();
  const environment = new FleetControlEnv({
    fleet: { ...fleet, sites: [...fleet.sites, { ...fleet.sites[0]!, name: 'fourth' }], management: { ...fleet.management, strategy: 'learned' } },
    world: syntheticWorld({ seed: 1 }),
    profile: genTd26Profile.weightByLocalHour,
    days,
  });
  const { actor, blocks, compiled, update } = await ddpgUpdater(shape);
  const head = boxHead(shape.action);
  const infer = createInference(actor, blocks.actor);
  const random = randomStream(3, 'training-step');
  // The update discounts by itself.
  const sizes = { observationSize: shape.observation, actionSize: shape.action, batchSize: shape.batch };
  const replay = createReplayBuffer({ capacity: 100_000, ...sizes, discount: 1, nStep: 1 });
  const observation = new Float32Array(shape.observation);
  const next = new Float32Array(shape.observation);
  const raw = new Float32Array(shape.action);
  const action = new Float32Array(shape.action);
  observation.set(environment.reset({ seed: 1 }).observation);

  const store = (): void => {
    infer(observation, raw);
    head.act(raw, action, { noise: 0.2, epsilon: 0 }, random);
    const { observation: seen, reward, terminated, truncated } = environment.step(action);
    next.set(seen);
    replay.add({ observation, action, reward, next, terminated, truncated, label: reward });
    observation.set(truncated ? environment.reset().observation : next);
  };
  const step = async (): Promise<void> => {
    store();
    const batch = replay.sample(random);
    compiled.inputs.observation.set(batch.observations);
    compiled.inputs.action.set(batch.actions);
    compiled.inputs.reward.set(batch.rewards);
    compiled.inputs.next.set(batch.next);
    compiled.inputs.continues.set(batch.discounts);
    await update();
  };
  const { slots } = environment.fleet;
  for (let i = 0; i < 28 * slots; i++) store();
  const resetMs = medianMs(() => environment.reset(), { samples: 30, warmUp: 30 });
  observation.set(environment.reset().observation);
  return { step, update, beginDayMs: resetMs / slots };
}
