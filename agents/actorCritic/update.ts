import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock, Trainable } from '../../src/engine/index.js';
import { compile, createTrainable, gradientsOf, joinLayouts, layoutOf, tensorFlow } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { countState, restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ReplayBatch } from '../replay.js';
import type { CriticOptions } from './critics.js';
import { criticNetworks, judges } from './critics.js';
import type { ActionHead } from './heads.js';
import type { ActorNetwork } from './networks.js';
import type { AgentOptions } from './options.js';

/** What an update is set by; see the options of the same names. */
export type UpdateOptions = CriticOptions &
  Pick<
    AgentOptions,
    | 'policyDelay'
    | 'actorDelay'
    | 'targetNoise'
    | 'targetNoiseClip'
    | 'temperature'
    | 'actorLearningRate'
    | 'criticLearningRate'
    | 'targetRate'
    | 'batchSize'
    | 'preActivationPenalty'
    | 'maxGradientNorm'
  >;

/** Who acts and on what: the actor's network, what turns its output into actions, and the size of an observation. */
export interface Acting {
  readonly policy: ActorNetwork;
  readonly head: ActionHead;
  readonly observationSize: number;
}

export interface UpdateReport {
  readonly criticLoss: number;
  /** Mean value of the executed actions, in scaled reward. */
  readonly value: number;
  /** null when this update left the actor alone. */
  readonly actorLoss: number | null;
}

/** A minibatch whose rewards are already scaled and shaped. */
export type UpdateBatch = Pick<ReplayBatch, 'observations' | 'actions' | 'rewards' | 'discounts' | 'next'>;

/** Actor, critics, their targets and optimisers. */
export interface Update extends Stateful {
  readonly actor: Trainable;
  /** One update; step sizes are multiplied by the share (1 if omitted). */
  update(batch: UpdateBatch, learningRateShare?: number): Promise<UpdateReport>;
}

type Inputs = 'observations' | 'actions' | 'rewards' | 'discounts' | 'next' | 'targetNoise' | 'noise' | 'nextNoise' | 'latent' | 'nextLatent';
type Blocks = 'actor' | 'critic' | 'targetActor' | 'targetCritic' | 'logTemperature';

/** Parameters and networks of one update. */
export interface Parties extends Acting {
  readonly critics: readonly Network[];
  readonly blocks: Readonly<Record<Blocks, ParameterBlock>>;
}

/** One number: log alpha. */
export const temperatureLayout = layoutOf([{ name: 'logTemperature', shape: [1, 1] }]);

type Tensors<Name extends string> = Record<Name, Tf.Tensor2D>;

/**
 * The losses of one update and their gradients; without the actor's for TD3's updates between its delays.
 *
 * Critic: mean squared error, or quantile regression, to r + discount (min_i Q'_i(s', a') + alpha H(s')), a' from the
 * target actor; SAC's is the actor itself. Actor: -mean (worth of Q(s, a) + alpha H(s)) plus an L2 penalty on
 * pre-activations, Q the first critic or, for SAC, the smaller; see `judges`. Temperature: mean log alpha
 * (H(s) - target). H is 0 without a stochastic head. All gradients are taken at the same weights.
 */
export function updateProgram(options: UpdateOptions, parties: Parties, withActor: boolean) {
  return {
    inputs: inputShapes(options, parties),
    parameters: parties.blocks,
    build: (given: Record<Inputs, Tf.Tensor>, parameters: Record<Blocks, NamedTensors>) => {
      const tf = tensorFlow();
      const inputs = given as Tensors<Inputs>;
      const { policy, head, critics } = parties;
      const soft = head.entropyTarget !== null;
      const { judge, least, loss, worth } = judges(options, critics);
      const temperature = tf.exp(parameters.logTemperature['logTemperature']!);
      const softened = (values: Tf.Tensor, entropy: Tf.Tensor2D | null): Tf.Tensor =>
        entropy === null ? values : tf.add(values, tf.mul(temperature, entropy));

      const nextRaw = policy.apply(parameters.targetActor, inputs.next, inputs.nextLatent);
      const next = soft ? head.sample(nextRaw, inputs.nextNoise) : { action: head.greedy(nextRaw), entropy: null };
      let nextAction = next.action;
      if (options.targetNoise > 0) nextAction = tf.clipByValue(tf.add(nextAction, inputs.targetNoise), -1, 1) as Tf.Tensor2D;
      const nextValue = softened(least(parameters.targetCritic, inputs.next, nextAction), next.entropy);
      const target = tf.add(inputs.rewards, tf.mul(inputs.discounts, nextValue));

      const criticLoss = gradientsOf((weights) => {
        const errors = critics.map((network) => loss(judge(network, weights, inputs.observations, inputs.actions), target));
        return tf.addN(errors) as Tf.Scalar;
      }, parameters.critic);
      const value = tf.mean(judge(critics[0]!, parameters.critic, inputs.observations, inputs.actions));
      const outputs = { criticLoss: criticLoss.value, value };
      if (!withActor) return { outputs, gradients: { critic: criticLoss.gradients } };

      const actorLoss = gradientsOf((weights) => {
        const raw = policy.apply(weights, inputs.observations, inputs.latent);
        const { action, entropy } = head.sample(raw, inputs.noise);
        const judged = soft
          ? least(parameters.critic, inputs.observations, action)
          : judge(critics[0]!, parameters.critic, inputs.observations, action);
        const penalty = tf.mul(tf.mean(tf.square(raw)), options.preActivationPenalty);
        return tf.sub(penalty, tf.mean(softened(worth(judged), entropy))) as Tf.Scalar;
      }, parameters.actor);
      const gradients = { critic: criticLoss.gradients, actor: actorLoss.gradients };
      if (!soft) return { outputs: { ...outputs, actorLoss: actorLoss.value }, gradients };

      const { entropy } = head.sample(policy.apply(parameters.actor, inputs.observations, inputs.latent), inputs.noise);
      const excess = tf.sub(tf.mean(entropy!), options.temperature.target ?? head.entropyTarget);
      const temperatureLoss = gradientsOf((weights) => tf.mean(tf.mul(weights['logTemperature']!, excess)) as Tf.Scalar, parameters.logTemperature);
      return {
        outputs: { ...outputs, actorLoss: actorLoss.value, entropy: tf.mean(entropy!) },
        gradients: { ...gradients, logTemperature: temperatureLoss.gradients },
      };
    },
  };
}

function inputShapes({ batchSize: rows }: UpdateOptions, { policy, head, observationSize }: Acting): Record<Inputs, number[]> {
  const latent = policy.latentShape?.(rows);
  const shapes: Partial<Record<Inputs, number[]>> = {
    observations: [rows, observationSize],
    actions: [rows, head.size],
    rewards: [rows, 1],
    discounts: [rows, 1],
    next: [rows, observationSize],
    targetNoise: [rows, head.size],
    noise: [rows, Math.max(1, head.noiseSize)],
    nextNoise: [rows, Math.max(1, head.noiseSize)],
    ...(latent === undefined ? {} : { latent, nextLatent: latent }),
  };
  // Where the network takes no latent noise the last two are not there, and never read.
  return shapes as Record<Inputs, number[]>;
}

/** Gaussian noise, bounded, on the continuous components of rows of actions; a one-hot choice is left as it is. */
export function fillTargetNoise(
  noise: Float32Array,
  { size, levels }: Pick<ActionHead, 'size' | 'levels'>,
  { targetNoise, targetNoiseClip: clip }: Pick<UpdateOptions, 'targetNoise' | 'targetNoiseClip'>,
  random: RandomStream,
): void {
  for (let i = 0; i < noise.length; i++) {
    noise[i] = i % size < size - levels ? 0 : Math.max(-clip, Math.min(clip, targetNoise * random.normal()));
  }
}

/**
 * DDPG (Lillicrap et al. 2016), TD3 (Fujimoto et al. 2018: twin critics, delayed actor, target smoothing) and, with a
 * stochastic head, SAC with tuned temperature (Haarnoja et al. 2018): one update, see `updateProgram`; Adam and the
 * targets' average follow.
 */
export async function createUpdate(options: UpdateOptions, acting: Acting, random: RandomStream): Promise<Update> {
  const { policy, head } = acting;
  const soft = head.entropyTarget !== null;
  const { actor, critic, temperature, critics } = createTrainables(options, acting, random.stream('weights'));
  const blocks = {
    actor: actor.parameters,
    critic: critic.parameters,
    targetActor: actor.target,
    targetCritic: critic.target,
    logTemperature: temperature.parameters,
  };
  const parties = { ...acting, critics, blocks };
  const both = await compile(updateProgram(options, parties, true));
  const criticOnly = options.policyDelay > 1 || options.actorDelay > 0 ? await compile(updateProgram(options, parties, false)) : both;
  const noise = random.stream('update noise');
  let updates = 0;

  const drawNoise = (inputs: Readonly<Record<Inputs, Float32Array>>, withActor: boolean): void => {
    if (options.targetNoise > 0) fillTargetNoise(inputs.targetNoise, head, options, noise);
    if (soft) head.drawNoise(inputs.nextNoise, noise);
    if (withActor && head.noiseSize > 0) head.drawNoise(inputs.noise, noise);
    for (const latent of [inputs.nextLatent, inputs.latent]) if (latent !== undefined) policy.drawLatent!(latent, noise);
  };
  const parts: Record<string, Stateful> = {
    ...actor.states({ parameters: 'actor', target: 'targetActor', adam: 'actorAdam' }),
    ...critic.states({ parameters: 'critic', target: 'targetCritic', adam: 'criticAdam' }),
    ...temperature.states({ parameters: 'logTemperature', adam: 'temperatureAdam' }),
    noise: streamState(noise),
    count: countState(() => ({ updates }), (saved) => void ({ updates } = saved)),
  };
  return {
    actor,
    update: async (batch, learningRateShare = 1) => {
      const withActor = ++updates > options.actorDelay && updates % options.policyDelay === 0;
      const step = withActor ? both : criticOnly;
      step.inputs.observations.set(batch.observations);
      step.inputs.actions.set(batch.actions);
      step.inputs.rewards.set(batch.rewards);
      step.inputs.discounts.set(batch.discounts);
      step.inputs.next.set(batch.next);
      drawNoise(step.inputs, withActor);
      await step.run();
      critic.step(step.gradients.critic, learningRateShare);
      if (withActor) actor.step(step.gradients.actor, learningRateShare);
      if (withActor && soft) temperature.step(step.gradients.logTemperature, learningRateShare);
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

function createTrainables(options: UpdateOptions, { policy, head, observationSize }: Acting, weights: RandomStream) {
  const critics = criticNetworks(options, observationSize + head.size);
  const { maxGradientNorm, targetRate } = options;
  const actor = createTrainable(policy.layout, {
    initialise: (block) => policy.initialise(block, weights),
    learningRate: options.actorLearningRate,
    maxGradientNorm,
    // SAC's target is the actor itself.
    ...(head.entropyTarget === null ? { targetRate } : {}),
  });
  const critic = createTrainable(joinLayouts(...critics.map(({ layout }) => layout)), {
    initialise: (block) => critics.forEach((network) => network.initialise(block, weights)),
    learningRate: options.criticLearningRate,
    maxGradientNorm,
    targetRate,
  });
  const temperature = createTrainable(temperatureLayout, {
    initialise: ({ flat }) => void (flat[0] = Math.log(options.temperature.initial)),
    learningRate: options.temperature.learningRate,
  });
  return { actor, critic, temperature, critics };
}
