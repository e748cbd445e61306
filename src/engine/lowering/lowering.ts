import type { Graph } from '../graph/graph.js';
import type { DType, Value } from '../graph/value.js';
import type { Shape } from '../shapes.js';
import { broadcast } from '../shapes.js';

/** A tfjs kernel's arguments while recording: named inputs as values, attributes as tfjs passes them. */
export interface Call {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Value>>;
  // Attribute names and types are each kernel's own; see tfjs-core's kernel_names.ts.
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** How one tfjs kernel is said in ONNX operators. */
export type Lowering = (call: Call) => Value | Value[];
export type Lowerings = Readonly<Record<string, Lowering>>;

/** An elementwise operation on two operands under broadcasting. */
export function binary(graph: Graph, op: string, a: Value, b: Value, dtype: DType = a.dtype): Value {
  return graph.op(op, [a, b], broadcast(a.shape, b.shape), dtype);
}

/** An elementwise operation on one operand. */
export function unary(graph: Graph, op: string, x: Value, dtype: DType = x.dtype): Value {
  return graph.op(op, [x], x.shape, dtype);
}

/** ONNX's numbers of element types, as Cast wants them. */
const castTo: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function cast(graph: Graph, x: Value, dtype: DType): Value {
  return graph.op('Cast', [x], x.shape, dtype, { to: castTo[dtype] });
}

export function expand(graph: Graph, x: Value, shape: Shape): Value {
  return graph.op('Expand', [x, graph.integers(shape)], shape, x.dtype);
}

/** A scalar of the same type as `like`. */
export function scalarLike(graph: Graph, like: Value, value: number): Value {
  return like.dtype === 'int32' ? graph.constant(Int32Array.of(value), [], 'int32') : graph.scalar(value);
}
