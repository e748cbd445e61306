import type * as tfjs from '../vendor/tfjs.js';
import type { InferenceSession } from 'onnxruntime-node';
import { sessionOptions } from './executors/ort.js';
import { encodeModel } from './onnx/encode.js';
import { sealed } from './onnx/seal.js';
import type { ParameterBlock } from './parameters.js';
import { record } from './recorder.js';
import type { NamedTensors } from './tfjs.js';
import { loadTensorFlow } from './tfjs.js';

export interface PolicySpec {
  readonly observationSize: number;
  /** Blocks whose parameters the policy reads, stored in the file; names must differ across blocks. */
  readonly parameters: readonly ParameterBlock[];
  /** Deterministic actions [batch, n] of normalised observations [batch, observationSize], e.g. an actor's `apply`. */
  policy(params: NamedTensors, observations: tfjs.Tensor2D): tfjs.Tensor;
  /** Observations become clip((observation - mean) / std, -clip, clip); as they are when omitted. */
  readonly normalisation?: { readonly mean: ArrayLike<number>; readonly std: ArrayLike<number>; readonly clip: number };
  /** Actions become low + (action + 1) / 2 (high - low), from [-1, 1]; as they are when omitted. */
  readonly actionRange?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
  /** Stored as the model's metadata, e.g. observation names and a version. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A policy as an ONNX file with input `observation` [batch, observationSize] and output `action`, everything between
 * raw observation and scaled action inside, and a checksum of the whole. The bytes depend on the arguments alone. Throws when the policy mixes rows
 * of the batch or fixes its size.
 */
export async function exportPolicy(spec: PolicySpec): Promise<Uint8Array> {
  // What is recorded for two rows and for three is the same graph exactly if it does not know the number of rows.
  const [two, three] = [await exportFor(spec, 2), await exportFor(spec, 3)];
  if (Buffer.compare(two, three) !== 0) throw new Error('a policy must treat each row of a batch by itself, whatever their number');
  return sealed(two);
}

async function exportFor(spec: PolicySpec, rows: number): Promise<Uint8Array> {
  const tf = await loadTensorFlow();
  return record(tf, ({ input, constant, valueOf }) => {
    const row = (values: ArrayLike<number>): tfjs.Tensor => constant(Float32Array.from(values), [1, values.length]);
    const params: NamedTensors = {};
    for (const block of spec.parameters) {
      for (const { name, shape } of block.layout) {
        if (name in params) throw new Error(`two parameters are named "${name}"`);
        params[name] = constant(block.view(name), shape);
      }
    }
    let observations = input('observation', [rows, spec.observationSize]);
    if (spec.normalisation !== undefined) {
      const { mean, std, clip } = spec.normalisation;
      observations = observations.sub(row(mean)).div(row(std)).clipByValue(-clip, clip);
    }
    let action = spec.policy(params, observations as tfjs.Tensor2D);
    if (spec.actionRange !== undefined) {
      const low = Float32Array.from(spec.actionRange.low);
      const halfWidth = Float32Array.from(spec.actionRange.high, (high, i) => (high - low[i]!) / 2);
      action = action.add(1).mul(row(halfWidth)).add(row(low));
    }
    return encodeModel({ action: valueOf(action) }, { openFirstDimension: 'batch', metadata: spec.metadata ?? {} });
  });
}

/** An input or output of a model. A dimension that is open is a name, or nothing. */
export interface ModelValue {
  readonly name: string;
  /** Such as float32; null of what is no tensor. */
  readonly type: string | null;
  readonly shape: readonly (number | string)[];
}

export interface LoadedPolicy {
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  /** Actions of `observations`, rows one behind the other. */
  run(observations: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Opens an exported policy (bytes or a file's path) in ONNX Runtime. */
export async function loadPolicy(file: Uint8Array | string): Promise<LoadedPolicy> {
  const { InferenceSession: Session, Tensor } = await import('onnxruntime-node');
  const options = sessionOptions(1);
  const session: InferenceSession = await (typeof file === 'string' ? Session.create(file, options) : Session.create(file, options));
  const values = (metadata: InferenceSession['inputMetadata']): ModelValue[] =>
    metadata.map((value) => (value.isTensor ? { name: value.name, type: value.type, shape: value.shape } : { name: value.name, type: null, shape: [] }));
  const inputs = values(session.inputMetadata);
  const size = Number(inputs[0]?.shape[1]);
  return {
    inputs,
    outputs: values(session.outputMetadata),
    run: async (observations) => {
      if (observations.length % size !== 0) throw new Error(`${observations.length} values are no whole number of observations of ${size}`);
      const { action } = await session.run({ observation: new Tensor('float32', observations, [observations.length / size, size]) });
      return action!.data as Float32Array;
    },
    dispose: () => session.release(),
  };
}
