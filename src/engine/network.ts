import type * as tf from '../vendor/tfjs.js';
import type { RandomStream } from '../math/random.js';
import type { AnyActivation } from './activations.js';
import { activationOf } from './activations.js';
import type { Layout, ParameterBlock } from './parameters.js';
import { layoutOf } from './parameters.js';
import type { NamedTensors } from './tfjs.js';

export type Activation = Extract<AnyActivation, 'relu' | 'silu' | 'tanh'>;
export type OutputActivation = Extract<AnyActivation, 'linear' | 'tanh' | 'sigmoid'>;

export interface MlpSpec {
  /** Prefix of its parameters' names: `${name}/w0`, `${name}/b0`, ... */
  readonly name: string;
  readonly inputs: number;
  /** Widths of the hidden layers, first to last; may be empty. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: Activation;
  /** Default `linear`. */
  readonly outputActivation?: OutputActivation;
  /** Half-width of the last layer's uniform initial weights and biases, 3e-3 in DDPG; as the other layers when omitted. */
  readonly outputScale?: number;
}

/** A multilayer perceptron. */
export interface Network extends Required<Omit<MlpSpec, 'outputScale'>> {
  readonly layout: Layout;
  /** One entry a layer, first to last, with the names of its parameters: weights [inputs, outputs], bias [outputs]. */
  readonly layers: readonly Layer[];
  /** Fills its parameters in `block`: uniform within 1 / sqrt(fan-in) (Lillicrap et al. 2016, section 7). */
  initialise(block: ParameterBlock, random: RandomStream): void;
  /** [batch, inputs] to [batch, outputs]. */
  apply(params: NamedTensors, x: tf.Tensor2D): tf.Tensor2D;
}

export interface Layer {
  readonly weights: string;
  readonly bias: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation | OutputActivation;
}

/** A network of dense layers: y = activation(x w + b). */
export function mlp(spec: MlpSpec): Network {
  const widths = [spec.inputs, ...spec.hidden, spec.outputs];
  const outputActivation = spec.outputActivation ?? 'linear';
  const layers = widths.slice(1).map((outputs, i): Layer => ({
    weights: `${spec.name}/w${i}`,
    bias: `${spec.name}/b${i}`,
    inputs: widths[i]!,
    outputs,
    activation: i < spec.hidden.length ? spec.activation : outputActivation,
  }));
  return {
    name: spec.name,
    inputs: spec.inputs,
    hidden: spec.hidden,
    outputs: spec.outputs,
    activation: spec.activation,
    outputActivation,
    layers,
    layout: layoutOf(
      layers.flatMap(({ weights, bias, inputs, outputs }) => [
        { name: weights, shape: [inputs, outputs] },
        { name: bias, shape: [outputs] },
      ]),
    ),
    initialise: (block, random) => {
      for (const [i, { weights, bias, inputs }] of layers.entries()) {
        const last = i === layers.length - 1;
        const bound = last && spec.outputScale !== undefined ? spec.outputScale : 1 / Math.sqrt(inputs);
        for (const name of [weights, bias]) {
          const view = block.view(name);
          for (let k = 0; k < view.length; k++) view[k] = bound * (2 * random.next() - 1);
        }
      }
    },
    apply: (params, x) =>
      layers.reduce<tf.Tensor>((h, { weights, bias, activation }) => {
        const y = h.matMul(named(params, weights)).add(named(params, bias));
        return activationOf(activation).tensor(y);
      }, x) as tf.Tensor2D,
  };
}

function named(params: NamedTensors, name: string): tf.Tensor {
  const tensor = params[name];
  if (tensor === undefined) throw new Error(`no parameter is named "${name}"; there are ${Object.keys(params).join(', ')}`);
  return tensor;
}
