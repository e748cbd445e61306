import type * as tf from '@tensorflow/tfjs';

interface ActivationRule {
  /** Elementwise, inside a program. */
  readonly tensor: (y: tf.Tensor) => tf.Tensor;
  /** The same of one number, for acting outside a program; undefined where the kernel's `floor` is all there is to it. */
  readonly number?: (y: number) => number;
  /** The least value of the result, if the activation is no more than that. */
  readonly floor?: number;
}

/** What a layer may end in. */
export const activations = {
  linear: { tensor: (y) => y },
  relu: { tensor: (y) => y.relu(), floor: 0 },
  silu: { tensor: (y) => y.mul(y.sigmoid()), number: (y) => y / (1 + Math.exp(-y)) },
  tanh: { tensor: (y) => y.tanh(), number: Math.tanh },
  sigmoid: { tensor: (y) => y.sigmoid(), number: (y) => 1 / (1 + Math.exp(-y)) },
} as const satisfies Record<string, ActivationRule>;

export type AnyActivation = keyof typeof activations;

/** The activation of that name. Throws for one that is unknown. */
export function activationOf(name: string): ActivationRule {
  if (!Object.hasOwn(activations, name)) {
    throw new Error(`a layer ends in activation "${name}"; expected ${Object.keys(activations).join(', ')}`);
  }
  return activations[name as AnyActivation];
}
