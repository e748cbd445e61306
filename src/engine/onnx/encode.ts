import { inOrder } from '../graph/graph.js';
import type { Attributes, DType, Value } from '../graph/value.js';
import type { Shape } from '../shapes.js';
import { ProtobufWriter } from './protobuf.js';

/** Field numbers below are those of onnx.proto3 (github.com/onnx/onnx), IR version 9, operator set 18. */
const irVersion = 9;
const operatorSet = 18;
const elementType: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const attributeType = { float: 1, int: 2, ints: 7 } as const;

export interface EncodeOptions {
  /** Name of the first dimension of every input and output, left open in the file; fixed when omitted. */
  readonly openFirstDimension?: string;
  /** Pairs stored as the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An ONNX file of the graph behind `outputs`. Inputs are the graph's own; the bytes depend on the arguments alone. */
export function encodeModel(outputs: Readonly<Record<string, Value>>, options: EncodeOptions = {}): Uint8Array {
  const values = inOrder(Object.values(outputs));
  const names = new Map<Value, string>();
  values.forEach((value, i) => names.set(value, value.name ?? `v${i}`));
  // An operation's value carries its output's name; anything else that is an output is copied to that name.
  const copies: [string, Value][] = [];
  const named = new Set<Value>();
  for (const [name, value] of Object.entries(outputs)) {
    if (value.op === 'Input' || value.op === 'Constant' || named.has(value)) copies.push([name, value]);
    else names.set(value, name);
    named.add(value);
  }
  const model = new ProtobufWriter().integer(1, irVersion).string(2, 'jouleflow');
  model.message(7, (graph) => {
    for (const value of values) {
      if (value.op !== 'Input' && value.op !== 'Constant') {
        writeNode(graph, value.op, value.inputs.map((input) => names.get(input)!), names.get(value)!, value.attributes);
      }
    }
    for (const [name, value] of copies) writeNode(graph, 'Identity', [names.get(value)!], name, {});
    graph.string(2, 'program');
    for (const value of values) if (value.op === 'Constant') writeConstant(graph, value, names.get(value)!);
    for (const value of values) if (value.op === 'Input') writeSignature(graph, 11, value, value.name!, options);
    for (const [name, value] of Object.entries(outputs)) writeSignature(graph, 12, value, name, options);
  });
  model.message(8, (set) => set.integer(2, operatorSet));
  for (const [key, value] of Object.entries(options.metadata ?? {})) {
    model.message(14, (pair) => pair.string(1, key).string(2, value));
  }
  return model.finish();
}

function writeNode(graph: ProtobufWriter, op: string, inputs: readonly string[], output: string, attributes: Attributes): void {
  graph.message(1, (node) => {
    for (const input of inputs) node.string(1, input);
    node.string(2, output).string(3, output).string(4, op);
    for (const [name, value] of Object.entries(attributes)) {
      node.message(5, (attribute) => {
        attribute.string(1, name);
        if (typeof value === 'number') attribute.integer(3, value).integer(20, attributeType.int);
        else if ('float' in value) attribute.float(2, value.float).integer(20, attributeType.float);
        else {
          for (const item of value) attribute.integer(8, item);
          attribute.integer(20, attributeType.ints);
        }
      });
    }
  });
}

function writeConstant(graph: ProtobufWriter, { data, dtype, shape }: Value, name: string): void {
  graph.message(5, (tensor) => {
    for (const dimension of shape) tensor.integer(1, dimension);
    tensor.integer(2, elementType[dtype]).string(8, name);
    tensor.bytes(9, new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength));
  });
}

function writeSignature(graph: ProtobufWriter, field: number, { dtype, shape }: Value, name: string, options: EncodeOptions): void {
  graph.message(field, (info) =>
    info.string(1, name).message(2, (type) =>
      type.message(1, (tensor) => {
        tensor.integer(1, elementType[dtype]);
        tensor.message(2, (dimensions) => writeDimensions(dimensions, shape, options));
      }),
    ),
  );
}

function writeDimensions(writer: ProtobufWriter, shape: Shape, { openFirstDimension }: EncodeOptions): void {
  shape.forEach((size, axis) =>
    writer.message(1, (dimension) => {
      if (axis === 0 && openFirstDimension !== undefined) dimension.string(2, openFirstDimension);
      else dimension.integer(1, size);
    }),
  );
}
