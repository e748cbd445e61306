import type { RandomStream } from '../../../src/math/random.js';
import type { Candidates } from '../models/candidates.js';
import type { CostModel } from '../models/costModel.js';
import { createNeighbour, walk } from '../space.js';

/** Candidates that a search has scored with the present model. */
export interface Explored {
  readonly rows: Int32Array;
  /** By row. */
  readonly scores: Float32Array;
}

/** Looks for configurations that the model scores highly. */
export type Explore = (model: CostModel, candidates: Candidates) => Promise<Explored>;

export interface AnnealingOptions {
  chains?: number;
  steps?: number;
  /** Steps without a better score in any chain after which a round ends. */
  patience?: number;
}

/**
 * Parallel simulated annealing over the model (Chen et al. 2018, section 3.3): all chains step together, each to a
 * neighbour that differs in one knob; the temperature falls from 1 to 0, in units of the scores' spread. Chains go on in
 * the next round from where they are. Scores are computed once per configuration and round.
 */
export function parallelAnnealing(
  random: RandomStream,
  { chains = 128, steps = 500, patience = 50 }: AnnealingOptions = {},
): Explore {
  let positions: Float64Array | undefined;
  return async (model, candidates) => {
    const { space } = candidates;
    const step = createNeighbour(space.knobs);
    positions ??= Float64Array.from({ length: chains }, () => space.sample(random));
    const scored = new Scored(model, candidates);
    const rows = Int32Array.from(positions, (index) => candidates.rowOf(index));
    await scored.add(rows);
    let spread = spreadOf(scored.scores, rows);
    if (spread === 0) spread = 1;
    let best = -Infinity;
    let stale = 0;
    const proposals = new Int32Array(chains);
    for (let s = 0; s < steps && stale < patience; s++, stale++) {
      const temperature = spread * (1 - s / steps);
      for (let c = 0; c < chains; c++) proposals[c] = candidates.rowOf(step(positions[c]!, random));
      // Awaiting costs a turn of the event loop: only where something is to be computed.
      const pending = scored.add(proposals);
      if (pending !== undefined) await pending;
      const { scores } = scored;
      for (let c = 0; c < chains; c++) {
        const proposal = proposals[c]!;
        if (proposal < 0) continue;
        const gain = scores[proposal]! - scores[rows[c]!]!;
        if (gain < 0 && random.next() >= Math.exp(gain / temperature)) continue;
        rows[c] = proposal;
        positions[c] = candidates.indexOf(proposal);
        if (scores[proposal]! > best) {
          best = scores[proposal]!;
          stale = 0;
        }
      }
    }
    return scored.explored();
  };
}

/** Scores every valid configuration: exact, and only for spaces small enough to enumerate. */
export function wholeSpace(): Explore {
  let all: Int32Array | undefined;
  return async (model, candidates) => {
    if (all === undefined) {
      const rows: number[] = [];
      const { length, at } = walk(candidates.space);
      for (let step = 0; step < length; step++) {
        const row = candidates.rowOf(at(step));
        if (row >= 0) rows.push(row);
      }
      all = Int32Array.from(rows);
    }
    const scored = new Scored(model, candidates);
    await scored.add(all);
    return scored.explored();
  };
}

/** Scores of one round, each row computed once. */
class Scored {
  scores: Float32Array;
  readonly #rows: number[] = [];
  readonly #model: CostModel;
  readonly #candidates: Candidates;

  constructor(model: CostModel, candidates: Candidates) {
    this.#model = model;
    this.#candidates = candidates;
    this.scores = new Float32Array(2 * candidates.count + 4096).fill(NaN);
  }

  /** Scores the rows that have no score yet; -1 stands for no row. */
  add(rows: Int32Array): Promise<void> | void {
    if (this.#candidates.count > this.scores.length) {
      const larger = new Float32Array(2 * this.#candidates.count).fill(NaN);
      larger.set(this.scores);
      this.scores = larger;
    }
    const fresh: number[] = [];
    for (const row of rows) {
      if (row < 0 || !Number.isNaN(this.scores[row]!)) continue;
      this.scores[row] = 0;
      fresh.push(row);
    }
    if (fresh.length === 0) return undefined;
    for (const row of fresh) this.#rows.push(row);
    return this.#model.predict(this.#candidates, Int32Array.from(fresh), this.scores);
  }

  explored(): Explored {
    return { rows: Int32Array.from(this.#rows), scores: this.scores };
  }
}

function spreadOf(scores: Float32Array, rows: Int32Array): number {
  let sum = 0;
  let squares = 0;
  for (const row of rows) {
    sum += scores[row]!;
    squares += scores[row]! ** 2;
  }
  const mean = sum / rows.length;
  return Math.sqrt(Math.max(0, squares / rows.length - mean * mean));
}
