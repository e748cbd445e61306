import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamLoop } from '../../../src/engine/adam-loop.js';
import { createAdam, createParameters, layoutOf, polyak } from '../../../src/engine/index.js';
import { kernelBytes } from '../../../src/engine/wasm/kernels.js';
import { randomStream } from '../../../src/math/random.js';

const blockOf = (size: number) => createParameters(layoutOf([{ name: 'w', shape: [size] }]));
const fill = (array: Float32Array, seed: number, scale = 1): Float32Array => {
  const random = randomStream(seed);
  for (let i = 0; i < array.length; i++) array[i] = scale * random.normal();
  return array;
};

describe('fused Adam', () => {
  it('equals the plain loop bit for bit, with any options', () => {
    const options = fc.record({
      learningRate: fc.double({ min: 1e-5, max: 0.1, noNaN: true }),
      maxGradientNorm: fc.constantFrom(Infinity, 0.5, 100),
      weightDecay: fc.constantFrom(0, 0.01),
      beta1: fc.constantFrom(0.9, 0.5),
      rate: fc.constantFrom(undefined, 0.005, 0.5),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer(), options, (size, seed, { rate, ...given }) => {
        const block = blockOf(size);
        fill(block.flat, seed);
        const target = createParameters(block.layout, { beside: block });
        fill(target.flat, seed + 1);
        const adam = createAdam(block, rate === undefined ? given : { ...given, target: { block: target, rate } });
        const loop = {
          parameters: block.flat.slice(),
          target: target.flat.slice(),
          firstMoment: new Float32Array(size),
          secondMoment: new Float32Array(size),
        };
        for (let step = 1; step <= 4; step++) {
          const gradients = fill(new Float32Array(size), seed + 10 * step);
          adam.step(gradients);
          adamLoop({ ...given, ...loop, rate: rate ?? 0, gradients, step });
        }
        expect(block.flat).toEqual(loop.parameters);
        expect(target.flat).toEqual(loop.target);
        expect(adam.state().secondMoment).toEqual(loop.secondMoment);
      }),
      { numRuns: 200 },
    );
  });

  it('minimises a quadratic bowl', () => {
    const block = blockOf(5);
    fill(block.flat, 1, 3);
    const adam = createAdam(block, { learningRate: 0.05 });
    for (let i = 0; i < 1000; i++) adam.step(block.flat.map((x) => 2 * (x - 1)));
    for (const x of block.flat) expect(x).toBeCloseTo(1, 3);
  });

  it('clips to the largest norm', () => {
    const [clipped, scaled] = [blockOf(8), blockOf(8)];
    const gradients = fill(new Float32Array(8), 4, 10);
    const norm = Math.hypot(...gradients);
    createAdam(clipped, { learningRate: 0.1, maxGradientNorm: 1, epsilon: 1 }).step(gradients);
    createAdam(scaled, { learningRate: 0.1, epsilon: 1 }).step(gradients.map((g) => g / norm));
    clipped.flat.forEach((x, i) => expect(x).toBeCloseTo(scaled.flat[i]!, 6));
  });

  it('goes on bit for bit from a saved state', () => {
    const block = blockOf(33);
    const adam = createAdam(block, { learningRate: 0.01 });
    const step = (a: typeof adam, i: number): void => a.step(fill(new Float32Array(33), i));
    for (let i = 0; i < 5; i++) step(adam, i);
    const copy = blockOf(33);
    copy.flat.set(block.flat);
    const resumed = createAdam(copy, { learningRate: 1 });
    resumed.restore(structuredClone(adam.state()));
    for (let i = 5; i < 9; i++) {
      step(adam, i);
      step(resumed, i);
    }
    expect(copy.flat).toEqual(block.flat);
    expect(() => createAdam(blockOf(3), { learningRate: 1 }).restore(adam.state())).toThrow('33 values for 3');
  });

  it('averages into a target anywhere', () => {
    const block = blockOf(9);
    fill(block.flat, 1);
    const [beside, elsewhere] = [createParameters(block.layout, { beside: block }), blockOf(9)];
    createAdam(block, { learningRate: 0.1, target: { block: elsewhere, rate: 0.25 } }).step(new Float32Array(9).fill(1));
    polyak(beside, block, 0.25);
    expect(elsewhere.flat).toEqual(beside.flat);
  });

  it('refuses gradients of another size', () => {
    expect(() => createAdam(blockOf(4), { learningRate: 1 }).step(new Float32Array(5))).toThrow('5 gradients for 4 parameters');
  });
});

describe('kernels', () => {
  it('are what kernels.wat says', async () => {
    const script = new URL('../../../scripts/engine-wasm.mjs', import.meta.url).href;
    const { assemble } = (await import(script)) as { assemble(): Buffer };
    expect(kernelBytes.equals(assemble())).toBe(true);
  });
});
