import type { RoutingTrace } from './trace.js';

/** Reads a trace batch by batch: which experts are active, in increasing id, and how many rows each has. */
export class BatchReader {
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

  /** The active experts; valid until the next call. */
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

/** Stands for a use that never comes. */
export const never = 0xffffffff;

/** For each use from batch `first` on, in the order of the replay, the number of the same expert's next use. */
export function nextUsesOf(batches: BatchReader, first: number): Uint32Array {
  let uses = 0;
  for (let batch = first; batch < batches.count; batch++) uses += batches.read(batch).length;
  const result = new Uint32Array(uses).fill(never);
  const lastUse = new Int32Array(batches.rows.length).fill(-1);
  for (let batch = first, use = 0; batch < batches.count; batch++) {
    for (const expert of batches.read(batch)) {
      if (lastUse[expert]! >= 0) result[lastUse[expert]!] = use;
      lastUse[expert] = use++;
    }
  }
  return result;
}
