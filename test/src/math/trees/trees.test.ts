import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binRow, binRows, createBinning } from '../../../../src/math/trees/binning.js';
import type { TreeEnsemble, TreeOptions } from '../../../../src/math/trees/trees.js';
import { fitTrees, predictTrees } from '../../../../src/math/trees/trees.js';
import { randomStream } from '../../../../src/math/random.js';
import { rankCorrelation } from '../../../../src/math/statistics.js';

/** Friedman's first function ("Multivariate Adaptive Regression Splines", 1991, equation 61), five inputs of ten matter. */
const friedman = (x: ArrayLike<number>): number =>
  10 * Math.sin(Math.PI * x[0]! * x[1]!) + 20 * (x[2]! - 0.5) ** 2 + 10 * x[3]! + 5 * x[4]!;

const uniform = (rows: number, features: number, seed: number): Float32Array => {
  const random = randomStream(seed, 'inputs');
  return Float32Array.from({ length: rows * features }, () => random.next());
};
const rowsOf = (values: Float32Array, features: number): Float32Array[] =>
  Array.from({ length: values.length / features }, (_, i) => values.subarray(i * features, (i + 1) * features));

function predict(model: TreeEnsemble, values: Float32Array): Float32Array {
  const rows = values.length / model.binning.cuts.length;
  const scores = new Float32Array(rows);
  predictTrees(model, binRows(model.binning, values), Int32Array.from({ length: rows }, (_, i) => i), scores);
  return scores;
}

function fit(values: Float32Array, features: number, targets: ArrayLike<number>, options: TreeOptions): TreeEnsemble {
  const binning = createBinning(values, features);
  return fitTrees(binning, binRows(binning, values), targets, options);
}

describe('binning', () => {
  it('puts every value between its cuts, and values of one bin nowhere apart', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 200 }), (values) => {
        const binning = createBinning(Float32Array.from(values), 1, 16);
        const bin = new Uint8Array(1);
        for (const value of values) {
          binRow(binning, [value], bin, 0);
          expect(binning.cuts[0]!.filter((cut) => cut <= value).length).toBe(bin[0]);
        }
        expect(binning.cuts[0]!.length).toBeLessThan(16);
      }),
    );
  });

  it('gives every distinct value its own bin where there are few', () => {
    const binning = createBinning(Float32Array.from([8, 1, 2, 4, 1, 8]), 1);
    expect([...binning.cuts[0]!]).toEqual([1.5, 3, 6]);
  });
});

describe('boosted trees', () => {
  it('finds the known splits of a step function and reproduces it', () => {
    // Feature 1 is noise; y = 4 for x0 < 3, else 1 for x2 < 0.5, else 2.
    const random = randomStream(3, 'steps');
    const values = Float32Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? random.integer(6) : random.next()));
    const targets = rowsOf(values, 3).map(([a, , c]) => (a! < 3 ? 4 : c! < 0.5 ? 1 : 2));
    const model = fit(values, 3, targets, { objective: 'regression', trees: 1, depth: 2, learningRate: 1, l2: 0 });
    expect(model.splitFeature[0]).toBe(0);
    expect(model.binning.cuts[0]![model.splitBin[0]!]).toBe(2.5);
    expect(model.splitFeature[2]).toBe(2);
    expect(model.binning.cuts[2]![model.splitBin[2]!]).toBeCloseTo(0.5, 1);
    const scores = predict(model, values);
    // The second cut is as fine as the 64 bins.
    expect(targets.filter((target, i) => Math.abs(scores[i]! - target) < 0.2).length).toBeGreaterThan(190);
  });

  it.each(['rank', 'regression'] as const)('never raises its training loss (%s)', (objective) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = uniform(80, 4, seed);
        const targets = rowsOf(values, 4).map((row) => Math.round(8 * row[0]! * row[1]!) / 8);
        const { trainingLoss } = fit(values, 4, targets, { objective, trees: 30, learningRate: 0.1 });
        for (let t = 1; t < trainingLoss.length; t++) expect(trainingLoss[t]).toBeLessThanOrEqual(trainingLoss[t - 1]! + 1e-12);
        expect(trainingLoss.at(-1)).toBeLessThan(0.8 * trainingLoss[0]!);
      }),
      { numRuns: 10 },
    );
  });

  it.each(['rank', 'regression'] as const)('does not depend on the order of its rows, to the bit (%s)', (objective) => {
    const values = uniform(150, 5, 1);
    const rows = rowsOf(values, 5);
    const targets = rows.map((row) => Math.floor(5 * friedman([...row])));
    const order = rows.map((_, i) => i).sort((a, b) => ((a * 7919) % 151) - ((b * 7919) % 151));
    const shuffled = Float32Array.from(order.flatMap((i) => [...rows[i]!]));
    const options = { objective, rowShare: 0.8, featureShare: 0.6 };
    const model = fit(values, 5, targets, options);
    const other = fit(shuffled, 5, order.map((i) => targets[i]!), options);
    expect(other).toEqual(model);
  });

  it.each(['rank', 'regression'] as const)('ranks unseen points of Friedman\'s function (%s)', (objective) => {
    const train = uniform(500, 10, 1);
    const test = uniform(1000, 10, 2);
    const model = fit(train, 10, rowsOf(train, 10).map(friedman), { objective });
    expect(rankCorrelation(predict(model, test), rowsOf(test, 10).map(friedman))).toBeGreaterThan(0.9);
  });

  it('uses only the order of targets when ranking within one weight, and survives ties and single rows', () => {
    const values = uniform(50, 2, 5);
    expect([...predict(fit(values, 2, new Float64Array(50).fill(3), { objective: 'rank' }), values)]).toEqual(Array(50).fill(0));
    expect([...predict(fit(values.subarray(0, 2), 2, [7], { objective: 'regression' }), values.subarray(0, 2))]).toEqual([7]);
  });
});
