import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../../src/engine/index.js';
import { compile, createTrainable, gradientsOf, tensorFlow } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { restoreParts, saveParts } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ReplayBatch } from '../replay.js';
import type { AfterstateSettings } from './options.js';

export interface ValueLearner extends Stateful {
  /** The average of all weights so far, recent ones most: what targets are taken from and decisions made with. */
  readonly averaged: ParameterBlock;
  /** One step towards r + discount V'(next), on a batch whose rewards are scaled; returns the loss and the mean value. */
  update(batch: ReplayBatch, learningRateShare: number): Promise<{ loss: number; value: number }>;
}

/** Temporal-difference learning of after-state values (Sutton and Barto 2018, sections 6.8 and 7.1). */
export async function createValueLearner(network: Network, options: AfterstateSettings, random: RandomStream): Promise<ValueLearner> {
  const value = createTrainable(network.layout, {
    initialise: (block) => network.initialise(block, random.stream('weights')),
    learningRate: options.criticLearningRate,
    maxGradientNorm: options.maxGradientNorm,
    targetRate: options.targetRate,
  });
  const averaged = value.target;
  const program = await compile(valueProgram(network, { value: value.parameters, averaged }, options.batchSize));
  const parts = value.states({ parameters: 'value', target: 'averaged', adam: 'adam' });
  return {
    averaged,
    update: async ({ observations, rewards, discounts, next }, learningRateShare) => {
      await program.run({ states: observations, rewards, discounts, next });
      value.step(program.gradients.value, learningRateShare);
      return { loss: program.outputs.loss![0]!, value: program.outputs.mean![0]! };
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

/** Mean squared error to the bootstrapped return, with its gradient. */
export function valueProgram(network: Network, blocks: Record<'value' | 'averaged', ParameterBlock>, rows: number) {
  return {
    inputs: { states: [rows, network.inputs], rewards: [rows, 1], discounts: [rows, 1], next: [rows, network.inputs] },
    parameters: blocks,
    build: (
      { states, rewards, discounts, next }: Record<'states' | 'rewards' | 'discounts' | 'next', Tf.Tensor>,
      { value, averaged }: Record<'value' | 'averaged', NamedTensors>,
    ) => {
      const tf = tensorFlow();
      const target = tf.add(rewards, tf.mul(discounts, network.apply(averaged, next as Tf.Tensor2D)));
      const loss = gradientsOf(
        (weights) => tf.mean(tf.square(tf.sub(network.apply(weights, states as Tf.Tensor2D), target))) as Tf.Scalar,
        value,
      );
      return { outputs: { loss: loss.value, mean: tf.mean(network.apply(value, states as Tf.Tensor2D)) }, gradients: { value: loss.gradients } };
    },
  };
}
