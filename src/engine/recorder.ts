import type * as tfjs from '../vendor/tfjs.js';
import type { DType, Value } from './graph/value.js';
import { Graph } from './graph/graph.js';
import { lowerings } from './lowering/index.js';
import type { TensorFlow } from './tfjs.js';
import { onBackend } from './tfjs.js';

const backendName = 'jouleflow-recorder';

/** What a recording's build function is given: tensors that stand for graph inputs, and the value behind a tensor. */
export interface Recording {
  readonly graph: Graph;
  input(name: string, shape: readonly number[]): tfjs.Tensor;
  constant(data: Float32Array, shape: readonly number[]): tfjs.Tensor;
  valueOf(tensor: tfjs.Tensor): Value;
}

interface Recorder {
  run<T>(build: (recording: Recording) => T): T;
}

let recorder: Promise<Recorder> | undefined;

/**
 * Runs `build` once under a tfjs backend whose kernels append to a graph instead of computing. Operations on constants
 * alone are computed at once. Throws when build reads a value that depends on an input, uses a kernel that cannot be
 * recorded (the message names it), or draws unseeded random numbers, which would be frozen into the graph.
 */
export async function record<T>(tf: TensorFlow, build: (recording: Recording) => T): Promise<T> {
  recorder ??= createRecorder(tf);
  return (await recorder).run(build);
}

async function createRecorder(tf: TensorFlow): Promise<Recorder> {
  let graph = new Graph();
  let values = new WeakMap<object, Value>();

  const wrap = (value: Value): tfjs.TensorInfo => {
    const dataId = {};
    values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype as tfjs.DataType };
  };
  const constant = (data: ArrayLike<number>, shape: readonly number[], dtype: string): Value => {
    if (!(dtype in arrays)) throw new Error(`a ${dtype} tensor cannot be recorded`);
    return graph.constant(arrays[dtype as keyof typeof arrays].from(data), shape, dtype as DType);
  };

  class RecordingBackend extends tf.KernelBackend {
    override write(data: tfjs.backend_util.BackendValues, shape: number[], dtype: tfjs.DataType): object {
      return wrap(constant(data as Float32Array, shape, dtype)).dataId;
    }
    override readSync(dataId: object): tfjs.backend_util.BackendValues {
      const value = values.get(dataId);
      if (value?.data === undefined) {
        throw new Error('a program cannot read a value while it is recorded: keep it a tensor, or make it an output and read it after run()');
      }
      return value.data as Float32Array;
    }
    override async read(dataId: object): Promise<tfjs.backend_util.BackendValues> {
      return this.readSync(dataId);
    }
    override disposeData(): boolean {
      return true;
    }
    override refCount(): number {
      return 1;
    }
    override incRef(): void {
      // Values live as long as their graph.
    }
    override numDataIds(): number {
      return 0;
    }
    override memory(): { unreliable: boolean } {
      return { unreliable: true };
    }
    override floatPrecision(): 32 {
      return 32;
    }
    override epsilon(): number {
      return 1e-7;
    }
    override dispose(): void {
      // Nothing is held.
    }
  }

  /** An operation on constants alone, computed by tfjs's own CPU kernel. */
  const computeNow = (kernelName: string, inputs: tfjs.NamedTensorInfoMap, attrs: tfjs.NamedAttrMap): Value[] => {
    const backend = tf.findBackend('cpu') as tfjs.KernelBackend;
    const kernel = tf.getKernel(kernelName, 'cpu');
    const copy = (info: tfjs.TensorInfo | undefined): tfjs.TensorInfo | undefined =>
      info && { shape: info.shape, dtype: info.dtype, dataId: backend.write(values.get(info.dataId)!.data as Float32Array, info.shape, info.dtype) };
    const given = Array.isArray(inputs)
      ? inputs.map(copy)
      : Object.fromEntries(Object.entries(inputs).map(([name, info]) => [name, copy(info)]));
    const results = [kernel.kernelFunc({ inputs: given as tfjs.NamedTensorInfoMap, attrs, backend })].flat();
    const folded = results.map(({ dataId, shape, dtype }) => constant(backend.readSync(dataId) as Float32Array, shape, dtype));
    for (const info of [...Object.values(given), ...results]) if (info) backend.disposeData(info.dataId, true);
    return folded;
  };

  const runKernel = (kernelName: string, inputs: tfjs.NamedTensorInfoMap, attrs: tfjs.NamedAttrMap): tfjs.TensorInfo | tfjs.TensorInfo[] => {
    const named: Record<string, Value> = {};
    for (const [name, info] of Object.entries(inputs)) if (info) named[name] = values.get(info.dataId) ?? adopt(info);
    const lower = lowerings[kernelName];
    const onlyConstants = Object.values(named).every((value) => value.op === 'Constant');
    if (onlyConstants && kernelName !== 'Identity') {
      const folded = computeNow(kernelName, inputs, attrs).map(wrap);
      return folded.length === 1 && !severalOutputs.has(kernelName) ? folded[0]! : folded;
    }
    if (lower === undefined) {
      throw new Error(`the tfjs kernel "${kernelName}" cannot be recorded; known kernels: ${Object.keys(lowerings).sort().join(', ')}`);
    }
    const result = lower({ graph, inputs: named, attrs });
    return Array.isArray(result) ? result.map(wrap) : wrap(result);
  };

  /** A tensor made elsewhere becomes a constant. */
  const adopt = ({ dataId, shape, dtype }: tfjs.TensorInfo): Value => {
    const engine = tf.engine();
    const value = constant(engine.readSync(dataId) as Float32Array, shape, dtype);
    values.set(dataId, value);
    return value;
  };

  tf.registerBackend(backendName, () => new RecordingBackend());
  const kernelNames = new Set([...tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName), ...Object.keys(lowerings)]);
  for (const kernelName of kernelNames) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => runKernel(kernelName, inputs, attrs ?? {}),
    });
  }
  const previous = tf.getBackend();
  await tf.setBackend(backendName);
  await tf.setBackend(previous);

  const recording = (): Recording => ({
    graph,
    input: (name, shape) => tf.engine().makeTensorFromTensorInfo(wrap(graph.input(name, shape))),
    constant: (data, shape) => tf.engine().makeTensorFromTensorInfo(wrap(constant(data, shape, 'float32'))),
    valueOf: (tensor) => values.get(tensor.dataId) ?? adopt(tensor),
  });
  return {
    run: (build) =>
      onBackend(tf, backendName, () => {
        graph = new Graph();
        values = new WeakMap();
        tf.engine().startScope();
        try {
          return withoutRandomNumbers(() => build(recording()));
        } finally {
          tf.engine().endScope();
        }
      }),
  };
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
const severalOutputs = new Set(['SplitV', 'Unpack']);

/** tfjs seeds its random tensors from Math.random; in a recording such a tensor would be the same in every run. */
function withoutRandomNumbers<T>(work: () => T): T {
  /* eslint-disable no-restricted-properties */
  const { random } = Math;
  Math.random = () => {
    throw new Error('a program cannot draw random numbers while it is recorded: make the noise an input');
  };
  try {
    return work();
  } finally {
    Math.random = random;
    /* eslint-enable no-restricted-properties */
  }
}
