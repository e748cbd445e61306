import * as tf from '@tensorflow/tfjs';
import type { Network, ParameterBlock, Program } from '../src/engine/index.js';
import { createParameters, gradientsOf, mlp } from '../src/engine/index.js';
import { randomStream } from '../src/math/random.js';

export interface DdpgShape {
  readonly observation: number;
  readonly action: number;
  readonly hidden: readonly number[];
  readonly batch: number;
}

export interface DdpgUpdate {
  readonly actor: Network;
  readonly critic: Network;
  readonly blocks: Record<'actor' | 'critic' | 'actorTarget' | 'criticTarget', ParameterBlock>;
  readonly program: Program<DdpgInput, keyof DdpgUpdate['blocks']>;
}

type DdpgInput = 'observation' | 'action' | 'reward' | 'next' | 'continues';

/** The gradients of one DDPG update (Lillicrap et al. 2016, algorithm 1) at a fixed shape, to be measured and tested. */
export function ddpgUpdate({ observation, action, hidden, batch }: DdpgShape, discount = 0.99): DdpgUpdate {
  const actor = mlp({ name: 'actor', inputs: observation, hidden, outputs: action, activation: 'relu', outputActivation: 'tanh' });
  const critic = mlp({ name: 'critic', inputs: observation + action, hidden, outputs: 1, activation: 'relu' });
  const random = randomStream(1, 'ddpg-update');
  const actorBlock = createParameters(actor.layout);
  const criticBlock = createParameters(critic.layout);
  actor.initialise(actorBlock, random.stream('actor'));
  critic.initialise(criticBlock, random.stream('critic'));
  const blocks = {
    actor: actorBlock,
    critic: criticBlock,
    actorTarget: createParameters(actor.layout, { beside: actorBlock }),
    criticTarget: createParameters(critic.layout, { beside: criticBlock }),
  };
  blocks.actorTarget.flat.set(actorBlock.flat);
  blocks.criticTarget.flat.set(criticBlock.flat);
  const program: DdpgUpdate['program'] = {
    inputs: {
      observation: [batch, observation],
      action: [batch, action],
      reward: [batch, 1],
      next: [batch, observation],
      continues: [batch, 1],
    },
    parameters: blocks,
    build: (inputs, parameters) => {
      const value = (params: typeof parameters.critic, state: tf.Tensor, act: tf.Tensor): tf.Tensor =>
        critic.apply(params, tf.concat([state, act], 1) as tf.Tensor2D);
      const nextAction = actor.apply(parameters.actorTarget, inputs.next as tf.Tensor2D);
      const nextValue = value(parameters.criticTarget, inputs.next, nextAction);
      const target = inputs.reward.add(inputs.continues.mul(nextValue).mul(discount));
      const criticStep = gradientsOf(
        (params) => tf.losses.meanSquaredError(target, value(params, inputs.observation, inputs.action)),
        parameters.critic,
      );
      const actorStep = gradientsOf((params) => {
        const chosen = actor.apply(params, inputs.observation as tf.Tensor2D);
        return tf.neg(tf.mean(value(parameters.critic, inputs.observation, chosen)));
      }, parameters.actor);
      return {
        outputs: { criticLoss: criticStep.value, actorLoss: actorStep.value },
        gradients: { critic: criticStep.gradients, actor: actorStep.gradients },
      };
    },
  };
  return { actor, critic, blocks, program };
}
