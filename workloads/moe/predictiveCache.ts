import type { ExpertForecast } from './expertForecast.js';
import { filledFree, hit } from './policies.js';
import type { ExpertCache } from './policies.js';

/** What is learned besides the forecast. */
export interface EvictionRule {
  /** Power of the distance to an expert's next use whose expectation ranks the experts. */
  readonly power: number;
  /** An expert at least so likely is loaded before the next batch's routes are known; above 1 for none. */
  readonly prefetchChance: number;
}

/** Batches that are looked ahead; what is left of the chance counts as one batch later. */
const horizon = 40;
const negligible = 1e-4;
/** Uses expected before a prefetched expert's. */
const mostBefore = 0.5;

/**
 * Evicts the expert whose next use is expected farthest away: Belady's rule with an expectation for what it knows. An
 * expert still to run in this batch has a known distance. For every other it is a random number of uses: those left in
 * this batch, then, batch by batch, those of smaller id until it is active. Ranked is the mean of a power of the distance:
 * with large powers an expert that may stay away long goes early.
 */
export class PredictiveCache implements ExpertCache {
  readonly #resident: Int32Array;
  #size = 0;
  readonly #slotOf: Int32Array;
  readonly #first: number;
  /** Place of each active expert among those of its device, in the order in which they run. */
  readonly #rank: Int32Array;
  #active = 0;
  /** Uses expected in the next batch before each expert, and of all. */
  readonly #before: Float64Array;
  #perBatch = 0;
  readonly #rows: Int32Array;
  readonly #forecast: ExpertForecast;
  readonly #rule: EvictionRule;

  /** For the experts from `first` up to `end` (not included); `rows` are those of all experts in the present batch. */
  constructor(
    { slots, first, end }: { slots: number; first: number; end: number },
    rows: Int32Array,
    forecast: ExpertForecast,
    rule: EvictionRule,
  ) {
    this.#resident = new Int32Array(slots);
    this.#slotOf = new Int32Array(end - first).fill(-1);
    this.#rank = new Int32Array(end - first);
    this.#before = new Float64Array(end - first);
    this.#first = first;
    this.#rows = rows;
    this.#forecast = forecast;
    this.#rule = rule;
  }

  beginBatch(): void {
    this.#active = 0;
    for (let i = 0; i < this.#rank.length; i++) {
      this.#rank[i] = this.#active;
      if (this.#rows[this.#first + i]! > 0) this.#active++;
    }
    this.#lookAhead();
  }

  use(expert: number): number {
    if (this.#slotOf[expert - this.#first]! >= 0) return hit;
    return this.#load(expert, this.#slotFor(expert));
  }

  /**
   * Loads an expert that the next batch is likely to need, if one evicted for it is expected later. It must be likely to
   * run before all others: what is loaded before others have run takes a slot that they could have freed. Returns the
   * expert loaded, or -1. Call it between batches.
   */
  prefetch(): number {
    this.#lookAhead();
    this.#active = 0;
    for (let i = 0; i < this.#slotOf.length; i++) {
      const expert = this.#first + i;
      if (this.#before[i]! > mostBefore) return -1;
      if (this.#slotOf[i]! >= 0 || this.#forecast.next[expert]! < this.#rule.prefetchChance) continue;
      const slot = this.#size < this.#resident.length ? this.#size : this.#farthest(-1);
      if (slot < this.#size && this.#score(this.#resident[slot]!, 0) <= this.#score(expert, 0)) return -1;
      this.#load(expert, slot);
      return expert;
    }
    return -1;
  }

  #load(expert: number, slot: number): number {
    let evicted = filledFree;
    if (slot === this.#size) {
      this.#size++;
    } else {
      evicted = this.#resident[slot]!;
      this.#slotOf[evicted - this.#first] = -1;
    }
    this.#resident[slot] = expert;
    this.#slotOf[expert - this.#first] = slot;
    return evicted;
  }

  #slotFor(expert: number): number {
    return this.#size < this.#resident.length ? this.#size : this.#farthest(expert);
  }

  /** The slot whose expert is expected farthest away when `running` runs; -1 stands for the end of a batch. */
  #farthest(running: number): number {
    const rank = running < 0 ? -1 : this.#rank[running - this.#first]!;
    const left = running < 0 ? 0 : this.#active - rank - 1;
    let worst = 0;
    let most = -Infinity;
    for (let slot = 0; slot < this.#size; slot++) {
      const expert = this.#resident[slot]!;
      const toRun = running >= 0 && expert > running && this.#rows[expert]! > 0;
      const score = toRun ? (this.#rank[expert - this.#first]! - rank) ** this.#rule.power : this.#score(expert, left);
      if (score > most) [worst, most] = [slot, score];
    }
    return worst;
  }

  /** Mean of the power of the distance to the next use of an expert that does not run any more in this batch. */
  #score(expert: number, left: number): number {
    const { power } = this.#rule;
    const later = this.#forecast.later[expert]!;
    let chance = this.#forecast.next[expert]!;
    let distance = left + 1 + this.#before[expert - this.#first]!;
    let sum = 0;
    let absent = 1;
    for (let batch = 0; batch < horizon && absent > negligible; batch++) {
      sum += absent * chance * distance ** power;
      absent *= 1 - chance;
      chance = later;
      distance += this.#perBatch;
    }
    return sum + absent * distance ** power;
  }

  #lookAhead(): void {
    let uses = 0;
    for (let i = 0; i < this.#before.length; i++) {
      this.#before[i] = uses;
      uses += this.#forecast.next[this.#first + i]!;
    }
    this.#perBatch = uses;
  }
}
