import type { ExpertForecast } from './expertForecast.js';
import { createCache, hit } from './policies.js';
import type { ExpertCache, PolicyName } from './policies.js';
import { PredictiveCache } from './predictiveCache.js';
import type { EvictionRule } from './predictiveCache.js';
import { never } from './batchReader.js';

/** How experts are spread: `perDevice` consecutive ids on each device, of which `slots` fit. */
export interface CacheSizes {
  readonly devices: number;
  readonly slots: number;
  readonly perDevice: number;
}

export interface ReplayCosts {
  /** Of bringing one expert's weights from host memory. */
  readonly loadMs: number;
  computeMs(rows: number): number;
}

/** A policy with all that it may know. */
export interface Policy {
  readonly name: PolicyName;
  /** What the predictive policy has learned; without it, it falls back to the paper's. */
  readonly learned?: { readonly forecast: ExpertForecast; readonly rule: EvictionRule };
}

/** One policy's caches on all devices, and what they cost so far. */
export class PolicyRun {
  /** Experts run. */
  runs = 0;
  /** Loads, on demand and prefetched. */
  loads = 0;
  prefetched = 0;
  stallMs = 0;
  overlappedStallMs = 0;
  readonly #caches: ExpertCache[];
  readonly #perDevice: number;
  /** When each expert's run of this batch ended, from the batch's start. */
  readonly #ranUntilMs: Float64Array;
  /** When a prefetched expert is there, from the coming batch's start; 0 for others. */
  readonly #readyMs: Float64Array;
  /** Of each device: prefetched loads of the coming batch, when its link is free, how long its experts ran. */
  readonly #ahead: Int32Array;
  readonly #linkFreeMs: Float64Array;
  readonly #computedMs: Float64Array;
  readonly #rows: Int32Array;
  readonly #costs: ReplayCosts;

  constructor({ name, learned }: Policy, { devices, slots, perDevice }: CacheSizes, rows: Int32Array, costs: ReplayCosts) {
    this.#rows = rows;
    this.#costs = costs;
    this.#perDevice = perDevice;
    this.#caches = Array.from({ length: devices }, (_, device) => {
      if (name !== 'predictive') return createCache(name, slots, rows.length, rows);
      if (learned === undefined) return createCache('lifo', slots, rows.length, rows);
      const range = { slots, first: device * perDevice, end: (device + 1) * perDevice };
      return new PredictiveCache(range, rows, learned.forecast, learned.rule);
    });
    this.#ranUntilMs = new Float64Array(rows.length);
    this.#readyMs = new Float64Array(rows.length);
    this.#ahead = new Int32Array(devices);
    this.#linkFreeMs = new Float64Array(devices);
    this.#computedMs = new Float64Array(devices);
  }

  /**
   * Between two batches: a policy that prefetches starts loads while the layer before computes, which is taken to last as
   * long as this layer's experts ran in the batch before. What has begun is finished, needed or not.
   */
  prefetch(): void {
    const { loadMs } = this.#costs;
    this.#readyMs.fill(0);
    this.#ahead.fill(0);
    this.#linkFreeMs.fill(0);
    this.#caches.forEach((cache, device) => {
      if (!(cache instanceof PredictiveCache)) return;
      const windowMs = this.#computedMs[device]!;
      for (let started = 0; started * loadMs < windowMs; started++) {
        const expert = cache.prefetch();
        if (expert < 0) break;
        this.#ahead[device]!++;
        this.#linkFreeMs[device] = Math.max(0, (started + 1) * loadMs - windowMs);
        this.#readyMs[expert] = this.#linkFreeMs[device]!;
      }
      this.prefetched += this.#ahead[device]!;
      this.loads += this.#ahead[device]!;
    });
  }

  /** Runs the active experts of a batch, in increasing id; `nextUses` of each for the policy that may look. */
  batch(active: Int32Array, nextUses: Uint32Array | undefined): void {
    this.#ranUntilMs.fill(0);
    let slowest = 0;
    let slowestOverlapped = 0;
    for (let i = 0; i < active.length; ) {
      const device = Math.floor(active[i]! / this.#perDevice);
      let end = i + 1;
      while (end < active.length && active[end]! < (device + 1) * this.#perDevice) end++;
      const { loads, waitedMs } = this.#runDevice(device, active.subarray(i, end), nextUses?.subarray(i, end));
      this.loads += loads;
      slowest = Math.max(slowest, (loads + this.#ahead[device]!) * this.#costs.loadMs);
      slowestOverlapped = Math.max(slowestOverlapped, waitedMs);
      i = end;
    }
    this.runs += active.length;
    this.stallMs += slowest;
    this.overlappedStallMs += slowestOverlapped;
  }

  #runDevice(device: number, active: Int32Array, nextUses: Uint32Array | undefined): { loads: number; waitedMs: number } {
    const cache = this.#caches[device]!;
    cache.beginBatch();
    let loads = 0;
    let waitedMs = 0;
    let linkFreeMs = this.#linkFreeMs[device]!;
    let nowMs = 0;
    let computedMs = 0;
    active.forEach((expert, i) => {
      const evicted = cache.use(expert, nextUses?.[i] ?? never);
      let readyMs = this.#readyMs[expert]!;
      if (evicted !== hit) {
        loads++;
        const freedMs = evicted >= 0 ? this.#ranUntilMs[evicted]! : 0;
        linkFreeMs = Math.max(linkFreeMs, freedMs) + this.#costs.loadMs;
        readyMs = linkFreeMs;
      }
      waitedMs += Math.max(0, readyMs - nowMs);
      const runMs = this.#costs.computeMs(this.#rows[expert]!);
      computedMs += runMs;
      nowMs = Math.max(nowMs, readyMs) + runMs;
      this.#ranUntilMs[expert] = nowMs;
    });
    this.#computedMs[device] = computedMs;
    return { loads, waitedMs };
  }
}
