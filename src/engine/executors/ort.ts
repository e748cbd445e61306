import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Executor } from '../compile.js';
import { inOrder } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { encodeModel } from '../onnx/encode.js';
import type { Program } from '../program.js';
import { parameterInput, recordProgram } from '../record-program.js';
import type { Shape } from '../shapes.js';
import { sizeOf } from '../shapes.js';
import { allocateGradients } from './gradients.js';

/** Records a program and runs it in ONNX Runtime, reading and writing the caller's arrays in place. */
export async function ortExecutor(program: Program<string, string>, threads: number): Promise<Executor> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const recorded = await recordProgram(program);
  const results: Record<string, Value> = {};
  for (const [name, value] of Object.entries(recorded.outputs)) results[outputName(name)] = value;
  for (const [group, values] of Object.entries(recorded.gradients)) {
    for (const [name, value] of Object.entries(values)) results[gradientName(group, name)] = value;
  }
  const session = await InferenceSession.create(encodeModel(results), sessionOptions(threads));

  const wrap = (data: Float32Array, shape: Shape): Tensor => new Tensor('float32', data, shape);
  const arraysOf = (shapes: Record<string, Shape>): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]));
  const inputs = arraysOf(program.inputs);
  const outputs = Object.fromEntries(Object.entries(recorded.outputs).map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]));
  const gradients = allocateGradients(program.parameters, recorded.gradients as never);

  const used = new Set(inOrder(Object.values(results)).flatMap(({ name }) => name ?? []));
  const feeds: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(program.inputs)) if (used.has(name)) feeds[name] = wrap(inputs[name]!, shape);
  const fetches: Record<string, Tensor> = {};
  for (const [name, { shape }] of Object.entries(recorded.outputs)) fetches[outputName(name)] = wrap(outputs[name]!, shape);
  for (const [group, block] of Object.entries(program.parameters)) {
    for (const { name, shape, offset, size } of block.layout) {
      const input = parameterInput(group, name);
      if (used.has(input)) feeds[input] = wrap(block.view(name), shape);
      const gradient = gradients[group]?.subarray(offset, offset + size);
      if (gradient !== undefined) fetches[gradientName(group, name)] = wrap(gradient, shape);
    }
  }
  return {
    inputs,
    outputs,
    gradients,
    run: async () => void (await session.run(feeds, fetches)),
    dispose: async () => {
      await session.release();
      for (const [group, array] of Object.entries(gradients)) program.parameters[group]!.memory.release(array);
    },
  };
}

export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  };
}

const outputName = (name: string): string => `output:${name}`;
const gradientName = (group: string, name: string): string => `gradient:${group}:${name}`;
