import { InputError } from '../../src/io/errors.js';
import { expertParameters, expertShape } from './catalogue.js';
import type { ExpertShape } from './catalogue.js';
import { productSeconds, v100 } from './devices.js';
import type { Device } from './devices.js';
import { BatchReader, nextUsesOf } from './batchReader.js';
import { ExpertForecast } from './expertForecast.js';
import { learnPolicy } from './learnPolicy.js';
import type { PolicyName } from './policies.js';
import { PolicyRun } from './policyRun.js';
import type { Policy, ReplayCosts } from './policyRun.js';
import type { EvictionRule } from './predictiveCache.js';
import type { RoutingTrace } from './trace.js';

export interface ReplayOptions {
  /** Devices that share the experts, each holding a run of consecutive ids. */
  devices: number;
  /** Experts whose weights fit on one device at once. */
  slots: number;
  policies: readonly PolicyName[];
  /** Size of an expert; by the trace's model where not given, else the paper's language model. */
  expert?: ExpertShape;
  device?: Device;
  /** Batches before this one are only learned from (0 where not given); counted are those from it on. */
  firstBatch?: number;
}

export interface PolicyResult {
  readonly name: PolicyName;
  /** Expert runs. */
  readonly runs: number;
  /** Loads, on demand or prefetched; of these prefetched; all as a share of the runs. */
  readonly misses: number;
  readonly prefetched: number;
  readonly missRate: number;
  /** From host memory, over all devices. */
  readonly bytesMoved: number;
  /** Time the layer waits for weights over all batches counted, when each load waits for the expert's turn. */
  readonly stallMs: number;
  /** The same when each load starts as soon as the link is free and the evicted expert has run. */
  readonly overlappedStallMs: number;
  /** Of the predictive policy: the rule that it learned, null where it fell back to the paper's. */
  readonly rule?: EvictionRule | null;
}

/** The paper's language-model expert (d 1024, FFN 4096, half precision), for a model that is not known. */
export const defaultExpert: ExpertShape = { experts: 512, dim: 1024, hidden: 4096, matrices: 2, bytesPerWeight: 2 };

export const expertOf = (trace: RoutingTrace): ExpertShape => expertShape(trace.model) ?? defaultExpert;

/** Experts of each device. Throws InputError unless the devices divide the experts. */
export function expertsPerDevice(experts: number, devices: number): number {
  if (!Number.isInteger(devices) || devices < 1) {
    throw new InputError(`The number of devices is ${devices}; expected a whole number from 1.`);
  }
  if (experts % devices !== 0) {
    throw new InputError(`${devices} devices cannot share ${experts} experts evenly; expected a divisor of ${experts}.`);
  }
  return experts / devices;
}

/**
 * Replays a trace through expert caches that are empty at first. Within a batch each device runs the experts that have
 * tokens there in increasing id, once each; the layer waits for its slowest device. The predictive policy learns from the
 * batches before `firstBatch` and goes on observing; without such a past it is the paper's. Memory is linear in the
 * experts, except that Belady's policy also keeps the whole sequence of uses.
 * Throws InputError for devices that do not divide the experts and for slots outside 1 to a device's experts.
 */
export function replay(trace: RoutingTrace, options: ReplayOptions): PolicyResult[] {
  const { devices, slots, policies, expert = expertOf(trace), device = v100, firstBatch = 0 } = options;
  const perDevice = expertsPerDevice(trace.experts, devices);
  if (!Number.isInteger(slots) || slots < 1 || slots > perDevice) {
    throw new InputError(
      `${slots} slots; expected a whole number from 1 to ${perDevice}, the experts of each device (${trace.experts} on ${devices}).`,
    );
  }
  const batches = new BatchReader(trace);
  const expertBytes = expertParameters(expert) * expert.bytesPerWeight;
  const costs: ReplayCosts = {
    loadMs: (1000 * expertBytes) / device.hostLinkBytesPerSecond,
    computeMs: (rows) => 1000 * productSeconds(device, 2 * expertParameters(expert) * rows, expertBytes),
  };
  const sizes = { devices, slots, perDevice };
  const learned = policies.includes('predictive') && firstBatch > 0 ? learnPolicy(trace, firstBatch, sizes, costs) : undefined;
  const forecast = learned && new ExpertForecast(trace.experts, trace.topK, learned.weights);
  const known: Pick<Policy, 'learned'> = forecast === undefined ? {} : { learned: { forecast, rule: learned!.rule } };
  const runs = policies.map((name) => new PolicyRun({ name, ...known }, sizes, batches.rows, costs));
  const nextUses = policies.includes('belady') ? nextUsesOf(batches, firstBatch) : undefined;
  for (let batch = forecast === undefined ? firstBatch : 0, use = 0; batch < batches.count; batch++) {
    if (batch > firstBatch) for (const run of runs) run.prefetch();
    const active = batches.read(batch);
    forecast?.observe(batches.rows);
    if (batch < firstBatch) continue;
    const upcoming = nextUses?.subarray(use, use + active.length);
    for (const run of runs) run.batch(active, upcoming);
    use += active.length;
  }
  return runs.map((run, i) => resultOf(policies[i]!, run, expertBytes, learned?.rule));
}

function resultOf(name: PolicyName, run: PolicyRun, expertBytes: number, rule: EvictionRule | undefined): PolicyResult {
  const { runs, loads, prefetched, stallMs, overlappedStallMs } = run;
  return {
    name,
    runs,
    misses: loads,
    prefetched,
    missRate: loads / runs,
    bytesMoved: loads * expertBytes,
    stallMs,
    overlappedStallMs,
    ...(name === 'predictive' ? { rule: rule ?? null } : {}),
  };
}
