import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, ParameterBlock } from '../../src/engine/index.js';
import { compile, createAdam, gradientsOf } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ReplayBatch, ReplayBuffer } from '../replay.js';
import type { ActionHead } from './heads.js';
import type { PolicyNetwork } from './networks.js';
import type { AgentOptions } from './options.js';
import type { UpdateReport } from './update.js';
import { createUpdate } from './update.js';

/** Who acts: a network that can act outside a program too, its head, and the size of an observation. */
export interface LearnerParts {
  readonly policy: PolicyNetwork;
  readonly head: ActionHead;
  readonly observationSize: number;
}

/** An actor-critic that learns: it acts, is updated, and may start from demonstrations. */
export interface Learner extends Stateful {
  /** Raw actor output for one observation; see ActionHead. */
  readonly infer: (observation: Float32Array, raw: Float32Array) => void;
  readonly policy: PolicyNetwork;
  readonly actor: ParameterBlock;
  /** Moves the actor towards the actions of demonstrations, in so many minibatches; its target starts there too. */
  imitate(demonstrations: ReplayBuffer, minibatches: number): Promise<void>;
  /** One update on a minibatch whose rewards are already scaled and shaped; step sizes are multiplied by the share. */
  update(batch: ReplayBatch, learningRateShare: number): Promise<UpdateReport>;
}

/** An actor-critic, compiled; its update is that of `createUpdate`. */
export async function createLearner(options: AgentOptions, parts: LearnerParts, random: RandomStream): Promise<Learner> {
  const { policy } = parts;
  const { actor, update, save, restore } = await createUpdate(options, parts, random);
  return {
    infer: policy.inference(actor.parameters),
    policy,
    actor: actor.parameters,
    update,
    imitate: async (demonstrations, minibatches) => {
      const cloning = await compile(imitationProgram(options, parts, actor.parameters));
      const adam = createAdam(actor.parameters, { learningRate: 1e-3, maxGradientNorm: options.maxGradientNorm });
      const sampling = random.stream('demonstrations');
      for (let i = 0; i < minibatches; i++) {
        const { observations, actions } = demonstrations.sample(sampling);
        await cloning.run({ observations, actions });
        adam.step(cloning.gradients.actor);
      }
      actor.target.flat.set(actor.parameters.flat);
      await cloning.dispose();
    },
    save,
    restore,
  };
}

/** Behaviour cloning: the head's imitation loss on a minibatch, and its gradient. */
export function imitationProgram(options: AgentOptions, { policy, head, observationSize }: LearnerParts, block: ParameterBlock) {
  const rows = options.batchSize;
  return {
    inputs: { observations: [rows, observationSize], actions: [rows, head.size] },
    parameters: { actor: block },
    build: ({ observations, actions }: Record<'observations' | 'actions', Tf.Tensor>, { actor }: Record<'actor', NamedTensors>) => {
      const { value, gradients } = gradientsOf(
        (weights) => head.imitationLoss(policy.apply(weights, observations as Tf.Tensor2D), actions as Tf.Tensor2D),
        actor,
      );
      return { outputs: { loss: value }, gradients: { actor: gradients } };
    },
  };
}
