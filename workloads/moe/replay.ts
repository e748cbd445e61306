import { InputError } from '../../src/io/errors.js';
import { expertParameters, expertShape } from './catalogue.js';
import type { ExpertShape } from './catalogue.js';
import { productSeconds, v100 } from './devices.js';
import type { Device } from './devices.js';
import { createCache, hit } from './policies.js';
import type { ExpertCache, PolicyName } from './policies.js';
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
}

export interface PolicyResult {
  readonly name: PolicyName;
  /** Expert runs, of which `misses` found the weights absent. */
  readonly runs: number;
  readonly misses: number;
  readonly missRate: number;
  /** From host memory, over all devices. */
  readonly bytesMoved: number;
  /** Time the layer waits for weights over the whole trace, when each load waits for the expert's turn. */
  readonly stallMs: number;
  /** The same when each load starts as soon as the link is free and the evicted expert has run. */
  readonly overlappedStallMs: number;
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
 * Replays a trace through expert caches. Within a batch each device runs the experts that have tokens there in
 * increasing id, once each; the layer waits for its slowest device. Memory is linear in the experts, except that
 * Belady's policy also keeps the whole sequence of uses.
 * Throws InputError for devices that do not divide the experts and for slots outside 1 to a device's experts.
 */
export function replay(trace: RoutingTrace, options: ReplayOptions): PolicyResult[] {
  const { devices, slots, policies, expert = expertOf(trace), device = v100 } = options;
  const perDevice = expertsPerDevice(trace.experts, devices);
  if (!Number.isInteger(slots) || slots < 1 || slots > perDevice) {
    throw new InputError(
      `${slots} slots; expected a whole number from 1 to ${perDevice}, the experts of each device (${trace.experts} on ${devices}).`,
    );
  }
  const batches = new BatchReader(trace);
  const expertBytes = expertParameters(expert) * expert.bytesPerWeight;
  const cost: Costs = {
    loadMs: (1000 * expertBytes) / device.hostLinkBytesPerSecond,
    computeMs: (rows) => 1000 * productSeconds(device, 2 * expertParameters(expert) * rows, expertBytes),
  };
  const caches = { devices, slots, perDevice, experts: trace.experts };
  const runs = policies.map((name) => new PolicyRun(name, caches, batches.rows, cost));
  const nextUses = policies.includes('belady') ? nextUsesOf(batches) : undefined;
  for (let batch = 0, use = 0; batch < batches.count; batch++) {
    const active = batches.read(batch);
    const upcoming = nextUses?.subarray(use, use + active.length);
    for (const run of runs) run.batch(active, upcoming);
    use += active.length;
  }
  return runs.map((run) => run.result(expertBytes));
}

/** Reads a trace batch by batch: which experts are active, in increasing id, and how many rows each has. */
class BatchReader {
  readonly count: number;
  /** Rows of each expert in the batch last read. */
  readonly rows: Int32Array;
  readonly #active: Int32Array;
  readonly #trace: RoutingTrace;

  constructor(trace: RoutingTrace) {
    this.#trace = trace;
    this.count = trace.batchStarts.length - 1;
    this.rows = new Int32Array(trace.experts);
    this.#active = new Int32Array(trace.experts);
  }

  read(batch: number): Int32Array {
    const { ids, topK, batchStarts } = this.#trace;
    this.rows.fill(0);
    const last = batchStarts[batch + 1]! * topK;
    for (let at = batchStarts[batch]! * topK; at < last; at++) this.rows[ids[at]!]!++;
    let size = 0;
    for (let expert = 0; expert < this.rows.length; expert++) {
      if (this.rows[expert]! > 0) this.#active[size++] = expert;
    }
    return this.#active.subarray(0, size);
  }
}

const never = 0xffffffff;

/** For each use, in the order of the replay, the number of the same expert's next use. */
function nextUsesOf(batches: BatchReader): Uint32Array {
  let uses = 0;
  for (let batch = 0; batch < batches.count; batch++) uses += batches.read(batch).length;
  const result = new Uint32Array(uses).fill(never);
  const lastUse = new Int32Array(batches.rows.length).fill(-1);
  for (let batch = 0, use = 0; batch < batches.count; batch++) {
    for (const expert of batches.read(batch)) {
      if (lastUse[expert]! >= 0) result[lastUse[expert]!] = use;
      lastUse[expert] = use++;
    }
  }
  return result;
}

interface Costs {
  /** Of bringing one expert's weights from host memory. */
  readonly loadMs: number;
  computeMs(rows: number): number;
}

/** One policy's caches on all devices, and what they cost so far. */
class PolicyRun {
  readonly #caches: ExpertCache[];
  readonly #perDevice: number;
  /** When each expert's run of this batch ended, from the batch's start. */
  readonly #ranUntilMs: Float64Array;
  #runs = 0;
  #misses = 0;
  #stallMs = 0;
  #overlappedStallMs = 0;
  readonly #name: PolicyName;
  readonly #rows: Int32Array;
  readonly #costs: Costs;

  constructor(
    name: PolicyName,
    { devices, slots, perDevice, experts }: { devices: number; slots: number; perDevice: number; experts: number },
    rows: Int32Array,
    costs: Costs,
  ) {
    this.#name = name;
    this.#rows = rows;
    this.#costs = costs;
    this.#perDevice = perDevice;
    this.#caches = Array.from({ length: devices }, () => createCache(name, slots, experts, rows));
    this.#ranUntilMs = new Float64Array(experts);
  }

  batch(active: Int32Array, nextUses: Uint32Array | undefined): void {
    const { loadMs } = this.#costs;
    this.#ranUntilMs.fill(0);
    let slowest = 0;
    let slowestOverlapped = 0;
    for (let i = 0; i < active.length; ) {
      const device = Math.floor(active[i]! / this.#perDevice);
      const cache = this.#caches[device]!;
      const end = (device + 1) * this.#perDevice;
      cache.beginBatch();
      let loads = 0;
      let waited = 0;
      let linkFreeMs = 0;
      let nowMs = 0;
      for (; i < active.length && active[i]! < end; i++) {
        const expert = active[i]!;
        const evicted = cache.use(expert, nextUses?.[i] ?? never);
        if (evicted !== hit) {
          loads++;
          const freedMs = evicted >= 0 ? this.#ranUntilMs[evicted]! : 0;
          linkFreeMs = Math.max(linkFreeMs, freedMs) + loadMs;
          waited += Math.max(0, linkFreeMs - nowMs);
          nowMs = Math.max(nowMs, linkFreeMs);
        }
        nowMs += this.#costs.computeMs(this.#rows[expert]!);
        this.#ranUntilMs[expert] = nowMs;
      }
      this.#misses += loads;
      slowest = Math.max(slowest, loads * loadMs);
      slowestOverlapped = Math.max(slowestOverlapped, waited);
    }
    this.#runs += active.length;
    this.#stallMs += slowest;
    this.#overlappedStallMs += slowestOverlapped;
  }

  result(expertBytes: number): PolicyResult {
    return {
      name: this.#name,
      runs: this.#runs,
      misses: this.#misses,
      missRate: this.#misses / this.#runs,
      bytesMoved: this.#misses * expertBytes,
      stallMs: this.#stallMs,
      overlappedStallMs: this.#overlappedStallMs,
    };
  }
}
