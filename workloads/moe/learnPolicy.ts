import { BatchReader } from './batchReader.js';
import { ExpertForecast, learnForecast } from './expertForecast.js';
import { PolicyRun } from './policyRun.js';
import type { CacheSizes, Policy, ReplayCosts } from './policyRun.js';
import type { EvictionRule } from './predictiveCache.js';
import type { RoutingTrace } from './trace.js';

/** What the predictive policy learned from a trace's past. */
export interface LearnedPolicy {
  readonly weights: Float64Array;
  readonly rule: EvictionRule;
}

/** Rules that are tried: nearly the logarithm of the distance, the distance, its square, its fourth power. */
const powers = [0.3, 1, 2, 4];
const noPrefetch = 2;
const prefetchChances = [0.95, 0.9, 0.8];
/** Batches at most on which rules are compared; the latest count. */
const mostCompared = 1000;

/**
 * Learns the predictive policy from the batches of a trace before `until`: the forecast by regression, then the power and
 * the least chance worth a prefetch by replaying the same batches. A prefetch must save waiting and may not add loads.
 * Undefined where no rule loads less often than the paper's policy: then that one is to be used.
 */
export function learnPolicy(trace: RoutingTrace, until: number, sizes: CacheSizes, costs: ReplayCosts): LearnedPolicy | undefined {
  const weights = learnForecast(trace, until);
  const compare = (rules: readonly EvictionRule[]): PolicyRun[] => compared({ trace, until, weights, sizes, costs }, rules);
  const rules = powers.map((power) => ({ power, prefetchChance: noPrefetch }));
  const [paper, ...runs] = compare(rules);
  const best = runs.reduce((least, run) => (run.loads < least.loads ? run : least));
  if (best.loads >= paper!.loads) return undefined;
  let rule = rules[runs.indexOf(best)]!;
  let stallMs = best.overlappedStallMs;
  const prefetching = prefetchChances.map((prefetchChance) => ({ ...rule, prefetchChance }));
  compare(prefetching).slice(1).forEach((run, i) => {
    if (run.loads <= best.loads && run.overlappedStallMs < stallMs) [rule, stallMs] = [prefetching[i]!, run.overlappedStallMs];
  });
  return { weights, rule };
}

interface Past {
  readonly trace: RoutingTrace;
  readonly until: number;
  readonly weights: Float64Array;
  readonly sizes: CacheSizes;
  readonly costs: ReplayCosts;
}

/** Replays the past under the paper's policy and under each rule, side by side. */
function compared({ trace, until, weights, sizes, costs }: Past, rules: readonly EvictionRule[]): PolicyRun[] {
  const reader = new BatchReader(trace);
  const forecast = new ExpertForecast(trace.experts, trace.topK, weights);
  const policies: Policy[] = [{ name: 'lifo' }, ...rules.map((rule): Policy => ({ name: 'predictive', learned: { forecast, rule } }))];
  const runs = policies.map((policy) => new PolicyRun(policy, sizes, reader.rows, costs));
  const first = Math.max(0, until - mostCompared);
  for (let batch = 0; batch < until; batch++) {
    if (batch > first) for (const run of runs) run.prefetch();
    const active = reader.read(batch);
    forecast.observe(reader.rows);
    if (batch >= first) for (const run of runs) run.batch(active, undefined);
  }
  return runs;
}
