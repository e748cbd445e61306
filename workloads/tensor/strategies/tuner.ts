import type { RandomStream } from '../../../src/math/random.js';
import type { Measurement } from '../measure/measurer.js';
import type { SearchSpace } from '../space.js';
import { walk } from '../space.js';

/** Proposes what to measure next and learns from the result. It sees nothing that it did not pay for. */
export interface Tuner {
  /** Indices of valid configurations, at most `limit`; none when the space is used up. */
  ask(limit: number): Promise<number[]> | number[];
  /** The results of the last `ask`, in its order. */
  tell(measurements: readonly Measurement[]): void;
  /** Whether what other workloads or devices taught agrees with what was measured so far; undefined where it learned nothing there. */
  readonly trustsHistory?: boolean | undefined;
}

/** What has been proposed, and fresh draws of what has not. */
export class Unmeasured {
  readonly #taken = new Set<number>();
  readonly #space: SearchSpace;
  readonly #random: RandomStream;

  constructor(space: SearchSpace, random: RandomStream) {
    this.#space = space;
    this.#random = random;
  }

  has(index: number): boolean {
    return this.#space.isValid(index) && !this.#taken.has(index);
  }

  take(index: number): number {
    this.#taken.add(index);
    return index;
  }

  /** Takes a valid configuration, uniformly among those not taken; undefined when there is none left. */
  draw(): number | undefined {
    for (let attempt = 0; attempt < 200; attempt++) {
      const index = this.#space.sample(this.#random);
      if (!this.#taken.has(index)) return this.take(index);
    }
    // Nearly used up: walk from a random point.
    const { length, at } = walk(this.#space);
    const start = Math.floor(this.#random.next() * length);
    for (let step = 0; step < length; step++) {
      const index = at((start + step) % length);
      if (this.has(index)) return this.take(index);
    }
    return undefined;
  }

  drawMany(count: number): number[] {
    const drawn: number[] = [];
    while (drawn.length < count) {
      const index = this.draw();
      if (index === undefined) break;
      drawn.push(index);
    }
    return drawn;
  }
}
