import { expect } from 'vitest';
import type { Program } from '../../../../src/engine/index.js';
import { compile } from '../../../../src/engine/index.js';
import type { RandomStream } from '../../../../src/math/random.js';

/** Fills every input of a program from a stream; one entry of `draw` per input that wants another distribution. */
export function drawInputs(inputs: Record<string, Float32Array>, random: RandomStream, draw: Record<string, () => number> = {}): void {
  for (const [name, array] of Object.entries(inputs)) {
    const next = draw[name] ?? (() => random.normal());
    for (let i = 0; i < array.length; i++) array[i] = next();
  }
}

/** Largest difference between two arrays, relative to each entry but to no less than a tenth of the largest one. */
export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!));
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i])) continue;
    const difference = Math.abs(found[i]! - expected[i]!) / Math.max(Math.abs(expected[i]!), 0.1 * largest, 1e-6);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  }
  return worst;
}

/** Runs a program compiled and eagerly on the same inputs and asserts equality to 1e-4 relative, gradients included. */
export async function expectAgreement<I extends string, G extends string>(
  program: Program<I, G>,
  random: RandomStream,
  draw: Record<string, () => number> = {},
): Promise<void> {
  const recorded = await compile(program);
  const eager = await compile(program, { executor: 'tfjs', backend: 'cpu' });
  drawInputs(recorded.inputs, random, draw);
  await recorded.run();
  await eager.run(recorded.inputs);
  expect(Object.keys(recorded.outputs)).toEqual(Object.keys(eager.outputs));
  for (const [name, values] of Object.entries(recorded.outputs)) {
    expect(values.length).toBe(eager.outputs[name]!.length);
    expect(relativeDifference(values, eager.outputs[name]!), `output ${name}`).toBeLessThan(1e-4);
  }
  expect(Object.keys(recorded.gradients)).toEqual(Object.keys(eager.gradients));
  for (const name of Object.keys(recorded.gradients) as G[]) {
    for (const { name: parameter, offset, size } of program.parameters[name].layout) {
      const part = (flat: Float32Array): Float32Array => flat.subarray(offset, offset + size);
      const difference = relativeDifference(part(recorded.gradients[name]), part(eager.gradients[name]));
      expect(difference, `gradient of ${parameter}`).toBeLessThan(1e-4);
    }
  }
  await recorded.dispose();
  await eager.dispose();
}
