import type { DayResults, ResultsOptions, SchedulingEnvironment } from '../../agents/index.js';
import { awaitedResults } from '../../agents/index.js';
import type { LoadedPolicy, ModelValue } from '../../src/engine/index.js';
import { loadPolicy, readMetadata, requireUndamaged } from '../../src/engine/index.js';
import { InputError, messageOf } from '../../src/io/errors.js';
import { readBytes } from '../../src/io/files.js';

/** A policy as an ONNX file, wherever it was trained. */
export interface PolicyFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** What it says of itself; see docs/python.md. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Throws InputError if the file cannot be read, is no ONNX model, is damaged, or holds only a part of a policy. */
export function readPolicyFile(file: string): PolicyFile {
  const bytes = readBytes(file);
  const metadata = readMetadata(bytes, file);
  requireUndamaged(bytes, file);
  if (metadata['part'] !== undefined) throw new InputError(`${file} holds only a part of a policy: ${metadata['part']}.`);
  return { file, bytes, metadata };
}

/** What a policy must fit: names in order, as its metadata has them and of which there are as many as components. */
export interface PolicyNames {
  readonly observations: readonly string[];
  readonly actions: readonly string[];
}

/**
 * Opens the model. Throws InputError unless it has one input `observation` [batch, observations] and an output `action`
 * [batch, actions] of float32, and, where the file names them, the observations and actions are those expected.
 */
export async function openPolicyFile({ file, bytes, metadata }: PolicyFile, names: PolicyNames): Promise<LoadedPolicy> {
  for (const what of ['observations', 'actions'] as const) checkNames(file, what, metadata[what], names[what]);
  let model: LoadedPolicy;
  try {
    model = await loadPolicy(bytes);
  } catch (error) {
    throw new InputError(`${file} cannot be run: ${messageOf(error)}.`);
  }
  try {
    checkValue(file, 'input', model.inputs.length === 1 ? model.inputs : [], ['observation', names.observations.length]);
    checkValue(file, 'output', model.outputs, ['action', names.actions.length]);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return model;
}

/** A model whose components mean something else would decide, but nonsense. */
function checkNames(file: string, what: string, text: string | undefined, expected: readonly string[]): void {
  if (text === undefined || text === JSON.stringify(expected)) return;
  throw new InputError(`${file}: its ${what} are not those of this fleet; found ${text.slice(0, 80)}, expected ${JSON.stringify(expected).slice(0, 80)}.`);
}

function checkValue(file: string, what: 'input' | 'output', values: readonly ModelValue[], [name, size]: [string, number]): void {
  const value = values.find((one) => one.name === name);
  const [batch, width] = value?.shape ?? [];
  const open = typeof batch === 'string' || batch === 1 || batch === undefined || batch < 0;
  if (value?.type === 'float32' && value.shape.length === 2 && open && width === size) return;
  const found = values.map((one) => `${one.name} ${one.type ?? 'no tensor'} [${one.shape.join(', ')}]`).join(' and ');
  throw new InputError(`${file}: expected ${what === 'input' ? 'one input' : 'an output'} ${name} float32 [batch, ${size}], found ${found || 'other inputs than one'}.`);
}

/** Judges it on days of an environment. Throws InputError if it does not fit, or gives what is no action. */
export async function policyFileResults(
  policy: PolicyFile,
  environment: SchedulingEnvironment,
  days: readonly string[],
  options: ResultsOptions,
): Promise<DayResults> {
  const model = await openPolicyFile(policy, { observations: environment.observationNames, actions: environment.actionNames });
  const { size } = environment.actionSpace;
  const act = async (observation: Float32Array): Promise<Float32Array> => {
    const action = await model.run(observation);
    if (action.length === size && action.every(Number.isFinite)) return action;
    throw new InputError(`${policy.file} gave ${[...action].join(', ')}, expected ${size} finite numbers.`);
  };
  try {
    return await awaitedResults(environment, act, days, options);
  } finally {
    await model.dispose();
  }
}
