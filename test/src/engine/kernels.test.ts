import * as tf from '../../../src/vendor/tfjs.js';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { NamedTensors, Shape } from '../../../src/engine/index.js';
import { createParameters, gradientsOf, layoutOf } from '../../../src/engine/index.js';
import { lowerings } from '../../../src/engine/lowering/index.js';
import { randomStream } from '../../../src/math/random.js';
import { expectAgreement } from './support/agree.js';

type Function = (x: NamedTensors & { a: tf.Tensor; b: tf.Tensor }) => tf.Tensor;
interface Case {
  readonly f: Function;
  /** Shapes of `a` and `b`, made from three random dimensions; broadcasting pairs by default. */
  readonly shapes?: (n: number, m: number, k: number) => readonly [Shape, Shape];
  /** Range of the values; -2 to 2 by default. */
  readonly range?: readonly [number, number];
  /** Whether a gradient is compared too; by default. */
  readonly differentiable?: boolean;
}

const real = [-2, 2] as const;
const positive = [0.2, 3] as const;
const inside = [-0.9, 0.9] as const;
const matrices = (n: number, m: number, k: number) => [[n, k], [k, m]] as const;
const alike = (n: number, m: number, k: number) => [[n, m, k], [n, m, k]] as const;
const plain = { differentiable: false } as const;

const cases: Record<string, Case> = {
  abs: { f: ({ a }) => tf.abs(a) },
  acos: { f: ({ a }) => tf.acos(a), range: inside },
  acosh: { f: ({ a }) => tf.acosh(a), range: [1.5, 3] },
  asin: { f: ({ a }) => tf.asin(a), range: inside },
  asinh: { f: ({ a }) => tf.asinh(a) },
  atan: { f: ({ a }) => tf.atan(a) },
  atanh: { f: ({ a }) => tf.atanh(a), range: inside },
  ceil: { f: ({ a }) => tf.ceil(a), ...plain },
  cos: { f: ({ a }) => tf.cos(a) },
  cosh: { f: ({ a }) => tf.cosh(a) },
  elu: { f: ({ a }) => tf.elu(a) },
  erf: { f: ({ a }) => tf.erf(a) },
  exp: { f: ({ a }) => tf.exp(a) },
  expm1: { f: ({ a }) => tf.expm1(a) },
  floor: { f: ({ a }) => tf.floor(a), ...plain },
  leakyRelu: { f: ({ a }) => tf.leakyRelu(a, 0.1) },
  log: { f: ({ a }) => tf.log(a), range: positive },
  log1p: { f: ({ a }) => tf.log1p(a), range: positive },
  neg: { f: ({ a }) => tf.neg(a) },
  prelu: { f: ({ a }) => tf.prelu(a, tf.scalar(0.3)) },
  reciprocal: { f: ({ a }) => tf.reciprocal(a), range: positive },
  relu: { f: ({ a }) => tf.relu(a) },
  relu6: { f: ({ a }) => tf.relu6(a), range: [-4, 10] },
  round: { f: ({ a }) => tf.round(a), ...plain },
  rsqrt: { f: ({ a }) => tf.rsqrt(a), range: positive },
  selu: { f: ({ a }) => tf.selu(a) },
  sigmoid: { f: ({ a }) => tf.sigmoid(a) },
  sign: { f: ({ a }) => tf.sign(a), ...plain },
  silu: { f: ({ a }) => tf.mul(a, tf.sigmoid(a)) },
  sin: { f: ({ a }) => tf.sin(a) },
  sinh: { f: ({ a }) => tf.sinh(a) },
  softplus: { f: ({ a }) => tf.softplus(a), range: [-20, 20] },
  sqrt: { f: ({ a }) => tf.sqrt(a), range: positive },
  square: { f: ({ a }) => tf.square(a) },
  step: { f: ({ a }) => tf.step(a), ...plain },
  'step with a slope': { f: ({ a }) => tf.step(a, 0.2), ...plain },
  tan: { f: ({ a }) => tf.tan(a), range: inside },
  tanh: { f: ({ a }) => tf.tanh(a) },
  clip: { f: ({ a }) => tf.clipByValue(a, -0.5, 1) },
  isNaN: { f: ({ a }) => tf.isNaN(tf.log(a)), ...plain },
  isInf: { f: ({ a }) => tf.isInf(tf.exp(tf.mul(a, 1000))), ...plain },

  add: { f: ({ a, b }) => tf.add(a, b) },
  sub: { f: ({ a, b }) => tf.sub(a, b) },
  mul: { f: ({ a, b }) => tf.mul(a, b) },
  div: { f: ({ a, b }) => tf.div(a, b), range: positive },
  maximum: { f: ({ a, b }) => tf.maximum(a, b), shapes: alike },
  minimum: { f: ({ a, b }) => tf.minimum(a, b), shapes: alike },
  pow: { f: ({ a, b }) => tf.pow(a, b), range: positive },
  'pow by a constant': { f: ({ a }) => tf.pow(a, 3) },
  'maximum, broadcasting': { f: ({ a, b }) => tf.maximum(a, tf.minimum(b, 0.3)), ...plain },
  squaredDifference: { f: ({ a, b }) => tf.squaredDifference(a, b), shapes: alike },
  floorDiv: { f: ({ a, b }) => tf.floorDiv(a, b), range: positive, ...plain },
  addN: { f: ({ a, b }) => tf.addN([a, b, a]), shapes: alike },
  equal: { f: ({ a, b }) => tf.equal(tf.round(a), tf.round(b)), ...plain },
  notEqual: { f: ({ a, b }) => tf.notEqual(tf.round(a), tf.round(b)), ...plain },
  comparisons: {
    f: ({ a, b }) =>
      tf.logicalAnd(tf.logicalOr(tf.less(a, b), tf.greater(a, 1)), tf.logicalXor(tf.lessEqual(a, 0), tf.greaterEqual(b, 0))),
    ...plain,
  },
  logicalNot: { f: ({ a, b }) => tf.logicalNot(tf.less(a, b)), ...plain },
  where: { f: ({ a, b }) => tf.where(tf.greater(a, b), tf.mul(a, 2), tf.where(tf.logicalNot(tf.less(a, 0)), b, 0)), shapes: alike },
  'cast to integers': { f: ({ a, b }) => tf.mul(tf.cast(tf.mul(a, 10), 'int32'), tf.cast(b, 'int32')), ...plain },
  'cast to booleans': { f: ({ a }) => tf.cast(tf.round(a), 'bool'), ...plain },
  likes: { f: ({ a, b }) => tf.add(tf.onesLike(a), tf.mul(tf.zerosLike(b), b)), ...plain },
  'constant arithmetic': { f: ({ a, b }) => tf.add(tf.mul(tf.mul(tf.neg(a), 3), tf.ones(b.shape)), tf.div(b, 4)) },

  matMul: { f: ({ a, b }) => tf.matMul(a, b), shapes: matrices },
  'matMul, a transposed': { f: ({ a, b }) => tf.matMul(a, b, true), shapes: (n, m, k) => [[k, n], [k, m]] },
  'matMul, b transposed': { f: ({ a, b }) => tf.matMul(a, b, false, true), shapes: (n, m, k) => [[n, k], [m, k]] },
  'matMul of transposes': { f: ({ a, b }) => tf.matMul(tf.transpose(a), tf.transpose(b)), shapes: (n, m, k) => [[k, n], [m, k]] },
  'matMul in batches': { f: ({ a, b }) => tf.matMul(a, b), shapes: (n, m, k) => [[3, n, k], [3, k, m]] },
  'matMul in batches, transposed': { f: ({ a, b }) => tf.matMul(a, b, true, true), shapes: (n, m, k) => [[2, k, n], [2, m, k]] },
  'matMul with bias': { f: ({ a, b }) => tf.add(tf.matMul(a, b), tf.sum(b, 0)), shapes: matrices },
  'matMul with a column': { f: ({ a, b }) => tf.add(tf.matMul(a, b), tf.sum(a, 1, true)), shapes: matrices },
  'columns of a product': { f: ({ a, b }) => tf.slice(tf.matMul(a, b), [0, 1], [-1, 1]), shapes: (n, m, k) => [[n, k], [k, m + 1]] },
  'rows of a product': { f: ({ a, b }) => tf.slice(tf.matMul(a, b, true), [1, 0], [1, -1]), shapes: (n, m, k) => [[k, n + 1], [k, m]] },
  'part of a concatenated factor': {
    f: ({ a, b }) => tf.matMul(tf.concat([tf.tanh(a), a], 1), tf.concat([b, b], 0)),
    shapes: matrices,
  },
  'fused dense layer': { f: ({ a, b }) => tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias: tf.sum(b, 0), activation: 'relu' }), shapes: matrices, ...plain },

  'sum of all': { f: ({ a }) => tf.sum(a) },
  'sum of an axis': { f: ({ a }) => tf.sum(a, -1) },
  'sum of axes': { f: ({ a }) => tf.sum(a, [0, 2], true), shapes: alike },
  'sum of a column': { f: ({ a }) => tf.sum(tf.slice(a, [0, 0], [-1, 1]), 1), shapes: matrices },
  mean: { f: ({ a }) => tf.mean(a, 0) },
  max: { f: ({ a }) => tf.max(a, 1), shapes: alike },
  'max of all': { f: ({ a }) => tf.max(a) },
  min: { f: ({ a }) => tf.min(a, [1, 2], true), shapes: alike },
  prod: { f: ({ a }) => tf.prod(a, 1), shapes: alike, ...plain },
  any: { f: ({ a }) => tf.any(tf.greater(a, 1), 1), shapes: alike, ...plain },
  all: { f: ({ a }) => tf.all(tf.greater(a, -1), 1), shapes: alike, ...plain },
  argMax: { f: ({ a }) => tf.argMax(a, 1), shapes: alike, ...plain },
  argMin: { f: ({ a }) => tf.argMin(a, 0), shapes: alike, ...plain },
  softmax: { f: ({ a }) => tf.softmax(a) },
  logSoftmax: { f: ({ a }) => tf.logSoftmax(a) },
  logSumExp: { f: ({ a }) => tf.logSumExp(a, -1) },
  cumsum: { f: ({ a }) => tf.cumsum(a, 2, true, true), shapes: alike },
  moments: { f: ({ a }) => tf.sqrt(tf.add(tf.moments(a, -1, true).variance, 0.1)) },
  norm: { f: ({ a }) => tf.norm(a) },

  reshape: { f: ({ a, b }) => tf.mul(tf.reshape(a, [-1]), tf.reshape(b, [-1])), shapes: alike },
  expandDims: { f: ({ a }) => tf.expandDims(a, -1) },
  squeeze: { f: ({ a }) => tf.squeeze(tf.expandDims(a, 0), [0]) },
  transpose: { f: ({ a }) => tf.transpose(tf.transpose(a, [2, 0, 1]), [0, 2, 1]), shapes: alike },
  broadcastTo: { f: ({ a, b }) => tf.broadcastTo(a, [3, ...a.shape]).mul(b), shapes: alike },
  tile: { f: ({ a }) => tf.tile(a, [2, 1, 3]), shapes: alike },
  'tile of one row': { f: ({ a, b }) => tf.mul(tf.tile(a, [4, 1]), b), shapes: (_, m) => [[1, m], [4, m]] },
  slice: { f: ({ a }) => tf.slice(a, [0, 1, 0], [-1, 1, -1]), shapes: (n, m, k) => [[n, m + 1, k], [1]] },
  split: { f: ({ a }) => tf.sub(...(tf.split(a, 2, 1) as [tf.Tensor, tf.Tensor])), shapes: (n, m) => [[n, 2 * m], [1]] },
  'split in given sizes': { f: ({ a }) => tf.split(a, [1, 2], -1)[1]!, shapes: (n) => [[n, 3], [1]] },
  unstack: { f: ({ a }) => tf.unstack(a, 1)[1]!, shapes: (n, m, k) => [[n, m + 1, k], [1]] },
  concat: { f: ({ a, b }) => tf.concat([a, b, a], 1), shapes: (n, m, k) => [[n, m], [n, k]] },
  'split of a concat': { f: ({ a, b }) => tf.slice(tf.concat([a, b], 1), [0, a.shape[1]!], [-1, -1]), shapes: (n, m, k) => [[n, m], [n, k]], ...plain },
  stack: { f: ({ a, b }) => tf.stack([a, b], 1), shapes: alike },
  pad: { f: ({ a }) => tf.pad(a, [[1, 2], [0, 1]], 0.5), shapes: (n, m) => [[n, m], [1]] },
  reverse: { f: ({ a }) => tf.reverse(a, [0, 2]), shapes: alike },
  gather: { f: ({ a }) => tf.gather(a, tf.tensor1d([1, 0, 1], 'int32'), 1), shapes: (n, m, k) => [[n, m + 1, k], [1]], ...plain },
  oneHot: { f: ({ a }) => tf.oneHot(tf.cast(tf.abs(a), 'int32'), 4), ...plain },
  'one-hot mixing': { f: ({ a, b }) => tf.sum(tf.mul(tf.oneHot(tf.argMax(a, 1), a.shape[1]!), b), 1), shapes: (n, m) => [[n, m + 1], [n, m + 1]], ...plain },

  'mean squared error': { f: ({ a, b }) => tf.losses.meanSquaredError(a, b), shapes: alike },
  'huber loss': { f: ({ a, b }) => tf.losses.huberLoss(a, b), shapes: alike },
  'layer normalisation': {
    f: ({ a }) => {
      const { mean, variance } = tf.moments(a, -1, true);
      return tf.mul(tf.sub(a, mean), tf.rsqrt(tf.add(variance, 1e-3)));
    },
    shapes: (n, m) => [[n, m + 1], [1]],
  },
};

const used = new Set<string>();
const original = { ...lowerings };
const spied = lowerings as Record<string, (typeof lowerings)[string]>;
for (const [name, lower] of Object.entries(original)) {
  spied[name] = (call) => {
    used.add(name);
    return lower(call);
  };
}

describe('recorded kernels equal eager ones, gradients included', () => {
  const dimension = fc.integer({ min: 1, max: 5 });
  const broadcastingPairs: fc.Arbitrary<readonly [Shape, Shape]> = fc
    .tuple(dimension, dimension, dimension, fc.integer({ min: 0, max: 3 }))
    .map(([n, m, k, way]) => [[[n, m, k], [n, m, k]], [[n, m, k], [m, 1]], [[n, 1, k], [m, 1]], [[m], [n, m]]][way] as [number[], number[]]);
  it.each(Object.entries(cases))('%s', async (_, { f, shapes, range = real, differentiable = true }) => {
    const pairs = shapes === undefined ? broadcastingPairs : fc.tuple(dimension, dimension, dimension).map(([n, m, k]) => shapes(n, m, k));
    await fc.assert(
      fc.asyncProperty(pairs, fc.integer(), async ([a, b], seed) => {
        const random = randomStream(seed);
        const block = createParameters(layoutOf([{ name: 'a', shape: a }, { name: 'b', shape: b }]));
        for (let i = 0; i < block.flat.length; i++) block.flat[i] = range[0] + (range[1] - range[0]) * random.next();
        await expectAgreement(
          {
            inputs: {},
            parameters: { p: block },
            build: (__, { p }) => {
              const y = f(p as Parameters<Function>[0]);
              if (!differentiable) return { outputs: { y } };
              const { value, gradients } = gradientsOf((x) => {
                const result = f(x as Parameters<Function>[0]);
                const weights = tf.reshape(tf.linspace(0.5, 1.5, result.size), result.shape);
                // Every parameter counts, also where f reads one only.
                const rest = tf.add(tf.sum(x['a']!), tf.sum(x['b']!));
                return tf.add(tf.sum(tf.mul(result, tf.add(result, weights))), rest) as tf.Scalar;
              }, p);
              return { outputs: { y, value }, gradients: { p: gradients } };
            },
          },
          random,
        );
      }),
      { numRuns: 5, seed: 7 },
    );
  });

  afterAll(() => {
    Object.assign(spied, original);
  });

  it('cover every kernel', () => {
    expect(Object.keys(original).filter((name) => !used.has(name))).toEqual([]);
  });
});
