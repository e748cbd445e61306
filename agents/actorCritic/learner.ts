import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../../src/engine/index.js';
import { adamState, compile, createAdam, createParameters, gradientsOf, joinLayouts, layoutOf, mlp, tensorFlow } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { arrayState, countState, restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ActionHead } from './heads.js';
import type { AgentOptions } from './options.js';
import type { PolicyNetwork } from './networks.js';
import type { ReplayBatch, ReplayBuffer } from '../replay.js';

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

/** Actor, critics, their targets and optimisers: one update of an actor-critic. */
export interface Learner extends Stateful {
  /** Raw actor output for one observation; see ActionHead. */
  readonly infer: (observation: Float32Array, raw: Float32Array) => void;
  readonly policy: PolicyNetwork;
  readonly actor: ReturnType<typeof createParameters>;
  /** Moves the actor towards the actions of demonstrations, in so many minibatches; its target starts there too. */
  imitate(demonstrations: ReplayBuffer, minibatches: number): Promise<void>;
  /** One update on a minibatch whose rewards are already scaled and shaped; step sizes are multiplied by the share. */
  update(batch: ReplayBatch, learningRateShare: number): Promise<UpdateReport>;
}

type Inputs = 'observations' | 'actions' | 'rewards' | 'discounts' | 'next' | 'targetNoise' | 'noise' | 'nextNoise';
type Blocks = 'actor' | 'critic' | 'targetActor' | 'targetCritic' | 'logTemperature';

/**
 * DDPG (Lillicrap et al. 2016), TD3 (Fujimoto et al. 2018: twin critics, delayed actor, target smoothing) and, with a
 * stochastic head, SAC with tuned temperature (Haarnoja et al. 2018): one update.
 *
 * Critic: mean squared error to r + discount (min_i Q'_i(s', a') + alpha H(s')), a' from the target actor; SAC's is the
 * actor itself. Actor: -mean (Q(s, a) + alpha H(s)) plus an L2 penalty on pre-activations, Q the first critic or, for
 * SAC, the smaller. Temperature: mean log alpha (H(s) - target). H is 0 without a stochastic head. All gradients are
 * taken at the same weights, in one graph; Adam and the targets' average follow.
 */
export async function createLearner(
  options: AgentOptions,
  policy: PolicyNetwork,
  { observationSize, head }: LearnerSizes,
  random: RandomStream,
): Promise<Learner> {
  const soft = head.entropyTarget !== null;
  const critics = criticNetworks(options, observationSize + head.size);
  const criticLayout = joinLayouts(...critics.map((critic) => critic.layout));
  const actor = createParameters(policy.layout);
  const critic = createParameters(criticLayout);
  const targetActor = soft ? actor : createParameters(policy.layout, { beside: actor });
  const targetCritic = createParameters(criticLayout, { beside: critic });
  const logTemperature = createParameters(temperatureLayout);
  const weights = random.stream('weights');
  policy.initialise(actor, weights);
  for (const network of critics) network.initialise(critic, weights);
  targetActor.flat.set(actor.flat);
  targetCritic.flat.set(critic.flat);
  logTemperature.flat[0] = Math.log(options.temperature.initial);

  const parties = { policy, head, critics, blocks: { actor, critic, targetActor, targetCritic, logTemperature } };
  const both = await compile(updateProgram(options, parties, observationSize, true));
  const criticOnly = options.policyDelay > 1 ? await compile(updateProgram(options, parties, observationSize, false)) : both;
  const shared = { maxGradientNorm: options.maxGradientNorm };
  const following = (block: typeof actor) => ({ ...shared, target: { block, rate: options.targetRate } });
  const actorAdam = createAdam(actor, { learningRate: options.actorLearningRate, ...(soft ? shared : following(targetActor)) });
  const criticAdam = createAdam(critic, { learningRate: options.criticLearningRate, ...following(targetCritic) });
  const temperatureAdam = createAdam(logTemperature, { learningRate: options.temperature.learningRate });
  const noise = random.stream('update noise');
  let updates = 0;

  const parts: Record<string, Stateful> = {
    actor: arrayState(actor.flat),
    critic: arrayState(critic.flat),
    targetActor: arrayState(targetActor.flat),
    targetCritic: arrayState(targetCritic.flat),
    logTemperature: arrayState(logTemperature.flat),
    actorAdam: adamState(actorAdam),
    criticAdam: adamState(criticAdam),
    temperatureAdam: adamState(temperatureAdam),
    noise: streamState(noise),
    count: countState(() => ({ updates }), (saved) => void ({ updates } = saved)),
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
      if (soft) head.drawNoise(step.inputs.nextNoise, noise);
      if (withActor && head.noiseSize > 0) head.drawNoise(step.inputs.noise, noise);
      await step.run();
      criticAdam.learningRate = options.criticLearningRate * learningRateShare;
      actorAdam.learningRate = options.actorLearningRate * learningRateShare;
      temperatureAdam.learningRate = options.temperature.learningRate * learningRateShare;
      criticAdam.step(step.gradients.critic);
      if (withActor) actorAdam.step(step.gradients.actor);
      if (withActor && soft) temperatureAdam.step(step.gradients.logTemperature);
      return {
        criticLoss: step.outputs.criticLoss![0]!,
        value: step.outputs.value![0]!,
        actorLoss: withActor ? step.outputs.actorLoss![0]! : null,
      };
    },
    imitate: async (demonstrations, minibatches) => {
      const cloning = await compile(imitationProgram(options, parties, observationSize));
      const adam = createAdam(actor, { learningRate: 1e-3, ...shared });
      const sampling = random.stream('demonstrations');
      for (let i = 0; i < minibatches; i++) {
        const { observations, actions } = demonstrations.sample(sampling);
        await cloning.run({ observations, actions });
        adam.step(cloning.gradients.actor);
      }
      targetActor.flat.set(actor.flat);
      await cloning.dispose();
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

/** One number: log alpha. */
export const temperatureLayout = layoutOf([{ name: 'logTemperature', shape: [1, 1] }]);

/** One critic, or twins. */
export function criticNetworks(options: AgentOptions, inputs: number): Network[] {
  return Array.from({ length: options.twinCritics ? 2 : 1 }, (_, i) =>
    mlp({ name: `critic${i}`, inputs, hidden: options.hidden, outputs: 1, activation: 'relu' }),
  );
}

/** Behaviour cloning: the head's imitation loss on a minibatch, and its gradient. */
export function imitationProgram(options: AgentOptions, { policy, head, blocks }: Parties, observationSize: number) {
  const rows = options.batchSize;
  return {
    inputs: { observations: [rows, observationSize], actions: [rows, head.size] },
    parameters: { actor: blocks.actor },
    build: ({ observations, actions }: Record<'observations' | 'actions', Tf.Tensor>, { actor }: Record<'actor', NamedTensors>) => {
      const { value, gradients } = gradientsOf(
        (weights) => head.imitationLoss(policy.apply(weights, observations as Tf.Tensor2D), actions as Tf.Tensor2D),
        actor,
      );
      return { outputs: { loss: value }, gradients: { actor: gradients } };
    },
  };
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
      noise: [rows, Math.max(1, head.noiseSize)],
      nextNoise: [rows, Math.max(1, head.noiseSize)],
    } satisfies Record<Inputs, number[]>,
    parameters: blocks,
    build: (given: Record<Inputs, Tf.Tensor>, parameters: Record<Blocks, NamedTensors>) => {
      const tf = tensorFlow();
      const inputs = given as Record<Inputs, Tf.Tensor2D>;
      const soft = head.entropyTarget !== null;
      const logTemperature = parameters.logTemperature['logTemperature']!;
      const temperature = tf.exp(logTemperature);
      const judge = (network: Network, weights: NamedTensors, observations: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Tensor2D =>
        network.apply(weights, tf.concat2d([observations, actions], 1));
      const least = (weights: NamedTensors, observations: Tf.Tensor2D, actions: Tf.Tensor2D): Tf.Tensor2D =>
        critics.map((network) => judge(network, weights, observations, actions)).reduce((a, b) => tf.minimum(a, b));
      const softened = (values: Tf.Tensor, entropy: Tf.Tensor2D | null): Tf.Tensor =>
        entropy === null ? values : tf.add(values, tf.mul(temperature, entropy));

      const nextRaw = policy.apply(parameters.targetActor, inputs.next);
      const next = soft ? head.sample(nextRaw, inputs.nextNoise) : { action: head.greedy(nextRaw), entropy: null };
      let nextAction = next.action;
      if (options.targetNoise > 0) nextAction = tf.clipByValue(tf.add(nextAction, inputs.targetNoise), -1, 1) as Tf.Tensor2D;
      const nextValue = softened(least(parameters.targetCritic, inputs.next, nextAction), next.entropy);
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
        const { action, entropy } = head.sample(raw, inputs.noise);
        const worth = soft
          ? least(parameters.critic, inputs.observations, action)
          : judge(critics[0]!, parameters.critic, inputs.observations, action);
        const penalty = tf.mul(tf.mean(tf.square(raw)), options.preActivationPenalty);
        return tf.sub(penalty, tf.mean(softened(worth, entropy))) as Tf.Scalar;
      }, parameters.actor);
      const gradients = { critic: criticLoss.gradients, actor: actorLoss.gradients };
      if (!soft) return { outputs: { ...outputs, actorLoss: actorLoss.value }, gradients };

      const { entropy } = head.sample(policy.apply(parameters.actor, inputs.observations), inputs.noise);
      const excess = tf.sub(tf.mean(entropy!), options.temperature.target ?? head.entropyTarget);
      const temperatureLoss = gradientsOf((weights) => tf.mean(tf.mul(weights['logTemperature']!, excess)) as Tf.Scalar, parameters.logTemperature);
      return {
        outputs: { ...outputs, actorLoss: actorLoss.value, entropy: tf.mean(entropy!) },
        gradients: { ...gradients, logTemperature: temperatureLoss.gradients },
      };
    },
  };
}
