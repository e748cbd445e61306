import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../../src/engine/index.js';
import { compile, createTrainable, gradientsOf, mlp, tensorFlow } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { restoreParts, saveParts } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ShapingOptions } from './options.js';
import type { ShapingBatch, ShapingSizes } from './shaper.js';

/** Judges what a transition brought beyond what its state promised. */
export interface Baseline extends Stateful {
  /** One gradient step; returns advantages r + discount V(s') - V(s) before it, in scaled reward; overwritten by the next call. */
  advantages(batch: ShapingBatch): Promise<Float32Array>;
}

/**
 * A state value V of the policy that filled the replay buffer, by temporal differences on paid rewards against a slowly
 * following target; no correction for the age of transitions.
 */
export async function createBaseline(options: ShapingOptions, sizes: ShapingSizes, random: RandomStream): Promise<Baseline> {
  const { batchSize: rows, observationSize, conditionSize } = sizes;
  const network = mlp({ name: 'value', inputs: observationSize, hidden: options.hidden, outputs: 1, activation: 'silu' });
  const value = createTrainable(network.layout, {
    initialise: (block) => network.initialise(block, random.stream('baseline weights')),
    learningRate: options.learningRate,
    targetRate: options.agent.targetRate,
  });
  const training = await compile(baselineProgram(network, { value: value.parameters, target: value.target }, rows));
  const parts = value.states({ parameters: 'value', target: 'target', adam: 'adam' });
  const copyStates = (states: Float32Array, conditions: Float32Array): void => {
    for (let row = 0; row < rows; row++) {
      states.set(conditions.subarray(row * conditionSize, row * conditionSize + observationSize), row * observationSize);
    }
  };
  return {
    advantages: async (batch) => {
      copyStates(training.inputs.state, batch.conditions);
      copyStates(training.inputs.next, batch.nextConditions);
      training.inputs.reward.set(batch.rewards);
      training.inputs.discount.set(batch.discounts);
      await training.run();
      value.step(training.gradients.value);
      return training.outputs.advantage!;
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

/** Temporal-difference errors of a state value, and the gradient of their mean square. */
export function baselineProgram(network: Network, blocks: Record<'value' | 'target', ParameterBlock>, rows: number) {
  return {
    inputs: { state: [rows, network.inputs], next: [rows, network.inputs], reward: [rows, 1], discount: [rows, 1] },
    parameters: blocks,
    build: (
      { state, next, reward, discount }: Record<'state' | 'next' | 'reward' | 'discount', Tf.Tensor>,
      parameters: Record<'value' | 'target', NamedTensors>,
    ) => {
      const tf = tensorFlow();
      const goal = tf.add(reward, tf.mul(discount, network.apply(parameters.target, next as Tf.Tensor2D)));
      const advantage = (weights: NamedTensors): Tf.Tensor => tf.sub(goal, network.apply(weights, state as Tf.Tensor2D));
      const { value, gradients } = gradientsOf((weights) => tf.mean(tf.square(advantage(weights))) as Tf.Scalar, parameters.value);
      return { outputs: { loss: value, advantage: advantage(parameters.value) }, gradients: { value: gradients } };
    },
  };
}
