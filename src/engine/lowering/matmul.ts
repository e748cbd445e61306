import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { broadcast } from '../shapes.js';
import type { Lowerings } from './lowering.js';
import { binary, unary } from './lowering.js';

/** Matrix products: two-dimensional ones as Gemm, batches as MatMul. */
export const matmul: Lowerings = {
  BatchMatMul: ({ graph, inputs: { a, b }, attrs }) => product(graph, a!, b!, !!attrs['transposeA'], !!attrs['transposeB']),
  _FusedMatMul: ({ graph, inputs: { a, b, bias, preluActivationWeights }, attrs }) => {
    const activation = (attrs['activation'] as string | undefined) ?? 'linear';
    const op = activations[activation];
    if (op === undefined || preluActivationWeights !== undefined) {
      throw new Error(`a fused matMul with activation "${activation}" cannot be recorded`);
    }
    let y = product(graph, a!, b!, !!attrs['transposeA'], !!attrs['transposeB']);
    if (bias !== undefined) y = binary(graph, 'Add', y, bias);
    return op === '' ? y : unary(graph, op, y);
  },
};

const activations: Readonly<Record<string, string>> = { linear: '', relu: 'Relu', elu: 'Elu', sigmoid: 'Sigmoid' };

function product(graph: Graph, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  if (a.shape.length === 2 && b.shape.length === 2) {
    return graph.op('Gemm', [a, b], [rows, columns], a.dtype, { transA: +transposeA, transB: +transposeB });
  }
  const left = transposeA ? lastTwoSwapped(graph, a) : a;
  const right = transposeB ? lastTwoSwapped(graph, b) : b;
  const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return graph.op('MatMul', [left, right], shape, a.dtype);
}

function lastTwoSwapped(graph: Graph, x: Value): Value {
  const axes = x.shape.map((_, i) => i);
  return graph.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}
