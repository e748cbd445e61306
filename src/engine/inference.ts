import { activationOf } from './activations.js';
import type { Layer, Network } from './network.js';
import type { ParameterBlock } from './parameters.js';
import { scratchBytes } from './parameters.js';
import { kernelsOver } from './wasm/instance.js';

/** Writes the network's output for one `input` row into `output`. */
export type Inference = (input: ArrayLike<number>, output: Float32Array | Float64Array) => void;

/**
 * A network's forward pass on one row, reading the block's parameters where they lie: no graph, no allocation.
 * Meant for acting. Throws when a layer is wider than the scratch room holds.
 */
export function createInference(network: Network, block: ParameterBlock): Inference {
  const { memory } = block.memory;
  const kernels = kernelsOver(memory);
  const room = scratchBytes / 2;
  const widest = Math.max(network.inputs, ...network.layers.map(({ outputs }) => outputs));
  if (widest * 4 > room) throw new Error(`a layer of ${widest} values is wider than the ${room / 4} that inference has room for`);

  // Activations go back and forth between two halves of the scratch room.
  const input = new Float32Array(memory.buffer, 0, network.inputs);
  const steps = network.layers.map((layer, i) => ({
    x: (i % 2) * room,
    xEnd: (i % 2) * room + layer.inputs * 4,
    y: ((i + 1) % 2) * room,
    weights: block.view(layer.weights).byteOffset,
    bias: block.view(layer.bias).byteOffset,
    rowBytes: layer.outputs * 4,
    floor: activationOf(layer.activation).floor ?? -Infinity,
    activate: inPlace(layer),
    result: new Float32Array(memory.buffer, ((i + 1) % 2) * room, layer.outputs),
  }));
  const last = steps.at(-1)!.result;
  return (row, output) => {
    if (row.length !== network.inputs || output.length !== network.outputs) {
      throw new Error(`inference from ${row.length} to ${output.length} values in a network from ${network.inputs} to ${network.outputs}`);
    }
    input.set(row);
    for (const { x, xEnd, weights, bias, y, rowBytes, floor, activate, result } of steps) {
      kernels.dense(x, xEnd, weights, bias, y, rowBytes, floor);
      activate?.(result);
    }
    output.set(last);
  };
}

/** The activation in place; undefined where the kernel's floor is all of it. */
function inPlace({ activation }: Layer): ((values: Float32Array) => void) | undefined {
  const { number } = activationOf(activation);
  if (number === undefined) return undefined;
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = number(values[i]!);
  };
}
