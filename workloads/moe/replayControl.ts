import { expertOf, replay } from './replay.js';
import type { PolicyResult } from './replay.js';
import { expertParameters } from './catalogue.js';
import { policyNames } from './policies.js';
import type { PolicyName } from './policies.js';
import { shuffledTrace } from './trace.js';
import { openTrace, summarise } from './traceSource.js';
import type { TraceSource, TraceSummary } from './traceSource.js';

export interface ReplayReport extends TraceSummary {
  readonly devices: number;
  readonly slots: number;
  readonly expertBytes: number;
  readonly policies: readonly PolicyResult[];
  /** The same on the trace shuffled in time: what is left without locality. */
  readonly shuffled: readonly PolicyResult[];
}

/** Replays a trace and, as the control, the same trace shuffled in time. Throws InputError as `replay` does. */
export function replayWithControl(
  source: TraceSource & { devices: number; slots: number; policy: PolicyName | 'all' },
): ReplayReport {
  const { devices, slots, policy, seed } = source;
  const trace = openTrace(source);
  const policies = policy === 'all' ? policyNames : [policy];
  const expert = expertOf(trace);
  return {
    ...summarise(trace),
    devices,
    slots,
    expertBytes: expertParameters(expert) * expert.bytesPerWeight,
    policies: replay(trace, { devices, slots, policies, expert }),
    shuffled: replay(shuffledTrace(trace, seed), { devices, slots, policies, expert }),
  };
}
