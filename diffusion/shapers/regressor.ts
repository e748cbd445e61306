import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../../src/engine/index.js';
import { compile, createTrainable, gradientsOf, mlp, tensorFlow } from '../../src/engine/index.js';
import type { Saved } from '../../src/io/checkpoint.js';
import { restoreParts, saveParts } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ShapingOptions } from './options.js';

/**
 * Squared-error regression of standardised credit on the condition: the control for the diffusion model, with the same
 * layers, activation, label scale, step size and batches, and no noise.
 */
export async function createRegressor(
  options: ShapingOptions,
  { conditionSize, batchSize }: { conditionSize: number; batchSize: number },
  random: RandomStream,
) {
  const network = mlp({ name: 'regressor', inputs: conditionSize, hidden: options.hidden, outputs: 1, activation: 'silu' });
  const regressor = createTrainable(network.layout, {
    initialise: (block) => network.initialise(block, random.stream('weights')),
    learningRate: options.learningRate,
  });
  const { parameters } = regressor;
  const training = await compile(regressionProgram(network, parameters, batchSize));
  const prediction = await compile(predictionProgram(network, parameters, batchSize));
  const parts = regressor.states({ parameters: 'parameters', adam: 'adam' });
  return {
    fit: async (standardised: Float32Array, conditions: Float32Array): Promise<number> => {
      training.inputs.label.set(standardised);
      training.inputs.condition.set(conditions);
      await training.run();
      regressor.step(training.gradients.regressor);
      return training.outputs.loss![0]!;
    },
    generate: async (conditions: Float32Array): Promise<{ mean: Float32Array; deviation: null }> => {
      prediction.inputs.condition.set(conditions);
      await prediction.run();
      return { mean: prediction.outputs.credit!, deviation: null };
    },
    save: (): Saved => saveParts(parts),
    restore: (saved: Saved): void => restoreParts(saved, parts),
  };
}

/** Mean squared error on a batch, with its gradient. */
export function regressionProgram(network: Network, parameters: ParameterBlock, rows: number) {
  return {
    inputs: { condition: [rows, network.inputs], label: [rows, 1] },
    parameters: { regressor: parameters },
    build: ({ condition, label }: Record<'condition' | 'label', Tf.Tensor>, { regressor }: Record<'regressor', NamedTensors>) => {
      const tf = tensorFlow();
      const { value, gradients } = gradientsOf(
        (weights) => tf.mean(tf.square(tf.sub(network.apply(weights, condition as Tf.Tensor2D), label))) as Tf.Scalar,
        regressor,
      );
      return { outputs: { loss: value }, gradients: { regressor: gradients } };
    },
  };
}

export function predictionProgram(network: Network, parameters: ParameterBlock, rows: number) {
  return {
    inputs: { condition: [rows, network.inputs] },
    parameters: { regressor: parameters },
    build: ({ condition }: Record<'condition', Tf.Tensor>, { regressor }: Record<'regressor', NamedTensors>) => ({
      outputs: { credit: network.apply(regressor, condition as Tf.Tensor2D) },
    }),
  };
}
