import type * as tf from '../vendor/tfjs.js';
import type { ParameterBlock } from './parameters.js';
import type { Shape } from './shapes.js';
import type { NamedTensors } from './tfjs.js';
import { tensorFlow } from './tfjs.js';

export type Inputs<I extends string> = Record<I, tf.Tensor>;
export type Parameters<G extends string> = Record<G, NamedTensors>;

/** What one run computes. Gradients, where given, cover every parameter of their block. */
export interface Results<G extends string> {
  readonly outputs: Record<string, tf.Tensor>;
  readonly gradients?: Partial<Record<G, NamedTensors>>;
}

/**
 * A computation in plain tfjs with fixed shapes: float inputs, parameter blocks, and a `build` that is a pure function
 * of both. Random numbers are inputs; values are read after a run, not inside.
 */
export interface Program<I extends string, G extends string> {
  readonly inputs: Record<I, Shape>;
  readonly parameters: Record<G, ParameterBlock>;
  build(inputs: Inputs<I>, parameters: Parameters<G>): Results<G>;
}

/**
 * A scalar loss and its gradient with respect to every one of `params`. Throws when the loss is no scalar, or does not
 * depend on one of them.
 */
export function gradientsOf(
  loss: (params: NamedTensors) => tf.Scalar,
  params: NamedTensors,
): { value: tf.Scalar; gradients: NamedTensors } {
  const names = Object.keys(params);
  const { value, grads } = tensorFlow()
    .engine()
    .gradients(
      () => {
        const result = loss(params);
        if (result.rank !== 0) throw new Error(`a loss must be a scalar, not of shape [${result.shape}]`);
        return result;
      },
      Object.values(params),
      undefined,
      true,
    );
  const unused = names.find((_, i) => grads[i] === undefined || grads[i] === null);
  if (unused !== undefined) throw new Error(`the loss does not depend on parameter "${unused}"`);
  return { value: value as tf.Scalar, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
