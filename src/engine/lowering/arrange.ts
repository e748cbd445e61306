import type { Value } from '../graph/value.js';
import { normaliseAxes } from '../shapes.js';
import type { Lowering, Lowerings } from './lowering.js';
import { cast, expand, scalarLike } from './lowering.js';

/** Operations that move, repeat or select entries without computing. */
export const arrangements: Lowerings = {
  Reshape: ({ graph, inputs: { x }, attrs }) => {
    const shape = attrs['shape'] as number[];
    const known = shape.reduce((product, d) => (d < 0 ? product : product * d), 1);
    const size = x!.shape.reduce((product, d) => product * d, 1);
    return graph.reshape(x!, shape.map((d) => (d < 0 ? size / known : d)));
  },
  ExpandDims: ({ graph, inputs: { input }, attrs }) => {
    const axis = normaliseAxes(attrs['dim'] as number, input!.shape.length + 1)[0]!;
    return graph.reshape(input!, input!.shape.toSpliced(axis, 0, 1));
  },
  Transpose: ({ graph, inputs: { x }, attrs }) => graph.transpose(x!, attrs['perm'] as number[]),
  Tile: ({ graph, inputs: { x }, attrs }) => {
    const reps = attrs['reps'] as number[];
    const shape = x!.shape.map((d, i) => d * reps[i]!);
    // Repeating axes of length one is broadcasting.
    if (x!.shape.every((d, i) => d === 1 || reps[i] === 1)) return expand(graph, x!, shape);
    return graph.op('Tile', [x!, graph.integers(reps)], shape, x!.dtype);
  },
  Slice: ({ graph, inputs: { x }, attrs }) => {
    const begin = Array.from(x!.shape, (_, i) => [attrs['begin'] as number | number[]].flat()[i] ?? 0);
    const size = x!.shape.map((d, i) => {
      const wanted = [attrs['size'] as number | number[]].flat()[i] ?? -1;
      return wanted < 0 ? d - begin[i]! : wanted;
    });
    return graph.slice(x!, begin, size);
  },
  SplitV: ({ graph, inputs: { x }, attrs }) => {
    const axis = normaliseAxes(attrs['axis'] as number, x!.shape.length)[0]!;
    const parts = attrs['numOrSizeSplits'] as number | number[];
    const total = x!.shape[axis]!;
    const sizes = typeof parts === 'number' ? Array<number>(parts).fill(total / parts) : parts;
    const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
    let at = 0;
    return sizes.map((wanted) => {
      const size = wanted < 0 ? total - known : wanted;
      const part = graph.slice(x!, x!.shape.map((_, i) => (i === axis ? at : 0)), x!.shape.with(axis, size));
      at += size;
      return part;
    });
  },
  Unpack: ({ graph, inputs: { value }, attrs }) => {
    const axis = normaliseAxes(attrs['axis'] as number, value!.shape.length)[0]!;
    const rest = value!.shape.toSpliced(axis, 1);
    return Array.from({ length: value!.shape[axis]! }, (_, at) => {
      const begin = value!.shape.map((__, i) => (i === axis ? at : 0));
      return graph.reshape(graph.slice(value!, begin, value!.shape.with(axis, 1)), rest);
    });
  },
  Concat: ({ graph, inputs, attrs }) => concat(graph, Object.values(inputs), attrs['axis'] as number),
  Pack: ({ graph, inputs, attrs }) => {
    const parts = Object.values(inputs);
    const axis = normaliseAxes(attrs['axis'] as number, parts[0]!.shape.length + 1)[0]!;
    return concat(graph, parts.map((x) => graph.reshape(x, x.shape.toSpliced(axis, 0, 1))), axis);
  },
  PadV2: ({ graph, inputs: { x }, attrs }) => {
    const pads = attrs['paddings'] as [number, number][];
    const shape = x!.shape.map((d, i) => d + pads[i]![0] + pads[i]![1]);
    const amounts = graph.integers([...pads.map(([before]) => before), ...pads.map(([, after]) => after)]);
    return graph.op('Pad', [x!, amounts, scalarLike(graph, x!, attrs['constantValue'] as number)], shape, x!.dtype);
  },
  Reverse: ({ graph, inputs: { x }, attrs }) => {
    const axes = normaliseAxes(attrs['dims'] as number[], x!.shape.length);
    if (axes.length === 0) return x!;
    const every = (value: number): Value => graph.integers(axes.map(() => value));
    const farBefore = -(2 ** 31);
    return graph.op('Slice', [x!, every(-1), every(farBefore), graph.integers(axes), every(-1)], x!.shape, x!.dtype);
  },
  GatherV2: ({ graph, inputs: { x, indices }, attrs }) => {
    const axis = normaliseAxes(attrs['axis'] as number, x!.shape.length)[0]!;
    if (attrs['batchDims']) throw new Error('a gather with batch dimensions cannot be recorded');
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return graph.op('Gather', [x!, indices!], shape, x!.dtype, { axis });
  },
  OneHot: ({ graph, inputs: { indices }, attrs }) => {
    const { depth, onValue, offValue } = attrs as { depth: number; onValue: number; offValue: number };
    const values = graph.constant(Float32Array.of(offValue, onValue), [2], 'float32');
    const numbers = graph.constant(Int32Array.of(depth), [], 'int32');
    const hot = graph.op('OneHot', [indices!, numbers, values], [...indices!.shape, depth], 'float32', { axis: -1 });
    const dtype = (attrs['dtype'] as string | undefined) ?? 'float32';
    return dtype === 'float32' ? hot : cast(graph, hot, 'int32');
  },
};

function concat(graph: Parameters<Lowering>[0]['graph'], parts: readonly Value[], along: number): Value {
  const first = parts[0]!;
  const axis = normaliseAxes(along, first.shape.length)[0]!;
  const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const filledParts = parts.filter((part) => part.shape[axis] !== 0);
  if (filledParts.length === 1) return filledParts[0]!;
  return graph.op('Concat', filledParts, first.shape.with(axis, length), first.dtype, { axis });
}
