import * as tf from '../src/vendor/tfjs.js';
import type { Compiled, CompileOptions, Network, ParameterBlock, Program } from '../src/engine/index.js';
import { compile, createAdam, createParameters, gradientsOf, mlp } from '../src/engine/index.js';
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

/** The two shapes whose updates are measured. */
export const ddpgShapes: Readonly<Record<string, DdpgShape>> = {
  '256x128': { observation: 64, action: 16, hidden: [256, 256], batch: 128 },
  '64x64': { observation: 64, action: 16, hidden: [64, 64], batch: 64 },
};

/**
 * Floating-point operations of the update's matrix products, two a multiplication: five forward passes, both factors'
 * gradients in the critic but the input's, the path to the action through the critic, and both in the actor.
 */
export function ddpgFlops({ observation, action, hidden, batch }: DdpgShape): number {
  const products = (inputs: number, outputs: number): number[] => [inputs, ...hidden].map((width, i) => width * (hidden[i] ?? outputs));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const actor = products(observation, action);
  const critic = products(observation + action, 1);
  const forward = 2 * sum(actor) + 3 * sum(critic);
  const criticBackward = sum(critic) + sum(critic.slice(1));
  const actorBackward = sum(critic.slice(1)) + action * hidden[0]! + sum(actor) + sum(actor.slice(1));
  return 2 * batch * (forward + criticBackward + actorBackward);
}

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

/** A whole update, ready to run: gradients, Adam on actor and critic, the average of both targets. */
export interface DdpgUpdater extends DdpgUpdate {
  readonly compiled: Compiled<DdpgInput, keyof DdpgUpdate['blocks']>;
  update(): Promise<void>;
}

/** Compiles the update and fills its inputs with seeded noise. */
export async function ddpgUpdater(shape: DdpgShape, options: CompileOptions = {}): Promise<DdpgUpdater> {
  const made = ddpgUpdate(shape);
  const { blocks } = made;
  const compiled = await compile(made.program, options);
  const random = randomStream(2, 'ddpg-inputs');
  for (const input of Object.values(compiled.inputs)) for (let i = 0; i < input.length; i++) input[i] = random.normal();
  const rate = 0.005;
  const critic = createAdam(blocks.critic, { learningRate: 1e-3, target: { block: blocks.criticTarget, rate } });
  const actor = createAdam(blocks.actor, { learningRate: 1e-4, target: { block: blocks.actorTarget, rate } });
  const update = async (): Promise<void> => {
    await compiled.run();
    critic.step(compiled.gradients.critic);
    actor.step(compiled.gradients.actor);
  };
  return { ...made, compiled, update };
}
