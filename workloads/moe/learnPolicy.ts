import { mean, standardDeviation } from '../../src/math/statistics.js';
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
/** Standard errors by which a rule must load less often than the paper's policy. */
const standardErrors = 2;
/** Batches at most on which rules are compared; the latest count. */
const mostCompared = 1000;

/**
 * Learns the predictive policy from the batches of a trace before `until`: the forecast by regression, then the power and
 * the least chance worth a prefetch by replaying the same batches. A prefetch must save waiting and may not add loads.
 * Undefined where no rule certainly loads less often than the paper's policy: then that one is to be used.
 */
export function learnPolicy(trace: RoutingTrace, until: number, sizes: CacheSizes, costs: ReplayCosts): LearnedPolicy | undefined {
  const weights = learnForecast(trace, until);
  const compare = (rules: readonly EvictionRule[]): Compared[] => compared({ trace, until, weights, sizes, costs }, rules);
  const leastLoads = compare(powers.map((power) => ({ power, prefetchChance: noPrefetch }))).reduce((least, each) =>
    each.run.loads < least.run.loads ? each : least,
  );
  if (!isCertain(leastLoads.saved)) return undefined;
  let best = leastLoads;
  for (const each of compare(prefetchChances.map((prefetchChance) => ({ ...best.rule, prefetchChance })))) {
    if (each.run.loads <= leastLoads.run.loads && each.run.overlappedStallMs < best.run.overlappedStallMs) best = each;
  }
  return { weights, rule: best.rule };
}

/** Whether loads saved batch by batch are more than chance: their mean is some standard errors above 0. */
function isCertain(saved: readonly number[]): boolean {
  const least = (standardErrors * standardDeviation(saved)) / Math.sqrt(saved.length);
  return mean(saved) > least;
}

interface Past {
  readonly trace: RoutingTrace;
  readonly until: number;
  readonly weights: Float64Array;
  readonly sizes: CacheSizes;
  readonly costs: ReplayCosts;
}

interface Compared {
  readonly rule: EvictionRule;
  readonly run: PolicyRun;
  /** Loads fewer than under the paper's policy, batch by batch. */
  readonly saved: readonly number[];
}

/** Replays the past under the paper's policy and under each rule, side by side. */
function compared({ trace, until, weights, sizes, costs }: Past, rules: readonly EvictionRule[]): Compared[] {
  const reader = new BatchReader(trace);
  const forecast = new ExpertForecast(trace.experts, trace.topK, weights);
  const start = (policy: Policy): PolicyRun => new PolicyRun(policy, sizes, reader.rows, costs);
  const paper = start({ name: 'lifo' });
  const results = rules.map((rule) => ({ rule, run: start({ name: 'predictive', learned: { forecast, rule } }), saved: [] as number[] }));
  const first = Math.max(0, until - mostCompared);
  for (let batch = 0; batch < until; batch++) {
    const ahead = (): number[] => results.map(({ run }) => paper.loads - run.loads);
    const before = ahead();
    if (batch > first) for (const { run } of results) run.prefetch();
    const active = reader.read(batch);
    forecast.observe(reader.rows);
    if (batch < first) continue;
    for (const run of [paper, ...results.map((each) => each.run)]) run.batch(active, undefined);
    ahead().forEach((value, i) => results[i]!.saved.push(value - before[i]!));
  }
  return results;
}
