import { checkGradients } from './executors/gradients.js';
import type { Value } from './graph/value.js';
import { cast } from './lowering/lowering.js';
import type { Program } from './program.js';
import { record } from './recorder.js';
import { loadTensorFlow } from './tfjs.js';

/** A program as a graph: what its outputs and gradients are made of, by name. */
export interface RecordedProgram {
  readonly outputs: Readonly<Record<string, Value>>;
  /** By block, then by parameter. */
  readonly gradients: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

/** The name of a parameter as an input of the graph; blocks may hold parameters of the same name. */
export const parameterInput = (group: string, name: string): string => `${group}:${name}`;

/** Records a program once. Outputs are floats. */
export async function recordProgram(program: Program<string, string>): Promise<RecordedProgram> {
  const tf = await loadTensorFlow();
  return record(tf, ({ graph, input, valueOf }) => {
    const inputs = Object.fromEntries(Object.entries(program.inputs).map(([name, shape]) => [name, input(name, shape)]));
    const parameters = Object.fromEntries(
      Object.entries(program.parameters).map(([group, { layout }]) => [
        group,
        Object.fromEntries(layout.map(({ name, shape }) => [name, input(parameterInput(group, name), shape)])),
      ]),
    );
    const results = program.build(inputs, parameters);
    checkGradients(program.parameters, results.gradients);
    const valuesOf = (tensors: Record<string, Parameters<typeof valueOf>[0]>): Record<string, Value> =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, cast(graph, valueOf(tensor), 'float32')]));
    return {
      outputs: valuesOf(results.outputs),
      gradients: Object.fromEntries(
        Object.entries(results.gradients ?? {}).map(([group, tensors]) => [group, valuesOf(tensors!)]),
      ),
    };
  });
}
