import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';

/** Which experts the tokens of one layer went to, in the order in which they were served. */
export interface RoutingTrace {
  /** The file, or what generated it. */
  readonly name: string;
  readonly synthetic: boolean;
  /** As the log names it; null where it names none. */
  readonly model: string | null;
  readonly layer: number;
  readonly experts: number;
  readonly topK: number;
  readonly tokens: number;
  /** tokens x topK expert ids; the ids of one token are distinct. */
  readonly ids: Uint16Array;
  /** First token of every batch, and the number of tokens at the end. */
  readonly batchStarts: Uint32Array;
  /** How the batches were found, for people. */
  readonly batching: string;
  /** Tokens of the leading repeated route, left out. */
  readonly warmUpTokens: number;
}

/** Expert ids are kept in 16 bits. */
export const maximumExperts = 65_536;

/** Starts of batches of `batchTokens` tokens; the last may be shorter. */
export function evenBatches(tokens: number, batchTokens: number): Uint32Array {
  if (!Number.isInteger(batchTokens) || batchTokens < 1) {
    throw new InputError(`The batch is ${batchTokens} tokens; expected a whole number from 1.`);
  }
  const batches = Math.ceil(tokens / batchTokens);
  return Uint32Array.from({ length: batches + 1 }, (_, i) => Math.min(tokens, i * batchTokens));
}

/** First batch of the second half; a single batch is its own second half. */
export const middleOf = (batches: number): number => (batches < 2 ? 0 : Math.ceil(batches / 2));

/** The same tokens in random order, in batches of the same sizes: the control without locality in time. */
export function shuffledTrace(trace: RoutingTrace, seed: number): RoutingTrace {
  const stream = randomStream(seed, 'moe/shuffle');
  const { topK, tokens } = trace;
  const ids = trace.ids.slice();
  for (let i = tokens - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    for (let choice = 0; choice < topK; choice++) {
      const kept = ids[i * topK + choice]!;
      ids[i * topK + choice] = ids[j * topK + choice]!;
      ids[j * topK + choice] = kept;
    }
  }
  return { ...trace, name: `${trace.name}, shuffled in time`, ids };
}

/**
 * Length of the leading run of one repeated route (a server's warm-up pass feeds one dummy token again and again), or 0
 * where such a run is no surprise. Routes are compared as sets: a router may give the same experts in another order. A run
 * is a warm-up if, at the rate at which routes repeat in the rest of the trace (Laplace's estimate), a run as long would
 * begin in fewer than one in a million traces of this length.
 */
export function warmUpLength(ids: ArrayLike<number>, topK: number): number {
  const tokens = ids.length / topK;
  // A route has no expert twice, so two of one length are the same set if one holds all of the other.
  const repeats = (token: number): boolean => {
    const before = (token - 1) * topK;
    for (let i = 0; i < topK; i++) {
      let j = 0;
      while (j < topK && ids[token * topK + i] !== ids[before + j]) j++;
      if (j === topK) return false;
    }
    return true;
  };
  let run = Math.min(1, tokens);
  while (run < tokens && repeats(run)) run++;
  let repeated = 0;
  for (let token = run + 1; token < tokens; token++) if (repeats(token)) repeated++;
  const rate = (repeated + 1) / (Math.max(0, tokens - run - 1) + 2);
  return (run - 1) * Math.log(rate) + Math.log(tokens) < Math.log(1e-6) ? run : 0;
}
