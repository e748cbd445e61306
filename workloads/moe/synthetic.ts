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
  const draw = zipfSampler(experts, skew, stream);
  const ids = new Uint16Array(tokens * topK);
  for (let token = 0; token < tokens; token++) {
    const at = token * topK;
    const before = at - batchTokens * topK;
    for (let choice = 0; choice < topK; choice++) {
      let id = before >= 0 && stream.next() < locality ? ids[before + choice]! : draw();
      while (ids.subarray(at, at + choice).includes(id)) id = draw();
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

/** Draws ids with Zipf's shares, the ranks given to ids at random; constant time by Walker's alias method. */
function zipfSampler(experts: number, skew: number, stream: RandomStream): () => number {
  const order = Array.from({ length: experts }, (_, i) => i);
  for (let i = experts - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const chance = zipfWeights(experts, skew).map((weight) => weight * experts);
  const alias = new Int32Array(experts);
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
  for (const i of [...small, ...large]) chance[i] = 1;
  return () => {
    const i = stream.integer(experts);
    return order[stream.next() < chance[i]! ? i : alias[i]!]!;
  };
}
