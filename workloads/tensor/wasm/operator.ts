import { InputError, suggest } from '../../../src/io/errors.js';

/** The three arrays of an operator: input, weights, output. */
export type Operand = 'input' | 'weights' | 'output';

/**
 * One loop of an operator's plain nest, with how far each array moves per iteration, in values. `rows`, `columns` and
 * `inner` are tiled; the others are run through whole.
 */
export interface Axis {
  readonly role: 'plane' | 'rows' | 'columns' | 'windowY' | 'windowX' | 'inner';
  readonly extent: number;
  readonly stride: Readonly<Record<Operand, number>>;
}

/**
 * A contraction: output[plane, rows, columns] = sum over windowY, windowX and inner of input x weights. Matrix product and
 * convolution are both of this form.
 */
export interface Operator {
  /** Says the operator and its shape; part of the space's name. */
  readonly name: string;
  readonly axes: readonly Axis[];
  /** Values in each array. */
  readonly sizes: Readonly<Record<Operand, number>>;
  /** Multiplications and additions. */
  readonly flop: number;
  /** For a convolution: what ONNX wants to know of it. */
  readonly convolution?: Convolution;
  readonly matmul?: { readonly rows: number; readonly inner: number; readonly columns: number };
}

/** Batch 1; square image of `size`, zero-padded so that a stride of 1 keeps it. */
export interface Convolution {
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** The convolution layers of ResNet-18 (He et al. 2016), numbered as by Chen et al. 2018, table 1. */
export const resnet18: Readonly<Record<string, Convolution>> = Object.fromEntries(
  (
    [
      [224, 3, 64, 7, 2],
      [56, 64, 64, 3, 1],
      [56, 64, 64, 1, 1],
      [56, 64, 128, 3, 2],
      [56, 64, 128, 1, 2],
      [28, 128, 128, 3, 1],
      [28, 128, 256, 3, 2],
      [28, 128, 256, 1, 2],
      [14, 256, 256, 3, 1],
      [14, 256, 512, 3, 2],
      [14, 256, 512, 1, 2],
      [7, 512, 512, 3, 1],
    ] as const
  ).map(([size, inChannels, outChannels, kernel, stride], i) => [`C${i + 1}`, { size, inChannels, outChannels, kernel, stride }]),
);

const largestArray = 2 ** 26;
const largestFlop = 1e11;

/** Output [rows, columns] = input [rows, inner] x weights [inner, columns], all row by row. */
export function matmul(rows: number, inner: number, columns: number): Operator {
  return checked({
    name: `matmul ${rows}x${inner}x${columns}`,
    axes: [
      { role: 'rows', extent: rows, stride: { input: inner, weights: 0, output: columns } },
      { role: 'columns', extent: columns, stride: { input: 0, weights: 1, output: 1 } },
      { role: 'inner', extent: inner, stride: { input: 1, weights: columns, output: 0 } },
    ],
    sizes: { input: rows * inner, weights: inner * columns, output: rows * columns },
    flop: 2 * rows * inner * columns,
    matmul: { rows, inner, columns },
  });
}

/** Images are [y, x, channel] and already padded; weights are [windowY, windowX, in, out]. */
export function conv2d(layer: Convolution): Operator {
  const { size, inChannels, outChannels, kernel, stride } = layer;
  const padded = size + 2 * paddingOf(layer);
  const out = outSize(layer);
  return checked({
    name: `conv2d ${size}x${size}x${inChannels}-${outChannels}-k${kernel}-s${stride}`,
    axes: [
      { role: 'plane', extent: out, stride: { input: stride * padded * inChannels, weights: 0, output: out * outChannels } },
      { role: 'rows', extent: out, stride: { input: stride * inChannels, weights: 0, output: outChannels } },
      { role: 'columns', extent: outChannels, stride: { input: 0, weights: 1, output: 1 } },
      { role: 'windowY', extent: kernel, stride: { input: padded * inChannels, weights: kernel * inChannels * outChannels, output: 0 } },
      { role: 'windowX', extent: kernel, stride: { input: inChannels, weights: inChannels * outChannels, output: 0 } },
      { role: 'inner', extent: inChannels, stride: { input: 1, weights: outChannels, output: 0 } },
    ],
    sizes: { input: padded * padded * inChannels, weights: kernel * kernel * inChannels * outChannels, output: out * out * outChannels },
    flop: 2 * out * out * outChannels * kernel * kernel * inChannels,
    convolution: layer,
  });
}

export const paddingOf = ({ kernel }: Convolution): number => (kernel - 1) >> 1;
export const outSize = (layer: Convolution): number => Math.floor((layer.size + 2 * paddingOf(layer) - layer.kernel) / layer.stride) + 1;

/**
 * The operator of `--op`, `--shape` or `--layer`, as `matmul` with `128x256x256` (rows, inner, columns), or `conv2d` with
 * `C1` to `C12` or `56x64x128-k3-s2` (size, channels in and out, kernel, stride). Throws InputError for anything else.
 */
export function parseOperator(op: string, shape: string | undefined, layer: string | undefined): Operator {
  if (op === 'matmul') {
    const parts = /^(\d+)x(\d+)x(\d+)$/.exec(shape ?? '');
    if (parts === null) throw new InputError(`--shape is ${shape ?? 'missing'}; expected ROWSxINNERxCOLUMNS of the matrix product, such as 128x256x256.`);
    return matmul(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  }
  if (op !== 'conv2d') throw new InputError(`--op is "${op}"; expected matmul or conv2d.`);
  if (layer !== undefined) {
    const known = resnet18[layer.toUpperCase()];
    if (known === undefined) throw new InputError(`--layer: no layer "${layer}".${suggest(layer, Object.keys(resnet18))}`);
    return conv2d(known);
  }
  const parts = /^(\d+)x(\d+)x(\d+)-k(\d+)-s(\d+)$/.exec(shape ?? '');
  if (parts === null) {
    throw new InputError(`--shape is ${shape ?? 'missing'}; expected a --layer from C1 to C12, or SIZExINxOUT-kKERNEL-sSTRIDE such as 56x64x128-k3-s2.`);
  }
  const [size, inChannels, outChannels, kernel, stride] = parts.slice(1).map(Number) as [number, number, number, number, number];
  return conv2d({ size, inChannels, outChannels, kernel, stride });
}

/** The operator whose name this is; undefined for the name of anything else. */
export function operatorNamed(name: string): Operator | undefined {
  const product = /^matmul (\d+)x(\d+)x(\d+)$/.exec(name);
  if (product !== null) return matmul(Number(product[1]), Number(product[2]), Number(product[3]));
  const layer = /^conv2d (\d+)x\d+x(\d+)-(\d+)-k(\d+)-s(\d+)$/.exec(name);
  if (layer === null) return undefined;
  const [size, inChannels, outChannels, kernel, stride] = layer.slice(1).map(Number) as [number, number, number, number, number];
  return conv2d({ size, inChannels, outChannels, kernel, stride });
}

function checked(operator: Operator): Operator {
  const { name, axes, sizes, flop } = operator;
  const bad = axes.find(({ extent }) => extent < 1) ?? axes.find(({ stride }) => Object.values(stride).some((step) => !Number.isInteger(step) || step < 0));
  if (bad !== undefined) throw new InputError(`${name}: its ${bad.role} span ${bad.extent}; expected at least 1 in every dimension.`);
  if (flop > largestFlop || Math.max(...Object.values(sizes)) > largestArray) {
    throw new InputError(`${name} is too large to measure here; expected at most ${largestFlop} operations and ${largestArray} values an array.`);
  }
  return operator;
}

/** Computes the operator by its plain loops, in doubles. */
export function plainLoops(operator: Operator, input: Float32Array, weights: Float32Array): Float32Array {
  const axis = (role: Axis['role']): Axis => operator.axes.find((each) => each.role === role) ?? { role, extent: 1, stride: { input: 0, weights: 0, output: 0 } };
  const [plane, rows, columns] = [axis('plane'), axis('rows'), axis('columns')];
  const [windowY, windowX, inner] = [axis('windowY'), axis('windowX'), axis('inner')];
  const output = new Float32Array(operator.sizes.output);
  const sums = new Float64Array(columns.extent);
  for (let p = 0; p < plane.extent; p++) {
    for (let r = 0; r < rows.extent; r++) {
      sums.fill(0);
      for (let y = 0; y < windowY.extent; y++) {
        for (let x = 0; x < windowX.extent; x++) {
          let a = p * plane.stride.input + r * rows.stride.input + y * windowY.stride.input + x * windowX.stride.input;
          let b = y * windowY.stride.weights + x * windowX.stride.weights;
          for (let k = 0; k < inner.extent; k++, a += inner.stride.input, b += inner.stride.weights) {
            const value = input[a]!;
            for (let n = 0; n < columns.extent; n++) sums[n]! += value * weights[b + n]!;
          }
        }
      }
      output.set(sums, p * plane.stride.output + r * rows.stride.output);
    }
  }
  return output;
}
