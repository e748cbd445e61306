import * as tf from '../../../src/vendor/tfjs.js';
import { describe, expect, it, vi } from 'vitest';
import type { Program } from '../../../src/engine/index.js';
import { compile, createParameters, gradientsOf, layoutOf } from '../../../src/engine/index.js';

const block = () => {
  const made = createParameters(layoutOf([{ name: 'w', shape: [2, 2] }, { name: 'b', shape: [2] }]));
  made.flat.set([1, 2, 3, 4, 5, 6]);
  return made;
};

/** A program from one input `x` [2, 2] and the block `p`. */
const program = (build: Program<'x', 'p'>['build']): Program<'x', 'p'> => ({ inputs: { x: [2, 2] }, parameters: { p: block() }, build });

describe('compile', () => {
  it('runs on what lies in its arrays, and overwrites its outputs', async () => {
    const given = program(({ x }, { p }) => ({ outputs: { y: tf.add(tf.matMul(x as tf.Tensor2D, p['w'] as tf.Tensor2D), p['b']!) } }));
    const compiled = await compile(given);
    const { y } = compiled.outputs;
    compiled.inputs.x.set([1, 0, 0, 1]);
    await compiled.run();
    expect([...y!]).toEqual([6, 8, 8, 10]);
    given.parameters.p.flat.fill(1);
    await compiled.run({ x: [1, 1, 1, 1] });
    expect([...y!]).toEqual([3, 3, 3, 3]);
    await compiled.dispose();
  });

  it.each(['ort', 'tfjs'] as const)('gives outputs that are inputs, constants, or the same (%s)', async (executor) => {
    const compiled = await compile(
      program(({ x }) => {
        const y = tf.mul(x, 2);
        return { outputs: { x, twice: y, again: y, one: tf.scalar(1), flag: tf.greater(x, 0), whole: tf.cast(y, 'int32') } };
      }),
      { executor },
    );
    await compiled.run({ x: [1, -1, 0.5, 0] });
    const found = Object.fromEntries(Object.entries(compiled.outputs).map(([name, values]) => [name, [...values]]));
    expect(found).toEqual({
      x: [1, -1, 0.5, 0],
      twice: [2, -2, 1, 0],
      again: [2, -2, 1, 0],
      one: [1],
      flag: [1, 0, 1, 0],
      whole: [2, -2, 1, 0],
    });
    await compiled.dispose();
  });

  it.each(['cpu', 'wasm'] as const)('runs eagerly on %s', async (backend) => {
    const compiled = await compile(program(({ x }) => ({ outputs: { y: tf.sum(x) } })), { executor: 'tfjs', backend });
    await compiled.run({ x: [1, 2, 3, 4] });
    expect(compiled.outputs['y']![0]).toBe(10);
  });

  it('keeps tensors made outside as constants, and leaves them usable', async () => {
    await tf.ready();
    const outside = tf.tensor1d([10, 20]);
    const compiled = await compile(program(({ x }) => ({ outputs: { y: tf.add(x, outside), outside } })), { threads: 2 });
    await compiled.run({ x: [1, 2, 3, 4] });
    expect([...compiled.outputs['y']!]).toEqual([11, 22, 13, 24]);
    expect([...compiled.outputs['outside']!]).toEqual([10, 20]);
    expect([...outside.dataSync()]).toEqual([10, 20]);
  });

  it('leaves no tensor behind and the backend as it was', async () => {
    await tf.setBackend('cpu');
    await (await compile(program(({ x }) => ({ outputs: { y: tf.exp(x) } })))).run();
    const before = tf.memory().numTensors;
    const compiled = await compile(program(({ x }) => ({ outputs: { y: tf.exp(tf.mul(x, 3)) } })));
    const eager = await compile(program(({ x }) => ({ outputs: { y: tf.exp(x) } })), { executor: 'tfjs', backend: 'cpu' });
    await compiled.run();
    await eager.run();
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe('cpu');
  });

  it('says nothing', async () => {
    const spies = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'log'), vi.spyOn(process.stderr, 'write')];
    const compiled = await compile(program(({ x }) => ({ outputs: { y: tf.exp(x) } })), { executor: 'tfjs', backend: 'cpu' });
    await compiled.run();
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('compile refuses', () => {
  const refusal = (build: Program<'x', 'p'>['build'], executor: 'ort' | 'tfjs' = 'ort'): Promise<unknown> =>
    compile(program(build), { executor });

  it('to read a value while recording', async () => {
    await expect(refusal(({ x }) => ({ outputs: { y: tf.mul(x, x.dataSync()[0]!) } }))).rejects.toThrow('cannot read a value while it is recorded');
  });

  it('a tensor left over from another recording', async () => {
    let kept: tf.Tensor | undefined;
    const leaking = (): Promise<unknown> => refusal(({ x }) => ({ outputs: { y: (kept ??= tf.keep(tf.exp(x))) } }));
    await leaking();
    await expect(leaking()).rejects.toThrow('cannot read a value while it is recorded');
  });

  it('a kernel that it cannot record, by name', async () => {
    await expect(refusal(({ x }) => ({ outputs: { y: tf.topk(x, 1).values } }))).rejects.toThrow('"TopK" cannot be recorded');
  });

  it('random numbers inside', async () => {
    await expect(refusal(({ x }) => ({ outputs: { y: tf.add(x, tf.randomNormal([2, 2])) } }))).rejects.toThrow('make the noise an input');
    await expect(refusal(({ x }) => ({ outputs: { y: tf.dropout(x, 0.5) } }))).rejects.toThrow('make the noise an input');
  });

  it.each(['ort', 'tfjs'] as const)('gradients that do not fit (%s)', async (executor) => {
    await expect(refusal(({ x }, { p }) => ({ outputs: { x }, gradients: { p: { w: p['w']! } } }), executor)).rejects.toThrow('lack parameter "b"');
    await expect(refusal(({ x }, { p }) => ({ outputs: { x }, gradients: { p: { w: p['b']!, b: p['b']! } } }), executor)).rejects.toThrow(
      'shape [2] where the parameter has [2,2]',
    );
    const unrelated = refusal(({ x }, { p }) => {
      const { value, gradients } = gradientsOf((params) => tf.sum(params['w']!) as tf.Scalar, p);
      return { outputs: { x, value }, gradients: { p: gradients } };
    }, executor);
    await expect(unrelated).rejects.toThrow('does not depend on parameter "b"');
    const vector = refusal(({ x }, { p }) => {
      const { value } = gradientsOf((params) => params['b'] as tf.Scalar, p);
      return { outputs: { x, value } };
    }, executor);
    await expect(vector).rejects.toThrow('a loss must be a scalar, not of shape [2]');
  });

  it('inputs of another shape or name, and two runs at once', async () => {
    const compiled = await compile(program(({ x }) => ({ outputs: { x } })));
    await expect(compiled.run({ x: [1, 2, 3] })).rejects.toThrow('input "x" takes 4 values, the shape it was compiled for, not 3');
    await expect(compiled.run({ z: [1] } as never)).rejects.toThrow('no input "z"; it has x');
    const both = Promise.all([compiled.run(), compiled.run()]);
    await expect(both).rejects.toThrow('once at a time');
  });

  it('a shape that changes from run to run', async () => {
    let rows = 1;
    const compiled = await compile(program(({ x }) => ({ outputs: { y: tf.slice(x, [0, 0], [rows, 2]) } })), { executor: 'tfjs', backend: 'cpu' });
    rows = 2;
    await expect(compiled.run()).rejects.toThrow('output "y" changed its shape from [1,2] to [2,2]');
  });

  it('more programs on one block than it has room for', async () => {
    const given = program(({ x }, { p }) => {
      const { value, gradients } = gradientsOf((params) => tf.add(tf.sum(params['w']!), tf.sum(params['b']!)) as tf.Scalar, p);
      return { outputs: { x, value }, gradients: { p: gradients } };
    });
    for (let i = 0; i < 40; i++) await (await compile(given)).dispose();
    const many = async (): Promise<void> => {
      for (let i = 0; i < 40; i++) await compile(given);
    };
    await expect(many()).rejects.toThrow('dispose of programs');
  });
});
