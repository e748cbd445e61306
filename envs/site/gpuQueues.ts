import { KeptQueue, siftDown } from './keptQueue.js';

/** Up to so many GPUs a site's backlog is summed over them when it is asked for; above, it is kept. */
export const summedUpTo = 64;

/**
 * When each GPU of each site is free, times in seconds of the day: per site a binary heap, the earliest first, and for
 * large sites a `KeptQueue`.
 */
export class GpuQueues {
  readonly #freeAt: Float64Array;
  /** Where each site's heap begins. */
  readonly #offset: Int32Array;
  /** Per site, what keeps its backlog; null where it is summed. */
  readonly #kept: readonly (KeptQueue | null)[];

  constructor(readonly gpuCount: Int32Array) {
    this.#offset = new Int32Array(gpuCount.length + 1);
    gpuCount.forEach((count, k) => (this.#offset[k + 1] = this.#offset[k]! + (count > summedUpTo ? 0 : count)));
    this.#freeAt = new Float64Array(this.#offset[gpuCount.length]!);
    this.#kept = Array.from(gpuCount, (count) => (count > summedUpTo ? new KeptQueue(count) : null));
  }

  reset(): void {
    this.#freeAt.fill(0);
    for (const kept of this.#kept) kept?.reset();
  }

  /** Moves the origin of time forward by `seconds`. */
  shift(seconds: number): void {
    for (let i = 0; i < this.#freeAt.length; i++) this.#freeAt[i] = this.#freeAt[i]! - seconds;
    for (const kept of this.#kept) kept?.shift(seconds);
  }

  /** When the site's next GPU is free; may lie in the past. */
  earliestFree(site: number): number {
    const kept = this.#kept[site]!;
    return kept === null ? this.#freeAt[this.#offset[site]!]! : kept.earliestFree();
  }

  /** When the GPU after that is free; Infinity for a single one. */
  secondFree(site: number): number {
    const kept = this.#kept[site]!;
    if (kept !== null) return kept.secondFree();
    const base = this.#offset[site]!;
    const count = this.gpuCount[site]!;
    if (count < 3) return count === 2 ? this.#freeAt[base + 1]! : Infinity;
    return Math.min(this.#freeAt[base + 1]!, this.#freeAt[base + 2]!);
  }

  /** Work still to be done at `now`, seconds per GPU. */
  backlogSeconds(site: number, now: number): number {
    const kept = this.#kept[site]!;
    if (kept !== null) return kept.backlogSeconds(now);
    const freeAt = this.#freeAt;
    const end = this.#offset[site + 1]!;
    let sum = 0;
    for (let i = this.#offset[site]!; i < end; i++) {
      const left = freeAt[i]! - now;
      if (left > 0) sum += left;
    }
    return sum / this.gpuCount[site]!;
  }

  /** Keeps the site's earliest-free GPU busy until `end`, which is not before it is free. */
  occupy(site: number, end: number): void {
    const kept = this.#kept[site]!;
    if (kept === null) siftDown(this.#freeAt, this.gpuCount[site]!, end, this.#offset[site]!);
    else kept.occupy(end);
  }
}
