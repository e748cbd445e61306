import type { Estimate } from './estimate.js';
import { workloadFor } from './presets/catalogue.js';
import type { Workload } from './workload.js';
import type { ChosenWorkload } from './workloadChoice.js';

/** What a service is judged by; only the figures that a workload has. */
export interface Served {
  /** Tokens generated for all sequences together, a second. */
  readonly tokensPerSecond?: number;
  readonly joulesPerToken?: number;
  readonly timeToFirstTokenMs?: number;
  readonly joulesPerImage?: number;
  readonly joulesPerVideo?: number;
}

/** The service's figures of an estimate; `estimated` is asked for other workloads on the same device. */
export function servedFigures({ model: chosen, item, items }: ChosenWorkload, { timeMs, energyJ }: Estimate, estimated: (workload: Workload) => Estimate): Served {
  if (chosen === undefined) return {};
  const { model, request } = chosen;
  if (item === 'image') return { joulesPerImage: energyJ / items };
  if (item === 'video') return { joulesPerVideo: energyJ / items };
  if (request.phase === 'decode') return { tokensPerSecond: (1e3 * items) / timeMs, joulesPerToken: energyJ / items };
  if (request.phase === 'prefill') return model.decoder === undefined ? {} : { timeToFirstTokenMs: timeMs };
  const tokens = items * request.output!;
  const first = estimated(workloadFor(model, { ...request, phase: 'prefill' }));
  return { tokensPerSecond: (1e3 * tokens) / timeMs, joulesPerToken: energyJ / tokens, timeToFirstTokenMs: first.timeMs };
}
