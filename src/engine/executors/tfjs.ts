import type { Executor } from '../compile.js';
import type { Program, Results } from '../program.js';
import type { Shape } from '../shapes.js';
import { sameShape, sizeOf } from '../shapes.js';
import type { EagerBackend, NamedTensors } from '../tfjs.js';
import { eagerBackend, loadTensorFlow, onBackend } from '../tfjs.js';
import { allocateGradients, checkGradients } from './gradients.js';

/** Runs a program eagerly in tfjs at every run. The oracle of the recorded one. */
export async function tfjsExecutor(program: Program<string, string>, wanted?: EagerBackend): Promise<Executor> {
  const tf = await loadTensorFlow();
  const backend = await eagerBackend(wanted);
  const inputs = Object.fromEntries(Object.entries(program.inputs).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]));

  /** Builds the program on the present inputs and parameters and hands over what it gives. */
  const evaluate = (take: (results: Results<string>) => void): void =>
    onBackend(tf, backend, () =>
      tf.tidy(() => {
        const given: NamedTensors = {};
        for (const [name, shape] of Object.entries(program.inputs)) given[name] = tf.tensor(inputs[name]!.slice(), [...shape]);
        const parameters: Record<string, NamedTensors> = {};
        for (const [group, block] of Object.entries(program.parameters)) {
          parameters[group] = {};
          for (const { name, shape } of block.layout) parameters[group][name] = tf.tensor(block.view(name).slice(), [...shape]);
        }
        take(program.build(given, parameters));
      }),
    );

  const shapes: Record<string, Shape> = {};
  let gradients: Record<string, Float32Array> = {};
  evaluate((results) => {
    checkGradients(program.parameters, results.gradients);
    for (const [name, tensor] of Object.entries(results.outputs)) shapes[name] = tensor.shape;
    gradients = allocateGradients(program.parameters, results.gradients);
  });
  const outputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOf(shape))]));

  return {
    inputs,
    outputs,
    gradients,
    run: async () =>
      evaluate((results) => {
        checkGradients(program.parameters, results.gradients);
        for (const [name, tensor] of Object.entries(results.outputs)) {
          if (!sameShape(tensor.shape, shapes[name] ?? [])) {
            throw new Error(`output "${name}" changed its shape from [${shapes[name]}] to [${tensor.shape}]`);
          }
          outputs[name]!.set(tensor.dataSync());
        }
        for (const [group, flat] of Object.entries(gradients)) {
          for (const { name, offset } of program.parameters[group]!.layout) {
            flat.set(results.gradients![group]![name]!.dataSync(), offset);
          }
        }
      }),
    dispose: async () => {
      for (const [group, array] of Object.entries(gradients)) program.parameters[group]!.memory.release(array);
    },
  };
}
