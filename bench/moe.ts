import type * as tf from '../src/vendor/tfjs.js';
import { compile, createParameters, mlp } from '../src/engine/index.js';
import { randomStream } from '../src/math/random.js';
import { benchmarkGating, randomWeights } from '../workloads/moe/benchmark.js';
import { loadKernels } from '../workloads/moe/kernels.js';
import { MoeLayer } from '../workloads/moe/layer.js';
import { policyNames } from '../workloads/moe/policies.js';
import { replay } from '../workloads/moe/replay.js';
import { syntheticTrace } from '../workloads/moe/synthetic.js';
import { middleOf } from '../workloads/moe/trace.js';
import { medianMs, medianMsAsync } from './measure.js';
import type { Section } from './section.js';

/** The paper's language-model layer, narrower; what runs its experts; a million tokens through every cache policy. */
export const moe: Section = {
  name: 'moe',
  run: async () => {
    const gating = await benchmarkGating({
      experts: 512,
      topK: 2,
      tokens: 2048,
      dim: 64,
      capacityFactor: 0.05,
      skew: 0,
      runs: 5,
      seed: 1,
    });
    return {
      moeStaticTokensPerSecond: gating.static.tokensPerSecond,
      moeDynamicTokensPerSecond: gating.dynamic.tokensPerSecond,
      moeSpeedup: gating.speedup,
      // Rows of an expert of that layer under dynamic and under static gating.
      moeExpert8Rows: await expertMicroseconds(8),
      moeExpert103Rows: await expertMicroseconds(103),
      moeReplayMillionTokensSixPoliciesSeconds: replaySeconds(),
    };
  },
};

/** One expert (128 wide, 512 hidden) on so many rows: the layer's kernel beside the compiled engine. */
async function expertMicroseconds(rows: number): Promise<{ kernel: number; engine: number }> {
  const [dim, hidden] = [128, 512];
  const shape = { experts: 1, topK: 1, dim, hidden };
  const layer = new MoeLayer(shape, randomWeights(shape, 0, randomStream(1)), (await loadKernels())());
  const [inputs, outputs, buffer] = [dim, dim, hidden].map((width) => layer.arena.allocate(4 * rows * width));
  const network = mlp({ name: 'expert', inputs: dim, hidden: [hidden], outputs: dim, activation: 'relu' });
  const compiled = await compile({
    inputs: { x: [rows, dim] },
    parameters: { expert: createParameters(network.layout) },
    build: ({ x }, { expert }) => ({ outputs: { y: network.apply(expert, x as tf.Tensor2D) } }),
  });
  const kernel = 1000 * medianMs(() => layer.runExpert(0, rows, { inputs: inputs!, outputs: outputs!, hidden: buffer! }), { calls: 50 });
  const engine = 1000 * (await medianMsAsync(() => compiled.run(), { calls: 50 }));
  await compiled.dispose();
  return { kernel, engine };
}

function replaySeconds(): number {
  const trace = syntheticTrace({
    tokens: 1_000_000,
    experts: 60,
    topK: 4,
    skew: 1,
    locality: 0.5,
    batchTokens: 8,
    seed: 1,
  });
  const start = performance.now();
  replay(trace, { devices: 4, slots: 8, policies: policyNames, firstBatch: middleOf(trace.batchStarts.length - 1) });
  return (performance.now() - start) / 1000;
}
