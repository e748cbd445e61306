import type { Value } from '../graph/value.js';
import { broadcast } from '../shapes.js';
import type { Lowering, Lowerings } from './lowering.js';
import { binary, cast, scalarLike, unary } from './lowering.js';

const onX = (op: string, dtype?: 'bool'): Lowering => ({ graph, inputs }) => unary(graph, op, inputs['x']!, dtype);
const onAB = (op: string, dtype?: 'bool'): Lowering => ({ graph, inputs }) => binary(graph, op, inputs['a']!, inputs['b']!, dtype);

const sameName = ['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor',
  'Log', 'Neg', 'Reciprocal', 'Relu', 'Round', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh'] as const;

const selu = { alpha: { float: 1.67326319217681884765625 }, gamma: { float: 1.05070102214813232421875 } };

/** Operations on each element by itself, or on each pair under broadcasting. */
export const elementwise: Lowerings = {
  ...Object.fromEntries(sameName.map((name) => [name, onX(name)])),
  IsNan: onX('IsNaN', 'bool'),
  IsInf: onX('IsInf', 'bool'),
  LogicalNot: onX('Not', 'bool'),
  Square: ({ graph, inputs: { x } }) => binary(graph, 'Mul', x!, x!),
  Rsqrt: ({ graph, inputs: { x } }) => unary(graph, 'Reciprocal', unary(graph, 'Sqrt', x!)),
  Expm1: ({ graph, inputs: { x } }) => binary(graph, 'Sub', unary(graph, 'Exp', x!), graph.scalar(1)),
  Log1p: ({ graph, inputs: { x } }) => unary(graph, 'Log', binary(graph, 'Add', x!, graph.scalar(1))),
  Selu: ({ graph, inputs: { x } }) => graph.op('Selu', [x!], x!.shape, 'float32', selu),
  LeakyRelu: ({ graph, inputs: { x }, attrs }) =>
    graph.op('LeakyRelu', [x!], x!.shape, 'float32', { alpha: { float: attrs['alpha'] as number } }),
  Relu6: ({ graph, inputs: { x } }) => graph.op('Clip', [x!, graph.scalar(0), graph.scalar(6)], x!.shape, 'float32'),
  ClipByValue: ({ graph, inputs: { x }, attrs }) => {
    const bounds = ['clipValueMin', 'clipValueMax'].map((name) => scalarLike(graph, x!, attrs[name] as number));
    return graph.op('Clip', [x!, ...bounds], x!.shape, x!.dtype);
  },
  // A hard sigmoid so steep that it is a step for every normal number: one node, three times faster than Sign or than
  // Greater and Cast. Of the Relu, which the forward pass has made already.
  Step: ({ graph, inputs: { x }, attrs }) => {
    const relu = unary(graph, 'Relu', x!);
    const step = graph.op('HardSigmoid', [relu], x!.shape, 'float32', { alpha: { float: 3e38 }, beta: { float: 0 } });
    const below = (attrs['alpha'] as number | undefined) ?? 0;
    if (below === 0) return step;
    return graph.op('Where', [cast(graph, step, 'bool'), graph.scalar(1), graph.scalar(below)], x!.shape, 'float32');
  },
  // d elu / dx from its output y: 1 above zero, y + 1 below.
  EluGrad: ({ graph, inputs: { dy, y } }) =>
    binary(graph, 'Mul', dy!, binary(graph, 'Add', binary(graph, 'Min', y!, graph.scalar(0)), graph.scalar(1))),
  Prelu: ({ graph, inputs: { x, alpha } }) => {
    const negative = binary(graph, 'Less', x!, graph.scalar(0), 'bool');
    return graph.op('Where', [negative, binary(graph, 'Mul', x!, alpha!), x!], x!.shape, 'float32');
  },

  Add: onAB('Add'),
  Sub: onAB('Sub'),
  Multiply: onAB('Mul'),
  RealDiv: onAB('Div'),
  Maximum: onAB('Max'),
  Minimum: onAB('Min'),
  Pow: onAB('Pow'),
  Equal: onAB('Equal', 'bool'),
  Greater: onAB('Greater', 'bool'),
  GreaterEqual: onAB('GreaterOrEqual', 'bool'),
  Less: onAB('Less', 'bool'),
  LessEqual: onAB('LessOrEqual', 'bool'),
  LogicalAnd: onAB('And', 'bool'),
  LogicalOr: onAB('Or', 'bool'),
  NotEqual: ({ graph, inputs: { a, b } }) => unary(graph, 'Not', binary(graph, 'Equal', a!, b!, 'bool')),
  SquaredDifference: ({ graph, inputs: { a, b } }) => {
    const difference = binary(graph, 'Sub', a!, b!);
    return binary(graph, 'Mul', difference, difference);
  },
  FloorDiv: ({ graph, inputs: { a, b } }) => {
    const quotient = binary(graph, 'Div', cast(graph, a!, 'float32'), cast(graph, b!, 'float32'));
    return cast(graph, unary(graph, 'Floor', quotient), a!.dtype);
  },
  AddN: ({ graph, inputs }) => Object.values(inputs).reduce((sum, x) => binary(graph, 'Add', sum, x)),
  Select: ({ graph, inputs: { condition, t, e } }) => {
    const shape = broadcast(broadcast(condition!.shape, t!.shape), e!.shape);
    return graph.op('Where', [cast(graph, condition!, 'bool'), t!, e!], shape, t!.dtype);
  },
  Cast: ({ graph, inputs: { x }, attrs }) => {
    const dtype = attrs['dtype'] as string;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(`a cast to ${dtype} cannot be recorded`);
    return cast(graph, x!, dtype);
  },
  Identity: ({ inputs: { x } }) => x!,
  ZerosLike: ({ graph, inputs: { x } }) => filled(graph, x!, 0),
  OnesLike: ({ graph, inputs: { x } }) => filled(graph, x!, 1),
};

function filled(graph: Parameters<Lowering>[0]['graph'], { shape, dtype }: Value, value: number): Value {
  const size = shape.reduce((product, d) => product * d, 1);
  const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
  return graph.constant(new arrays[dtype as keyof typeof arrays](size).fill(value), shape, dtype);
}
