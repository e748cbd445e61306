import { Graph } from '../../../src/engine/graph/graph.js';
import { encodeModel } from '../../../src/engine/onnx/encode.js';
import type { WasmMeasurer } from './measure.js';
import { medianTimeMs } from './measure.js';
import type { Operator } from './operator.js';
import { outSize, paddingOf } from './operator.js';

/**
 * Median time in ms of the same operator on the same numbers in ONNX Runtime, one thread. The weights are a constant of
 * the model, which it may rearrange beforehand; images are in its own order [channel, y, x]. Throws if its result differs.
 */
export async function onnxruntimeTimeMs(operator: Operator, { input, weights, expected }: WasmMeasurer): Promise<number> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const graph = new Graph();
  const { model, data, shape, toOurs } = operator.convolution === undefined ? productModel() : convolutionModel();
  const session = await InferenceSession.create(model, { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const feeds = { x: new Tensor('float32', data, shape) };
    const result = (await session.run(feeds))['y']!.data as Float32Array;
    const typical = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length);
    for (let i = 0; i < result.length; i++) {
      if (!(Math.abs(result[i]! - expected[toOurs(i)]!) <= 1e-3 * typical)) {
        throw new Error(`ONNX Runtime computed ${result[i]} where ${expected[toOurs(i)]} was expected`);
      }
    }
    return await medianTimeMs(() => session.run(feeds));
  } finally {
    await session.release();
  }

  function productModel(): OnnxCase {
    const { rows, inner, columns } = operator.matmul!;
    const x = graph.input('x', [rows, inner]);
    const w = graph.constant(Float32Array.from(weights), [inner, columns], 'float32');
    const y = graph.op('MatMul', [x, w], [rows, columns], 'float32');
    return { model: encodeModel({ y }), data: Float32Array.from(input), shape: [rows, inner], toOurs: (i) => i };
  }

  function convolutionModel(): OnnxCase {
    const { size, inChannels: channels, outChannels, kernel, stride } = operator.convolution!;
    const padding = paddingOf(operator.convolution!);
    const out = outSize(operator.convolution!);
    const padded = size + 2 * padding;
    const image = new Float32Array(channels * size * size);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) image[(c * size + y) * size + x] = input[((y + padding) * padded + x + padding) * channels + c]!;
      }
    }
    const filters = new Float32Array(weights.length);
    for (let o = 0; o < outChannels; o++) {
      for (let c = 0; c < channels; c++) {
        for (let k = 0; k < kernel * kernel; k++) filters[(o * channels + c) * kernel * kernel + k] = weights[(k * channels + c) * outChannels + o]!;
      }
    }
    const shape = [1, channels, size, size];
    const w = graph.constant(filters, [outChannels, channels, kernel, kernel], 'float32');
    const y = graph.op('Conv', [graph.input('x', shape), w], [1, outChannels, out, out], 'float32', {
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    });
    const toOurs = (i: number): number => (i % (out * out)) * outChannels + Math.floor(i / (out * out));
    return { model: encodeModel({ y }), data: image, shape, toOurs };
  }
}

interface OnnxCase {
  readonly model: Uint8Array;
  readonly data: Float32Array;
  readonly shape: number[];
  /** Position in our output of a position in ONNX Runtime's. */
  toOurs(i: number): number;
}
