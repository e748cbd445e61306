import { benchmarkGating } from '../workloads/moe/benchmark.js';
import { policyNames } from '../workloads/moe/policies.js';
import { replay } from '../workloads/moe/replay.js';
import { syntheticTrace } from '../workloads/moe/synthetic.js';
import type { Section } from './section.js';

/** The paper's language-model layer, narrower; and a million tokens through every cache policy. */
export const moe: Section = {
  name: 'moe',
  run: async () => {
    const gating = benchmarkGating({
      experts: 512,
      topK: 2,
      tokens: 2048,
      dim: 64,
      capacityFactor: 0.05,
      skew: 0,
      runs: 5,
      seed: 1,
    });
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
    replay(trace, { devices: 4, slots: 8, policies: policyNames });
    return {
      moeStaticTokensPerSecond: gating.static.tokensPerSecond,
      moeDynamicTokensPerSecond: gating.dynamic.tokensPerSecond,
      moeSpeedup: gating.speedup,
      moeReplayMillionTokensFivePoliciesSeconds: (performance.now() - start) / 1000,
    };
  },
};
