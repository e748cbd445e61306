import { expertOf, replay } from './replay.js';
import type { PolicyResult } from './replay.js';
import { expertParameters } from './catalogue.js';
import { onlineCeiling } from './onlineOptimum.js';
import type { OnlineCeiling } from './onlineOptimum.js';
import { policyNames } from './policies.js';
import type { PolicyName } from './policies.js';
import { middleOf, shuffledTrace } from './trace.js';
import { openTrace, summarise } from './traceSource.js';
import type { TraceSource, TraceSummary } from './traceSource.js';

export interface ReplayReport extends TraceSummary {
  readonly devices: number;
  readonly slots: number;
  readonly expertBytes: number;
  /** Batches that the predictive policy learned from, and those after them, on which every policy is judged. */
  readonly learnedBatches: number;
  readonly judgedBatches: number;
  readonly policies: readonly PolicyResult[];
  /** The same on the trace shuffled in time: what is left without locality. */
  readonly shuffled: readonly PolicyResult[];
  /** Where asked for: what a policy without foresight can reach at best. */
  readonly ceiling?: OnlineCeiling;
}

/**
 * Replays the second half of a trace's batches, learning from the first, and, as the control, the same trace shuffled in
 * time (both halves together). With `ceiling` also the optimum without foresight. Throws InputError as `replay` and
 * `onlineCeiling` do.
 */
export function replayWithControl(
  source: TraceSource & { devices: number; slots: number; policy: PolicyName | 'all'; ceiling?: boolean },
): ReplayReport {
  const { devices, slots, policy, seed, ceiling = false } = source;
  const trace = openTrace(source);
  const policies = policy === 'all' ? policyNames : [policy];
  const expert = expertOf(trace);
  const batches = trace.batchStarts.length - 1;
  const firstBatch = middleOf(batches);
  const options = { devices, slots, policies, expert, firstBatch };
  return {
    ...summarise(trace),
    devices,
    slots,
    expertBytes: expertParameters(expert) * expert.bytesPerWeight,
    learnedBatches: firstBatch,
    judgedBatches: batches - firstBatch,
    policies: replay(trace, options),
    shuffled: replay(shuffledTrace(trace, seed), options),
    ...(ceiling ? { ceiling: onlineCeiling(trace, { devices, slots, seed }) } : {}),
  };
}
