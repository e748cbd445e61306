import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MlpSpec } from '../../../src/engine/index.js';
import { compile, createInference, createParameters, exportPolicy, loadPolicy, mlp } from '../../../src/engine/index.js';
import { randomStream } from '../../../src/math/random.js';
import type * as tf from '../../../src/vendor/tfjs.js';

function network(spec: Partial<MlpSpec>) {
  const net = mlp({ name: 'actor', inputs: 13, hidden: [32, 32], outputs: 5, activation: 'relu', outputActivation: 'tanh', ...spec });
  const block = createParameters(net.layout);
  net.initialise(block, randomStream(7));
  return { net, block };
}

function normals(size: number, seed = 1): Float32Array {
  const random = randomStream(seed);
  return Float32Array.from({ length: size }, () => 2 * random.normal());
}

describe('inference on one row', () => {
  it('equals the compiled network for every activation and width', async () => {
    const specs = fc.record({
      inputs: fc.integer({ min: 1, max: 40 }),
      outputs: fc.integer({ min: 1, max: 37 }),
      hidden: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 3 }),
      activation: fc.constantFrom('relu' as const, 'silu' as const, 'tanh' as const),
      outputActivation: fc.constantFrom('linear' as const, 'tanh' as const, 'sigmoid' as const),
    });
    await fc.assert(
      fc.asyncProperty(specs, async (spec) => {
        const { net, block } = network(spec);
        const compiled = await compile({
          inputs: { x: [1, spec.inputs] },
          parameters: { actor: block },
          build: ({ x }, { actor }) => ({ outputs: { y: net.apply(actor, x as tf.Tensor2D) } }),
        });
        const row = normals(spec.inputs);
        await compiled.run({ x: row });
        const output = new Float32Array(spec.outputs);
        createInference(net, block)(row, output);
        const expected = compiled.outputs['y']!;
        output.forEach((y, i) => expect(Math.abs(y - expected[i]!)).toBeLessThan(1e-6));
        await compiled.dispose();
      }),
      { numRuns: 40 },
    );
  });

  it('follows the parameters as they change, and refuses rows of another size', () => {
    const { net, block } = network({});
    const act = createInference(net, block);
    const [before, after] = [new Float32Array(5), new Float32Array(5)];
    act(normals(13), before);
    block.view('actor/b2').fill(3);
    act(normals(13), after);
    expect(after).not.toEqual(before);
    expect(() => act(normals(12), after)).toThrow('from 12 to 5');
  });
});

describe('an exported policy', () => {
  const mean = normals(13, 3);
  const std = normals(13, 4).map((x) => 0.5 + Math.abs(x));
  const low = [-1, 0, 0, -5, 2];
  const high = [1, 1, 10, 5, 3];
  const exported = ({ net, block }: ReturnType<typeof network>): Promise<Uint8Array> =>
    exportPolicy({
      observationSize: 13,
      parameters: [block],
      policy: (params, x) => net.apply(params, x),
      normalisation: { mean, std, clip: 3 },
      actionRange: { low, high },
      metadata: { observations: 'a,b,c', version: '1' },
    });

  it('acts in onnxruntime as the trainer does, to 1e-6, on batches of any size', async () => {
    const made = network({});
    const policy = await loadPolicy(await exported(made));
    const act = createInference(made.net, made.block);
    for (const rows of [1, 7]) {
      const observations = normals(13 * rows, rows);
      const actions = await policy.run(observations);
      expect(actions.length).toBe(5 * rows);
      const raw = new Float32Array(5);
      for (let r = 0; r < rows; r++) {
        const row = observations.subarray(13 * r, 13 * r + 13);
        act(row.map((x, i) => Math.max(-3, Math.min(3, (x - mean[i]!) / std[i]!))), raw);
        raw.forEach((a, i) => {
          const scaled = low[i]! + ((a + 1) / 2) * (high[i]! - low[i]!);
          expect(Math.abs(actions[5 * r + i]! - scaled)).toBeLessThan(1e-6 * Math.max(1, high[i]! - low[i]!));
        });
      }
    }
    await expect(policy.run(new Float32Array(12))).rejects.toThrow('no whole number of observations of 13');
    await policy.dispose();
  });

  it('has the same bytes every time', async () => {
    expect(await exported(network({}))).toEqual(await exported(network({})));
  });

  it('is refused when it mixes the rows of a batch', async () => {
    const { net, block } = network({});
    const mixing = exportPolicy({
      observationSize: 13,
      parameters: [block],
      policy: (params, x) => net.apply(params, x.sub(x.mean(0).mul(x.shape[0])) as tf.Tensor2D),
    });
    await expect(mixing).rejects.toThrow('each row of a batch by itself');
  });
});
