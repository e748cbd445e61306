import binaryen from 'binaryen';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/math/random.js';
import { InputError } from '../../../../src/io/errors.js';
import { configurationAt } from '../../../../workloads/tensor/space.js';
import { generate } from '../../../../workloads/tensor/wasm/generate.js';
import { wasmMeasurer, withoutInterruptions } from '../../../../workloads/tensor/wasm/measure.js';
import { onnxruntimeTimeMs } from '../../../../workloads/tensor/wasm/onnxruntime.js';
import { conv2d, matmul, operatorNamed, parseOperator, plainLoops, resnet18 } from '../../../../workloads/tensor/wasm/operator.js';
import { programFeatures } from '../../../../workloads/tensor/wasm/programFeatures.js';
import { scheduleSpace } from '../../../../workloads/tensor/wasm/schedule.js';

const operators = [
  matmul(12, 20, 24),
  matmul(7, 5, 9), // columns that fill no vector
  conv2d({ size: 8, inChannels: 3, outChannels: 8, kernel: 3, stride: 1 }),
  conv2d({ size: 14, inChannels: 4, outChannels: 8, kernel: 7, stride: 2 }),
  conv2d({ size: 8, inChannels: 8, outChannels: 16, kernel: 1, stride: 2 }),
];

describe('plain loops', () => {
  it('compute a product and a convolution known by hand', () => {
    expect([...plainLoops(matmul(2, 2, 2), Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8))]).toEqual([19, 22, 43, 50]);
    // A 2x2 image with a margin of one, a kernel of ones: each output is the sum of the whole image.
    const image = new Float32Array(16);
    [5, 6, 9, 10].forEach((at, i) => (image[at] = i + 1));
    expect([...plainLoops(conv2d({ size: 2, inChannels: 1, outChannels: 1, kernel: 3, stride: 1 }), image, new Float32Array(9).fill(1))]).toEqual([10, 10, 10, 10]);
  });

  it('agree with ONNX Runtime, which would throw here', async () => {
    for (const operator of operators) expect(await onnxruntimeTimeMs(operator, await wasmMeasurer(scheduleSpace(operator)))).toBeGreaterThan(0);
  });
});

describe.each(operators.map((operator) => [operator.name, operator] as const))('schedules of %s', (_name, operator) => {
  const space = scheduleSpace(operator);

  it('are valid where sampled, with the default among them, and all compute the same', async () => {
    const measurer = await wasmMeasurer(space, { budgetMs: 0 });
    const random = randomStream(1, operator.name);
    const indices = [space.defaultIndex, ...Array.from({ length: 60 }, () => space.sample(random))];
    for (const index of indices) {
      expect(space.isValid(index)).toBe(true);
      const [result] = await measurer.measure([{ index, repeat: 0 }]);
      expect(result, JSON.stringify(space.scheduleAt(index))).toMatchObject({ ok: true });
    }
  });

  it('have finite features, as many as names', () => {
    const features = programFeatures(space);
    const random = randomStream(2);
    const values = new Float32Array(features.names.length + 1).fill(NaN);
    for (let i = 0; i < 50; i++) {
      features.encode(configurationAt(space.knobs, space.sample(random)), values);
      expect(values.subarray(0, -1).every(Number.isFinite)).toBe(true);
      expect(values.at(-1)).toBeNaN();
    }
  });
});

describe('a wrong schedule', () => {
  const operator = operators[0]!;
  const space = scheduleSpace(operator);
  let right: Uint8Array;
  beforeAll(() => {
    right = generate(binaryen, operator, space.scheduleAt(space.defaultIndex));
  });

  it.each([
    ['that leaves out an addend is a failed trial', () => generate(binaryen, withoutLastStep(), space.scheduleAt(space.defaultIndex)), /^wrong result: output \d+ is/],
    ['that computes nothing is a failed trial', () => emptyModule(), /^wrong result: output 0 is NaN/],
    ['that is no module is a failed trial', () => right.subarray(0, 20), /^did not run: /],
  ])('%s', async (_name, encode, why) => {
    const measurer = await wasmMeasurer(space, { encode });
    const [result] = await measurer.measure([{ index: space.defaultIndex, repeat: 0 }]);
    expect(result).toMatchObject({ ok: false, why: expect.stringMatching(why) as string });
  });

  /** The same arrays, one reduction step short. */
  function withoutLastStep(): typeof operator {
    return { ...operator, axes: operator.axes.map((axis) => (axis.role === 'inner' ? { ...axis, extent: axis.extent - 1 } : axis)) };
  }

  function emptyModule(): Uint8Array {
    const module = new binaryen.Module();
    module.addFunction('run', binaryen.none, binaryen.none, [], module.nop());
    module.addFunctionExport('run', 'run');
    return module.emitBinary();
  }
});

describe('operators', () => {
  it('are named so that the name says them all', () => {
    for (const operator of [...operators, ...Object.values(resnet18).map(conv2d)]) expect(operatorNamed(operator.name)).toEqual(operator);
    expect(operatorNamed('gemm on x')).toBeUndefined();
  });

  it('of ResNet-18 have the published sizes', () => {
    expect(conv2d(resnet18['C1']!).flop).toBe(2 * 112 * 112 * 64 * 7 * 7 * 3);
    expect(conv2d(resnet18['C12']!).flop).toBe(2 * 7 * 7 * 512 * 3 * 3 * 512);
  });

  it.each([
    ['matmul', '128x256', undefined, /--shape is 128x256; expected ROWSxINNERxCOLUMNS/],
    ['matmul', undefined, undefined, /--shape is missing/],
    ['matmul', '0x2x2', undefined, /rows span 0/],
    ['matmul', '100000x100000x100000', undefined, /too large/],
    ['conv2d', undefined, 'C13', /no layer "C13"/],
    ['conv2d', '56x64', undefined, /--shape is 56x64/],
    ['softmax', undefined, undefined, /--op is "softmax"/],
  ])('%s %s %s is refused', (op, shape, layer, message) => {
    expect(() => parseOperator(op, shape, layer)).toThrow(InputError);
    expect(() => parseOperator(op, shape, layer)).toThrow(message);
  });
});

it('samples slowed by other work are dropped, whatever is left decides', () => {
  expect(withoutInterruptions([2, 2.1, 9, 2.2, 3.1])).toEqual([2, 2.1, 2.2]);
});
