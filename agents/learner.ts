import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../src/engine/index.js';
import { adamState, compile, createAdam, createParameters, gradientsOf, joinLayouts, mlp, tensorFlow } from '../src/engine/index.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { arrayState, restoreParts, savedValue, saveParts, streamState } from '../src/io/checkpoint.js';
import type { RandomStream } from '../src/math/random.js';
import type { ActionHead } from './heads.js';
import type { AgentOptions } from './options.js';
import type { PolicyNetwork } from './policyNetwork.js';
import type { ReplayBatch } from './replay.js';

export interface LearnerSizes {
  readonly observationSize: number;
  readonly head: ActionHead;
}

export interface UpdateReport {
  readonly criticLoss: number;
  /** Mean value of the executed actions, in scaled reward. */
  readonly value: number;
  /** null when this update left the actor alone. */
  readonly actorLoss: number | null;
}

/** Actor, critics, their targets and optimisers: one deterministic policy gradient update. */
export interface Learner extends Stateful {
  /** Raw actor output for one observation; see ActionHead. */
  readonly infer: (observation: Float32Array, raw: Float32Array) => void;
  readonly policy: PolicyNetwork;
  readonly actor: ReturnType<typeof createParameters>;
  /** One update on a minibatch whose rewards are already scaled and shaped; step sizes are multiplied by the share. */
  update(batch: ReplayBatch, learningRateShare: number): Promise<UpdateReport>;
}

type Inputs = 'observations' | 'actions' | 'rewards' | 'discounts' | 'next' | 'targetNoise' | 'uniform';
type Blocks = 'actor' | 'critic' | 'targetActor' | 'targetCritic';

/**
 * DDPG (Lillicrap et al. 2016) with TD3's options (Fujimoto et al. 2018): twin critics, delayed actor, target smoothing.
 * Critic: mean squared error to r + discount min_i Q'_i(s', pi'(s')). Actor: -mean Q_1(s, pi(s)) plus an L2 penalty on
 * pre-activations. Both gradients are taken at the same weights, in one graph; Adam and the targets' average follow.
 */
export async function createLearner(
  options: AgentOptions,
  policy: PolicyNetwork,
  { observationSize, head }: LearnerSizes,
  random: RandomStream,
): Promise<Learner> {
  const critics = criticNetworks(options, observationSize + head.size);
  const criticLayout = joinLayouts(...critics.map((critic) => critic.layout));
  const actor = createParameters(policy.layout);
  const critic = createParameters(criticLayout);
  const targetActor = createParameters(policy.layout, { beside: actor });
  const targetCritic = createParameters(criticLayout, { beside: critic });
  const weights = random.stream('weights');
  policy.initialise(actor, weights);
  for (const network of critics) network.initialise(critic, weights);
  targetActor.flat.set(actor.flat);
  targetCritic.flat.set(critic.flat);

  const parties = { policy, head, critics, blocks: { actor, critic, targetActor, targetCritic } };
  const both = await compile(updateProgram(options, parties, observationSize, true));
  const criticOnly = options.policyDelay > 1 ? await compile(updateProgram(options, parties, observationSize, false)) : both;
  const shared = { maxGradientNorm: options.maxGradientNorm };
  const target = (block: typeof actor): { block: typeof actor; rate: number } => ({ block, rate: options.targetRate });
  const actorAdam = createAdam(actor, { learningRate: options.actorLearningRate, target: target(targetActor), ...shared });
  const criticAdam = createAdam(critic, { learningRate: options.criticLearningRate, target: target(targetCritic), ...shared });
  const noise = random.stream('update noise');
  let updates = 0;

  const parts: Record<string, Stateful> = {
    actor: arrayState(actor.flat),
    critic: arrayState(critic.flat),
    targetActor: arrayState(targetActor.flat),
    targetCritic: arrayState(targetCritic.flat),
    actorAdam: adamState(actorAdam),
    criticAdam: adamState(criticAdam),
    noise: streamState(noise),
    count: {
      save: () => ({ arrays: {}, values: { updates } }),
      restore: (saved) => void (updates = savedValue<number>(saved, 'updates')),
    },
  };

  return {
    infer: policy.inference(actor),
    policy,
    actor,
    update: async (batch, learningRateShare) => {
      const withActor = ++updates % options.policyDelay === 0;
      const step = withActor ? both : criticOnly;
      step.inputs.observations.set(batch.observations);
      step.inputs.actions.set(batch.actions);
      step.inputs.rewards.set(batch.rewards);
      step.inputs.discounts.set(batch.discounts);
      step.inputs.next.set(batch.next);
      if (options.targetNoise > 0) {
        const { targetNoise } = step.inputs;
        const clip = options.targetNoiseClip;
        for (let i = 0; i < targetNoise.length; i++) {
          targetNoise[i] = Math.max(-clip, Math.min(clip, options.targetNoise * noise.normal()));
        }
      }
      if (withActor && head.noiseSize > 0) {
        for (let i = 0; i < step.inputs.uniform.length; i++) step.inputs.uniform[i] = 1e-6 + (1 - 2e-6) * noise.next();
      }
      await step.run();
      criticAdam.learningRate = options.criticLearningRate * learningRateShare;
      actorAdam.learningRate = options.actorLearningRate * learningRateShare;
      criticAdam.step(step.gradients.critic);
      if (withActor) actorAdam.step(step.gradients.actor);
      return {
        criticLoss: step.outputs.criticLoss![0]!,
        value: step.outputs.value![0]!,
        actorLoss: withActor ? step.outputs.actorLoss![0]! : null,
      };
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

export interface Parties {
  readonly policy: PolicyNetwork;
  readonly head: ActionHead;
  readonly critics: readonly Network[];
  readonly blocks: Readonly<Record<Blocks, ParameterBlock>>;
}

/** One critic, or twins. */
export function criticNetworks(options: AgentOptions, inputs: number): Network[] {
  return Array.from({ length: options.twinCritics ? 2 : 1 }, (_, i) =>
    mlp({ name: `critic${i}`, inputs, hidden: options.hidden, outputs: 1, activation: 'relu' }),
  );
}

/** The losses of one update and their gradients; without the actor's for TD3's updates between its delays. */
export function updateProgram(
  options: AgentOptions,
  { policy, head, critics, blocks }: Parties,
  observationSize: number,
  withActor: boolean,
) {
  const rows = options.batchSize;
  return {
    inputs: {
      observations: [rows, observationSize],
      actions: [rows, head.size],
      rewards: [rows, 1],
      discounts: [rows, 1],
      next: [rows, observationSize],
      targetNoise: [rows, head.size],
      uniform: [rows, Math.max(1, head.noiseSize)],
    } satisfies Record<Inputs, number[]>,
    parameters: blocks,
    build: (given: Record<Inputs, Tf.Tensor>, parameters: Record<Blocks, NamedTensors>) => {
      const tf = tensorFlow();
      const inputs = given as Record<Inputs, Tf.Tensor2D>;
      const judge = (network: Network, weights: NamedTensors, observations: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Tensor2D =>
        network.apply(weights, tf.concat2d([observations, actions], 1));

      let nextAction = head.greedy(policy.apply(parameters.targetActor, inputs.next));
      if (options.targetNoise > 0) nextAction = tf.clipByValue(tf.add(nextAction, inputs.targetNoise), -1, 1) as Tf.Tensor2D;
      const nextValues = critics.map((network) => judge(network, parameters.targetCritic, inputs.next, nextAction));
      const nextValue = nextValues.reduce((a, b) => tf.minimum(a, b));
      const target = tf.add(inputs.rewards, tf.mul(inputs.discounts, nextValue));

      const criticLoss = gradientsOf((weights) => {
        const errors = critics.map((network) =>
          tf.mean(tf.square(tf.sub(judge(network, weights, inputs.observations, inputs.actions), target))),
        );
        return tf.addN(errors) as Tf.Scalar;
      }, parameters.critic);
      const value = tf.mean(judge(critics[0]!, parameters.critic, inputs.observations, inputs.actions));
      const outputs = { criticLoss: criticLoss.value, value };
      if (!withActor) return { outputs, gradients: { critic: criticLoss.gradients } };

      const actorLoss = gradientsOf((weights) => {
        const raw = policy.apply(weights, inputs.observations);
        const action = head.relaxed(raw, head.noiseSize > 0 ? inputs.uniform : null);
        const worth = tf.mean(judge(critics[0]!, parameters.critic, inputs.observations, action));
        const penalty = tf.mul(tf.mean(tf.square(raw)), options.preActivationPenalty);
        return tf.sub(penalty, worth) as Tf.Scalar;
      }, parameters.actor);
      return {
        outputs: { ...outputs, actorLoss: actorLoss.value },
        gradients: { critic: criticLoss.gradients, actor: actorLoss.gradients },
      };
    },
  };
}
