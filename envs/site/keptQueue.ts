/**
 * The GPUs of one large site by when they are free, with the backlog kept rather than summed over them. Those that are busy
 * at the latest time asked about are a binary heap, the earliest free first; the others a ring in ascending order, which
 * they enter in just that order as time goes on; before them all, those that were never used. A job costs O(log GPUs),
 * amortised, however often the backlog is asked for. Times are seconds of the day.
 */
export class KeptQueue {
  /** Busy GPUs, a heap in the first `#busy` places, and the sum of its times: `#sum + #carry`, compensated. */
  readonly #heap: Float64Array;
  #busy = 0;
  #sum = 0;
  #carry = 0;
  /** Idle GPUs that were used: `#idle` places of the ring from `#head` on. */
  readonly #ring: Float64Array;
  #head = 0;
  #idle = 0;
  /** GPUs never used, and since when they are free. */
  #fresh: number;
  #freshAt = 0;
  /** What is free later than this is in the heap. */
  #asOf = 0;

  constructor(readonly count: number) {
    this.#heap = new Float64Array(count);
    this.#ring = new Float64Array(count);
    this.#fresh = count;
  }

  reset(): void {
    this.#fresh = this.count;
    this.#freshAt = 0;
    this.#asOf = 0;
    this.#idle = 0;
    this.#busy = 0;
    this.#sum = 0;
    this.#carry = 0;
  }

  /** Moves the origin of time forward by `seconds`. */
  shift(seconds: number): void {
    this.#freshAt -= seconds;
    this.#asOf -= seconds;
    for (let i = 0; i < this.#idle; i++) this.#ring[this.#place(i)]! -= seconds;
    this.#sum = 0;
    this.#carry = 0;
    for (let i = 0; i < this.#busy; i++) {
      this.#heap[i]! -= seconds;
      this.#add(this.#heap[i]!);
    }
  }

  /** When the next GPU is free; may lie in the past. */
  earliestFree(): number {
    if (this.#fresh > 0) return this.#freshAt;
    return this.#idle > 0 ? this.#ring[this.#head]! : this.#heap[0]!;
  }

  /** When the GPU after that is free. */
  secondFree(): number {
    const heap = this.#heap;
    const before = this.#fresh + this.#idle;
    if (before === 0) return Math.min(heap[1] ?? Infinity, heap[2] ?? Infinity);
    if (before === 1) return this.#busy > 0 ? heap[0]! : Infinity;
    if (this.#fresh > 1) return this.#freshAt;
    return this.#ring[this.#place(1 - this.#fresh)]!;
  }

  /** Work still to be done at `now`, seconds per GPU. Times in ascending order are cheapest. */
  backlogSeconds(now: number): number {
    while (this.#busy > 0 && this.#heap[0]! <= now) {
      const end = this.#popBusy();
      this.#ring[this.#place(this.#idle++)] = end;
    }
    if (now > this.#asOf) this.#asOf = now;
    let left = this.#sum - this.#busy * now + this.#carry;
    if (now < this.#asOf) {
      // Those that became idle since.
      for (let i = this.#idle - 1; i >= 0; i--) {
        const end = this.#ring[this.#place(i)]!;
        if (end <= now) break;
        left += end - now;
      }
      left += this.#fresh * Math.max(0, this.#freshAt - now);
    }
    return Math.max(0, left) / this.count;
  }

  /** Keeps the earliest-free GPU busy until `end`, which is not before it is free. */
  occupy(end: number): void {
    if (this.#fresh > 0) this.#fresh--;
    else if (this.#idle > 0) {
      this.#head = this.#place(1);
      this.#idle--;
    } else this.#popBusy();
    if (end > this.#asOf) this.#pushBusy(end);
    else this.#insertIdle(end);
  }

  /** Index in the ring of the `i`th idle GPU. */
  #place(i: number): number {
    const place = this.#head + i;
    return place < this.count ? place : place - this.count;
  }

  #insertIdle(end: number): void {
    let i = this.#idle++;
    for (; i > 0 && this.#ring[this.#place(i - 1)]! > end; i--) this.#ring[this.#place(i)] = this.#ring[this.#place(i - 1)]!;
    this.#ring[this.#place(i)] = end;
  }

  #pushBusy(end: number): void {
    const heap = this.#heap;
    let i = this.#busy++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]! <= end) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = end;
    this.#add(end);
  }

  #popBusy(): number {
    const heap = this.#heap;
    const first = heap[0]!;
    const count = --this.#busy;
    if (count > 0) siftDown(heap, count, heap[count]!);
    if (count === 0) this.#sum = this.#carry = 0;
    else this.#add(-first);
    return first;
  }

  /** Neumaier's compensated sum. */
  #add(value: number): void {
    const sum = this.#sum + value;
    this.#carry += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }
}

/** Puts `value` in the place of the root of a heap that begins at `base`. */
export function siftDown(heap: Float64Array, count: number, value: number, base = 0): void {
  let i = 0;
  for (let child = 1; child < count; child = 2 * i + 1) {
    if (child + 1 < count && heap[base + child + 1]! < heap[base + child]!) child++;
    if (heap[base + child]! >= value) break;
    heap[base + i] = heap[base + child]!;
    i = child;
  }
  heap[base + i] = value;
}
