import type { AgentOptions } from '../../agents/index.js';
import {
  agentSchema,
  boxHead,
  createLearner,
  createReplayBuffer,
  createTraining,
  gaussianHead,
  jointPolicy,
  resolveAgent,
} from '../../agents/index.js';
import type { ActorCriticKind } from '../../agents/index.js';
import { shapingSchema } from '../../diffusion/index.js';
import type { Environment } from '../../envs/index.js';
import { mean } from '../../src/math/statistics.js';
import { randomStream } from '../../src/math/random.js';
import { Pendulum } from './environment.js';

/** Episodes that the last policy is judged by, and the seed of their starting states, the same for all. */
const judgedEpisodes = 100;
const judgedSeed = 1_000_000;

/** Cosine and sine of the angle, and angular velocity, at the start of each judged episode. */
export function judgedStarts(): number[][] {
  const pendulum = new Pendulum();
  return Array.from({ length: judgedEpisodes }, (_, i) => [...pendulum.reset(i === 0 ? { seed: judgedSeed } : {}).observation]);
}

/** One set of options for all three learners; what else differs between them is their kind. */
export const pendulumOptions = (kind: ActorCriticKind): AgentOptions =>
  resolveAgent(
    agentSchema.parse({
      kind,
      hidden: [64, 64],
      actorLearningRate: 1e-3,
      criticLearningRate: 1e-3,
      discount: 0.98,
      batchSize: 128,
      rewardScale: 0.1,
      controlVariate: false,
      exploration: { warmUpSteps: 1000, noiseStart: 0.2, noiseEnd: 0.1 },
    }),
  );

/**
 * The same without what Stable-Baselines3 has not: step sizes and noise stay as they are, gradients are not clipped,
 * nothing weighs on pre-activations, all layers begin alike, and alpha begins at 1.
 */
export const matchedOptions = (kind: ActorCriticKind): AgentOptions => ({
  ...pendulumOptions(kind),
  temperature: { initial: 1, learningRate: 1e-3 },
  finalLearningRateShare: 1,
  preActivationPenalty: 0,
  maxGradientNorm: 1e6,
  // PyTorch's layers begin uniform within 1 / sqrt(fan-in).
  initialOutputScale: 1 / Math.sqrt(64),
  exploration: { warmUpSteps: 1000, noiseStart: 0.1, noiseEnd: 0.1, epsilonStart: 0, epsilonEnd: 0, decayShare: 1 },
});

/** Trains a learner of the kind on the pendulum for so many steps; returns the mean return of its last policy, noise off. */
export async function trainOnPendulum(kind: ActorCriticKind, seed: number, steps: number, options = pendulumOptions(kind)): Promise<number> {
  const head = kind === 'sac' ? gaussianHead(1) : boxHead(1);
  const random = randomStream(seed, 'agent');
  const policy = jointPolicy({ observationSize: 3, outputs: head.rawSize, hidden: options.hidden, outputScale: options.initialOutputScale });
  const learner = await createLearner(options, { policy, head, observationSize: 3 }, random.stream('learner'));
  const { batchSize, discount, nStep } = options;
  const training = createTraining({
    environment: unitTorque(new Pendulum()),
    days: ['-'],
    learner,
    head,
    replay: createReplayBuffer({ capacity: steps, observationSize: 3, actionSize: 1, batchSize, discount, nStep }),
    shaper: null,
    random: random.stream('training'),
    options,
    shaping: shapingSchema.parse({ kind: 'none', label: 'slot' }),
    steps,
  });
  while (!training.done) await training.runDay();

  const environment = unitTorque(new Pendulum());
  const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(1)];
  let { observation } = environment.reset({ seed: judgedSeed });
  return mean(
    Array.from({ length: judgedEpisodes }, () => {
      for (let total = 0; ; ) {
        learner.infer(observation, raw);
        head.act(raw, action, null, random);
        const step = environment.step(action);
        observation = step.observation;
        total += step.reward;
        if (!step.truncated) continue;
        observation = environment.reset().observation;
        return total;
      }
    }),
  );
}

/** The pendulum with its torque from [-1, 1], as heads give it. */
function unitTorque(pendulum: Pendulum): Environment<Record<string, never>> {
  const { high } = pendulum.actionSpace;
  return {
    observationSpace: pendulum.observationSpace,
    actionSpace: { size: 1, low: Float32Array.of(-1), high: Float32Array.of(1) },
    reset: (options) => pendulum.reset(options),
    step: (action) => pendulum.step(action.map((value) => value * high[0]!)),
  };
}
