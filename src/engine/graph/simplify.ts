import type { Shape } from '../shapes.js';
import { sameShape } from '../shapes.js';
import type { Graph } from './graph.js';
import type { Value } from './value.js';
import { uniformValue } from './value.js';

/** An operation about to be made. */
type Draft = Omit<Value, 'id'>;
type Rule = (graph: Graph, draft: Draft) => Value | undefined;

/** A simpler value equal to the draft (up to float rounding), or undefined to make it as it is. */
export function simplify(graph: Graph, draft: Draft): Value | undefined {
  for (const rule of rules[draft.op] ?? []) {
    const simpler = rule(graph, draft);
    if (simpler !== undefined) return simpler;
  }
  return undefined;
}

/** An elementwise operand that only broadcasts may be given unbroadcast, if another operand has the full shape. */
const narrowOperands: Rule = (graph, { op, inputs, attributes, shape, dtype }) => {
  const narrowed = inputs.map((input, i) => {
    if (input.shape.length === 0 || !inputs.some((other, j) => j !== i && sameShape(other.shape, shape))) return input;
    if (input.op === 'Expand') return input.inputs[0]!;
    if (input.dtype !== 'float32' || uniformValue(input) === undefined) return input;
    return graph.scalar(uniformValue(input)!);
  });
  // One at a time, so that the full shape is never narrowed away on both sides.
  const at = narrowed.findIndex((input, i) => input !== inputs[i]);
  if (at < 0) return undefined;
  return graph.op(op, inputs.with(at, narrowed[at]!), shape, dtype, attributes);
};

/** x + 0, 0 + x. */
const addZero: Rule = (graph, { inputs, shape, dtype }) => {
  const zero = inputs.findIndex((input) => uniformValue(input) === 0);
  return zero < 0 ? undefined : expand(graph, inputs[1 - zero]!, shape, dtype);
};

/** x - 0, x / 1. */
const neutralRight =
  (neutral: number): Rule =>
  (graph, { inputs, shape, dtype }) =>
    uniformValue(inputs[1]!) === neutral ? expand(graph, inputs[0]!, shape, dtype) : undefined;

/** x / c = x (1 / c), which then merges with other factors. */
const divideByConstant: Rule = (graph, { inputs, shape, dtype }) => {
  const divisor = uniformValue(inputs[1]!);
  if (divisor === undefined || divisor === 0 || dtype !== 'float32' || inputs[1]!.shape.length > 0) return undefined;
  return graph.op('Mul', [inputs[0]!, graph.scalar(1 / divisor)], shape, dtype);
};

/** 1 x; c (d x) = (c d) x; c (-x) = (-c) x. Constants come second. */
const mergeFactors: Rule = (graph, { inputs, shape, dtype }) => {
  const [a, b] = inputs as [Value, Value];
  if (a.op === 'Constant' && b.op !== 'Constant') return graph.op('Mul', [b, a], shape, dtype);
  const factor = uniformValue(b);
  if (factor === undefined) return undefined;
  if (factor === 1) return expand(graph, a, shape, dtype);
  if (dtype !== 'float32' || b.shape.length > 0) return undefined;
  if (a.op === 'Neg') return graph.op('Mul', [a.inputs[0]!, graph.scalar(-factor)], shape, dtype);
  const inner = a.op === 'Mul' && a.inputs[1]!.shape.length === 0 ? uniformValue(a.inputs[1]!) : undefined;
  if (inner === undefined) return undefined;
  return graph.op('Mul', [a.inputs[0]!, graph.scalar(factor * inner)], shape, dtype);
};

/** x w + b is one Gemm. */
const biasIntoGemm: Rule = (graph, { inputs, shape, dtype }) => {
  const at = inputs.findIndex((input) => input.op === 'Gemm' && input.inputs.length === 2 && sameShape(input.shape, shape));
  if (at < 0) return undefined;
  const bias = inputs[1 - at]!;
  const columns = shape[1]!;
  if (bias.shape.at(-1) !== columns || bias.shape.slice(0, -1).some((d) => d !== 1) || bias.shape.length > 2) return undefined;
  return graph.op('Gemm', [...inputs[at]!.inputs, bias], shape, dtype, inputs[at]!.attributes);
};

/** Gemm reads a transposed matrix as it lies. */
const transposeIntoGemm: Rule = (graph, { inputs, attributes, shape, dtype }) => {
  const at = inputs.findIndex((input, i) => i < 2 && input.op === 'Transpose');
  if (at < 0) return undefined;
  const name = at === 0 ? 'transA' : 'transB';
  const flipped = { ...attributes, [name]: 1 - (attributes[name] as number) };
  return graph.op('Gemm', inputs.with(at, inputs[at]!.inputs[0]!), shape, dtype, flipped);
};

const reshapeRules: Rule = (graph, { inputs, shape }) => {
  const x = inputs[0]!;
  if (sameShape(x.shape, shape)) return x;
  if (x.op === 'Reshape') return graph.reshape(x.inputs[0]!, shape);
  return x.op === 'Constant' ? graph.constant(x.data!, shape, x.dtype) : undefined;
};

const transposeRules: Rule = (graph, { inputs, attributes }) => {
  const x = inputs[0]!;
  const perm = attributes['perm'] as readonly number[];
  if (perm.every((axis, i) => axis === i)) return x;
  if (x.op !== 'Transpose') return undefined;
  const inner = x.attributes['perm'] as readonly number[];
  return graph.transpose(x.inputs[0]!, perm.map((axis) => inner[axis]!));
};

const sameType: Rule = (_, { inputs, dtype }) => (inputs[0]!.dtype === dtype ? inputs[0]! : undefined);

const sameSize: Rule = (_, { inputs, shape }) => (sameShape(inputs[0]!.shape, shape) ? inputs[0]! : undefined);

/** Some columns (or rows) of a product need only those of one factor, as in the action's part of a critic's gradient. */
const sliceOfGemm: Rule = (graph, { inputs, shape, dtype }) => {
  const x = inputs[0]!;
  if (x.op !== 'Gemm' || x.inputs.length !== 2 || x.shape.length !== 2) return undefined;
  const begin = sliceBegin(inputs);
  const axis = x.shape[0] === shape[0] ? 1 : 0;
  if (x.shape[1 - axis] !== shape[1 - axis]) return undefined;
  const transposed = x.attributes[axis === 0 ? 'transA' : 'transB'] === 1;
  const factor = x.inputs[axis]!;
  const along = transposed ? 1 - axis : axis;
  const part = graph.slice(
    factor,
    factor.shape.map((_, i) => (i === along ? begin[axis]! : 0)),
    factor.shape.map((d, i) => (i === along ? shape[axis]! : d)),
  );
  return graph.op('Gemm', x.inputs.with(axis, part), shape, dtype, x.attributes);
};

/** A slice that is exactly one part of a concatenation. */
const sliceOfConcat: Rule = (_, { inputs, shape }) => {
  const x = inputs[0]!;
  if (x.op !== 'Concat') return undefined;
  const axis = x.attributes['axis'] as number;
  const begin = sliceBegin(inputs);
  if (begin.some((from, i) => i !== axis && (from !== 0 || shape[i] !== x.shape[i]))) return undefined;
  let at = 0;
  for (const part of x.inputs) {
    if (at === begin[axis] && part.shape[axis] === shape[axis]) return part;
    at += part.shape[axis]!;
  }
  return undefined;
};

/** Where a slice begins along every axis of what it slices; it names only the axes that it cuts. */
function sliceBegin([x, starts, , axes]: readonly Value[]): number[] {
  const begin = x!.shape.map(() => 0);
  Array.from(axes!.data!, Number).forEach((axis, i) => (begin[axis] = Number(starts!.data![i])));
  return begin;
}

/** A slice with steps (five inputs) is a reversal: no other slice rule holds for it. */
function forwardOnly(rule: Rule): Rule {
  return (graph, draft) => (draft.inputs.length === 4 ? rule(graph, draft) : undefined);
}

/** Reducing axes of length one is a reshape. */
const reduceNothing: Rule = (graph, { inputs, shape }) => {
  const [x, axes] = inputs as [Value, Value];
  return Array.from(axes.data!, Number).every((axis) => x.shape[axis] === 1) ? graph.reshape(x, shape) : undefined;
};

/** The sum of a matrix's rows, as of a bias gradient, is a product with ones: four times faster than ReduceSum. */
const sumOfRows: Rule = (graph, { inputs, shape, dtype }) => {
  const [x, axes] = inputs as [Value, Value];
  if (dtype !== 'float32' || x.shape.length !== 2 || axes.data!.length !== 1 || Number(axes.data![0]) !== 0) return undefined;
  const ones = graph.constant(new Float32Array(x.shape[0]!).fill(1), [x.shape[0]!], dtype);
  const sum = graph.op('MatMul', [ones, x], [x.shape[1]!], dtype);
  return graph.reshape(sum, shape);
};

const rules: Readonly<Record<string, readonly Rule[]>> = {
  Add: [narrowOperands, addZero, biasIntoGemm],
  Sub: [narrowOperands, neutralRight(0)],
  Mul: [narrowOperands, mergeFactors],
  Div: [narrowOperands, neutralRight(1), divideByConstant],
  Max: [narrowOperands],
  Min: [narrowOperands],
  Gemm: [transposeIntoGemm],
  Reshape: [reshapeRules],
  Transpose: [transposeRules],
  Cast: [sameType],
  Expand: [sameSize],
  Slice: [forwardOnly(sameSize), forwardOnly(sliceOfConcat), forwardOnly(sliceOfGemm)],
  ReduceSum: [reduceNothing, sumOfRows],
  ReduceMean: [reduceNothing],
  ReduceMax: [reduceNothing],
  ReduceMin: [reduceNothing],
};

/** `x` spread over a larger shape, or `x` itself. */
function expand(graph: Graph, x: Value, shape: Shape, dtype: Value['dtype']): Value {
  return graph.op('Expand', [x, graph.integers(shape)], shape, dtype);
}
