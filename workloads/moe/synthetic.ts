import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import { evenBatches, maximumExperts } from './trace.js';
import type { RoutingTrace } from './trace.js';
import { zipfWeights } from './zipf.js';

export interface SyntheticOptions {
  tokens: number;
  experts: number;
  topK: number;
  /** Zipf exponent of the experts' popularity; 0 is even. */
  skew: number;
  /** Each expert's popularity instead of Zipf's; at least k are not 0. They sum to 1. */
  shares?: Float64Array;
  /** Chance, 0 to 1, that a choice repeats the one of the same sequence's previous token. */
  locality: number;
  /** Sequences decoded side by side: the tokens of one batch. */
  batchTokens: number;
  seed: number;
}

/**
 * A synthetic routing trace. Each batch is one decoding step of `batchTokens` sequences. Each choice of a token is a
 * Markov chain along its sequence: with probability `locality` it repeats, otherwise it is drawn from Zipf's
 * distribution over randomly numbered experts, so that popularity has nothing to do with the id. A choice that the token
 * already has is drawn again.
 */
export function syntheticTrace(options: SyntheticOptions): RoutingTrace {
  const { tokens, experts, topK, skew, locality, batchTokens, seed } = options;
  const whole = (name: string, value: number, most: number): void => {
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new InputError(`${name} is ${value}; expected a whole number from 1 to ${most}.`);
    }
  };
  whole('The number of tokens', tokens, 100_000_000);
  whole('The number of experts', experts, maximumExperts);
  whole('top-k', topK, experts);
  if (!(locality >= 0 && locality < 1)) throw new InputError(`The locality is ${locality}; expected 0 up to (not) 1.`);
  const batchStarts = evenBatches(tokens, batchTokens);

  const stream = randomStream(seed, 'moe/trace');
  const shares = options.shares ?? dealt(zipfWeights(experts, skew), stream);
  const draw = sampler(shares, stream);
  const ids = new Uint16Array(tokens * topK);
  for (let token = 0; token < tokens; token++) {
    const at = token * topK;
    const before = at - batchTokens * topK;
    for (let choice = 0; choice < topK; choice++) {
      let id = before >= 0 && stream.next() < locality ? ids[before + choice]! : draw();
      const chosen = ids.subarray(at, at + choice);
      for (let tries = 1; chosen.includes(id); tries++) id = tries < patience ? draw() : drawOther(shares, chosen, stream);
      ids[at + choice] = id;
    }
  }
  return {
    name: `synthetic (Zipf ${skew}, locality ${locality}, seed ${seed})`,
    synthetic: true,
    model: null,
    layer: 0,
    experts,
    topK,
    tokens,
    ids,
    batchStarts,
    batching: `decoding steps of ${batchTokens} sequences`,
    warmUpTokens: 0,
  };
}

/** Draws in vain before `drawOther`, which looks at every expert. */
const patience = 20;

/** Draws an expert that is not among the chosen, the others' shares in proportion. */
function drawOther(shares: Float64Array, chosen: Uint16Array, stream: RandomStream): number {
  const left = shares.map((share, expert) => (chosen.includes(expert) ? 0 : share));
  let at = stream.next() * left.reduce((sum, share) => sum + share, 0);
  let last = -1;
  for (let expert = 0; expert < left.length; expert++) {
    if (left[expert] === 0) continue;
    last = expert;
    at -= left[expert]!;
    if (at < 0) break;
  }
  return last;
}

/** The same weights in random order. */
export function dealt(weights: Float64Array, stream: RandomStream): Float64Array {
  const result = weights.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Draws indices with the given shares, in constant time (Walker 1977, the alias method). */
function sampler(shares: Float64Array, stream: RandomStream): () => number {
  const chance = shares.map((share) => share * shares.length);
  const alias = Int32Array.from(chance, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  chance.forEach((value, i) => (value < 1 ? small : large).push(i));
  while (small.length > 0 && large.length > 0) {
    const low = small.pop()!;
    const high = large.pop()!;
    alias[low] = high;
    chance[high]! -= 1 - chance[low]!;
    (chance[high]! < 1 ? small : large).push(high);
  }
  // What is left is 1 but for rounding.
  for (const i of [...small, ...large]) chance[i] = 1;
  return () => {
    const i = stream.integer(shares.length);
    return stream.next() < chance[i]! ? i : alias[i]!;
  };
}
