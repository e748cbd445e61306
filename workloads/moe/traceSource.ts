import { readRoutingLog } from './routingLog.js';
import { syntheticTrace } from './synthetic.js';
import type { RoutingTrace } from './trace.js';

/** Where a trace comes from: a log, or the generator where `trace` is not given. */
export interface TraceSource {
  trace?: string | undefined;
  layer?: number | undefined;
  experts?: number | undefined;
  /** Tokens per batch. */
  batch?: number | undefined;
  tokens: number;
  topK: number;
  skew: number;
  locality: number;
  seed: number;
}

/** Experts of a synthetic trace and sequences decoded side by side, where not given. */
const synthetic = { experts: 60, batchTokens: 8 };

/** Throws InputError as the reader and the generator do. */
export function openTrace(source: TraceSource): RoutingTrace {
  const { trace, layer, experts, batch } = source;
  if (trace === undefined) {
    return syntheticTrace({
      ...source,
      experts: experts ?? synthetic.experts,
      batchTokens: batch ?? synthetic.batchTokens,
    });
  }
  return readRoutingLog(trace, {
    ...(layer === undefined ? {} : { layer }),
    ...(experts === undefined ? {} : { experts }),
    ...(batch === undefined ? {} : { batchTokens: batch }),
  });
}

/** What every result says of its trace. */
export interface TraceSummary {
  readonly trace: string;
  readonly synthetic: boolean;
  readonly model: string | null;
  readonly layer: number;
  readonly tokens: number;
  readonly experts: number;
  readonly topK: number;
  readonly batches: number;
  readonly batching: string;
  readonly warmUpTokens: number;
}

export const summarise = (trace: RoutingTrace): TraceSummary => ({
  trace: trace.name,
  synthetic: trace.synthetic,
  model: trace.model,
  layer: trace.layer,
  tokens: trace.tokens,
  experts: trace.experts,
  topK: trace.topK,
  batches: trace.batchStarts.length - 1,
  batching: trace.batching,
  warmUpTokens: trace.warmUpTokens,
});

/** The summary in two lines. */
export function describeTrace(summary: TraceSummary): string {
  const { trace, model, layer, tokens, experts, topK, batches, batching, warmUpTokens } = summary;
  const warmUp = warmUpTokens > 0 ? `; ${warmUpTokens} leading tokens of one repeated route left out` : '';
  return (
    `${trace}${model === null ? '' : `, ${model}`}, layer ${layer}\n` +
    `${tokens} tokens, top-${topK} of ${experts} experts, ${batches} batches (${batching})${warmUp}`
  );
}
