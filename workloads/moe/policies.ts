/** What `ExpertCache.use` returns when nothing was evicted. */
export const hit = -1;
export const filledFree = -2;

/**
 * Which experts' weights are on one device, in a fixed number of slots. Memory is linear in the number of experts.
 * `activeRows[e]` is the number of rows of expert e in the present batch; it is filled before the batch's first `use`.
 */
export interface ExpertCache {
  beginBatch(): void;
  /**
   * Runs `expert`, loading it if it is not there. Returns `hit`, `filledFree`, or the expert evicted for it. `nextUse`
   * tells when it will be used next; only Belady's policy may look.
   */
  use(expert: number, nextUse: number): number;
}

export const policyNames = ['lifo', 'lru', 'lfu', 'fifo', 'predictive', 'belady'] as const;
export type PolicyName = (typeof policyNames)[number];

/** The policies that learn nothing. */
export type FixedPolicyName = Exclude<PolicyName, 'predictive'>;

/** A cache of `slots` of `experts` experts under the named policy. Every policy but Belady's takes O(1) a use. */
export function createCache(policy: FixedPolicyName, slots: number, experts: number, activeRows: Int32Array): ExpertCache {
  switch (policy) {
    case 'lifo':
      return new LifoCache(slots, experts, activeRows);
    case 'lru':
      return new LruCache(slots, experts);
    case 'lfu':
      return new LfuCache(slots, experts);
    case 'fifo':
      return new FifoCache(slots, experts);
    case 'belady':
      return new BeladyCache(slots, experts);
  }
}

/** A cache that keeps its experts in a doubly linked list over their ids; policies differ in its order. */
abstract class ListCache implements ExpertCache {
  /** The list's sentinel: its `next` is the first, its `previous` the last expert. */
  protected readonly end: number;
  protected readonly previous: Int32Array;
  protected readonly next: Int32Array;
  readonly #present: Uint8Array;
  #size = 0;
  readonly #slots: number;

  constructor(
    slots: number,
    experts: number,
  ) {
    this.#slots = slots;
    this.end = experts;
    this.previous = new Int32Array(experts + 1).fill(experts);
    this.next = new Int32Array(experts + 1).fill(experts);
    this.#present = new Uint8Array(experts);
  }

  beginBatch(): void {}

  use(expert: number): number {
    if (this.#present[expert] === 1) {
      this.onHit(expert);
      return hit;
    }
    let evicted = filledFree;
    if (this.#size === this.#slots) {
      evicted = this.victim();
      this.remove(evicted);
      this.#present[evicted] = 0;
    } else {
      this.#size++;
    }
    this.#present[expert] = 1;
    this.insert(expert);
    return evicted;
  }

  protected abstract victim(): number;
  protected onHit(_expert: number): void {}

  protected insert(expert: number): void {
    this.insertAfter(this.previous[this.end]!, expert);
  }

  protected insertAfter(before: number, expert: number): void {
    const after = this.next[before]!;
    this.previous[expert] = before;
    this.next[expert] = after;
    this.next[before] = expert;
    this.previous[after] = expert;
  }

  protected remove(expert: number): void {
    const before = this.previous[expert]!;
    const after = this.next[expert]!;
    this.next[before] = after;
    this.previous[after] = before;
  }
}

/** First in, first out. */
class FifoCache extends ListCache {
  protected victim(): number {
    return this.next[this.end]!;
  }
}

/** Least recently used. */
class LruCache extends FifoCache {
  protected override onHit(expert: number): void {
    this.remove(expert);
    this.insert(expert);
  }
}

/**
 * The paper's policy (Huang et al. 2024, section 5): an expert that the batch does not need goes first; if all are
 * needed, the last one loaded, because experts run in increasing id and the others are still to come. Among experts
 * that are not needed the last loaded goes first, too.
 */
class LifoCache extends ListCache {
  /** Newest expert that may not be needed: none loaded after it is evictable as such for the rest of the batch. */
  #cursor: number;
  readonly #activeRows: Int32Array;

  constructor(
    slots: number,
    experts: number,
    activeRows: Int32Array,
  ) {
    super(slots, experts);
    this.#activeRows = activeRows;
    this.#cursor = this.end;
  }

  override beginBatch(): void {
    this.#cursor = this.previous[this.end]!;
  }

  protected victim(): number {
    while (this.#cursor !== this.end && this.#activeRows[this.#cursor]! > 0) this.#cursor = this.previous[this.#cursor]!;
    if (this.#cursor === this.end) return this.previous[this.end]!;
    const victim = this.#cursor;
    this.#cursor = this.previous[victim]!;
    return victim;
  }
}

/** Least frequently used since it was loaded; the least recently used of those. The list is in that order. */
class LfuCache extends ListCache {
  readonly #uses: Float64Array;
  /** Last expert in the list with a given number of uses. */
  readonly #lastWith = new Map<number, number>();

  constructor(slots: number, experts: number) {
    super(slots, experts);
    this.#uses = new Float64Array(experts);
  }

  protected victim(): number {
    return this.next[this.end]!;
  }

  protected override insert(expert: number): void {
    this.#place(expert, 1, this.#lastWith.get(1) ?? this.end);
  }

  protected override onHit(expert: number): void {
    const uses = this.#uses[expert]! + 1;
    const before = this.#lastWith.get(uses) ?? this.#lastWith.get(uses - 1)!;
    const behind = before === expert ? this.previous[expert]! : before;
    this.remove(expert);
    this.#place(expert, uses, behind);
  }

  protected override remove(expert: number): void {
    const uses = this.#uses[expert]!;
    if (this.#lastWith.get(uses) === expert) {
      const before = this.previous[expert]!;
      if (before !== this.end && this.#uses[before] === uses) this.#lastWith.set(uses, before);
      else this.#lastWith.delete(uses);
    }
    super.remove(expert);
  }

  #place(expert: number, uses: number, behind: number): void {
    this.insertAfter(behind, expert);
    this.#uses[expert] = uses;
    this.#lastWith.set(uses, expert);
  }
}

/**
 * Belady's optimum (1966): evicts the expert whose next use is farthest in the future. No policy misses less often on a
 * known sequence. A miss looks at every slot.
 */
class BeladyCache implements ExpertCache {
  readonly #resident: Int32Array;
  readonly #nextUse: Float64Array;
  readonly #slotOf: Int32Array;
  #size = 0;

  constructor(slots: number, experts: number) {
    this.#resident = new Int32Array(slots);
    this.#nextUse = new Float64Array(slots);
    this.#slotOf = new Int32Array(experts).fill(-1);
  }

  beginBatch(): void {}

  use(expert: number, nextUse: number): number {
    let slot = this.#slotOf[expert]!;
    let evicted = hit;
    if (slot < 0) {
      evicted = filledFree;
      slot = this.#size;
      if (this.#size === this.#resident.length) {
        slot = 0;
        for (let i = 1; i < this.#size; i++) if (this.#nextUse[i]! > this.#nextUse[slot]!) slot = i;
        evicted = this.#resident[slot]!;
        this.#slotOf[evicted] = -1;
      } else {
        this.#size++;
      }
      this.#resident[slot] = expert;
      this.#slotOf[expert] = slot;
    }
    this.#nextUse[slot] = nextUse;
    return evicted;
  }
}
