import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { normaliseAxes } from '../shapes.js';
import type { Lowering, Lowerings } from './lowering.js';
import { cast } from './lowering.js';

type Axes = number | readonly number[] | null | undefined;

const reduction =
  (op: string): Lowering =>
  ({ graph, inputs: { x }, attrs }) =>
    reduce(graph, op, x!, attrs['axis'] as Axes, !!attrs['keepDims']);

/** True where any (all) entries are: the largest (smallest) of the same as numbers. */
const logical =
  (op: string): Lowering =>
  ({ graph, inputs: { x }, attrs }) =>
    cast(graph, reduce(graph, op, cast(graph, x!, 'int32'), attrs['axis'] as Axes, !!attrs['keepDims']), 'bool');

const argument =
  (op: string): Lowering =>
  ({ graph, inputs: { x }, attrs }) => {
    const axis = normaliseAxes(attrs['axis'] as Axes, x!.shape.length)[0]!;
    const shape = x!.shape.filter((_, i) => i !== axis);
    return cast(graph, graph.op(op, [x!], shape, 'int64', { axis, keepdims: 0 }), 'int32');
  };

/** Sums, means and other folds along axes. */
export const reductions: Lowerings = {
  Sum: reduction('ReduceSum'),
  Mean: ({ graph, inputs: { x }, attrs }) =>
    reduce(graph, 'ReduceMean', cast(graph, x!, 'float32'), attrs['axis'] as Axes, !!attrs['keepDims']),
  Max: ({ graph, inputs: { x }, attrs }) =>
    reduce(graph, 'ReduceMax', x!, (attrs['reductionIndices'] ?? attrs['axis']) as Axes, !!attrs['keepDims']),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Any: logical('ReduceMax'),
  All: logical('ReduceMin'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Softmax: ({ graph, inputs: { logits }, attrs }) =>
    graph.op('Softmax', [logits!], logits!.shape, 'float32', { axis: attrs['dim'] as number }),
  Cumsum: ({ graph, inputs: { x }, attrs }) => {
    const axis = graph.constant(Int32Array.of(attrs['axis'] as number), [], 'int32');
    const flags = { exclusive: attrs['exclusive'] ? 1 : 0, reverse: attrs['reverse'] ? 1 : 0 };
    return graph.op('CumSum', [x!, axis], x!.shape, x!.dtype, flags);
  },
};

function reduce(graph: Graph, op: string, x: Value, axis: Axes, keepDims: boolean): Value {
  const axes = normaliseAxes(axis, x.shape.length);
  if (axes.length === 0) return x;
  const shape = keepDims
    ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : x.shape.filter((_, i) => !axes.includes(i));
  return graph.op(op, [x, graph.integers(axes)], shape, x.dtype, { keepdims: +keepDims });
}
