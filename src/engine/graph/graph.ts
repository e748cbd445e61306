import type { Shape } from '../shapes.js';
import { sizeOf } from '../shapes.js';
import { simplify } from './simplify.js';
import type { Attributes, ConstantData, DType, Value } from './value.js';

/**
 * Builds a graph of values. Equal values are made once (common subexpressions), known identities are simplified as
 * they are made, and what no output needs is simply never reached.
 */
export class Graph {
  #next = 0;
  readonly #known = new Map<string, Value>();

  input(name: string, shape: Shape): Value {
    return this.#make(`Input ${name}`, { op: 'Input', inputs: [], attributes: {}, shape, dtype: 'float32', name });
  }

  constant(data: ConstantData, shape: Shape, dtype: DType): Value {
    if (data.length !== sizeOf(shape)) throw new Error(`constant of ${data.length} values for shape [${shape}]`);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    const key = `Constant ${dtype} ${shape} ${bytes}`;
    return this.#make(key, { op: 'Constant', inputs: [], attributes: {}, shape, dtype, data });
  }

  /** A float scalar. */
  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [], 'float32');
  }

  /** A list of int64, as ONNX wants axes and shapes. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  /** The value of ONNX operator `op`; the caller states the result's shape and type. */
  op(op: string, inputs: readonly Value[], shape: Shape, dtype: DType, attributes: Attributes = {}): Value {
    return (
      simplify(this, { op, inputs, attributes, shape, dtype }) ??
      this.#make(`${op} ${inputs.map((input) => input.id)} ${JSON.stringify(attributes)} ${shape} ${dtype}`, {
        op,
        inputs,
        attributes,
        shape,
        dtype,
      })
    );
  }

  reshape(x: Value, shape: Shape): Value {
    return this.op('Reshape', [x, this.integers(shape)], shape, x.dtype);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.op('Transpose', [x], perm.map((axis) => x.shape[axis]!), x.dtype, { perm });
  }

  /** `size` entries from `begin` on along each axis. Axes kept whole are not named, so that they may have any length. */
  slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
    const axes = [...begin.keys()].filter((axis) => size[axis] !== x.shape[axis]);
    if (axes.length === 0) return x;
    const starts = axes.map((axis) => begin[axis]!);
    const ends = axes.map((axis) => begin[axis]! + size[axis]!);
    return this.op('Slice', [x, this.integers(starts), this.integers(ends), this.integers(axes)], size, x.dtype);
  }

  #make(key: string, parts: Omit<Value, 'id'>): Value {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = { id: this.#next++, ...parts };
    this.#known.set(key, value);
    return value;
  }
}

/** Every value that the outputs need, producers first, in an order that depends on the graph alone. */
export function inOrder(outputs: readonly Value[]): Value[] {
  const seen = new Set(outputs);
  // A set is walked in the order of insertion, what is added on the way included: no recursion, however long the chain.
  for (const value of seen) for (const input of value.inputs) seen.add(input);
  return [...seen].sort((a, b) => a.id - b.id);
}
