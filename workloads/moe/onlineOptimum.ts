import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import { InputError } from '../../src/io/errors.js';
import { expertsPerDevice, replay } from './replay.js';
import type { ReplayOptions } from './replay.js';
import { middleOf } from './trace.js';
import type { RoutingTrace } from './trace.js';

/** How often policies load when batches come independently, as shares of the runs. */
export interface OnlineCeiling {
  /** Different batches that are drawn from. */
  readonly batches: number;
  readonly lifo: number;
  /** The least that is possible without knowing which batch comes next. */
  readonly optimum: number;
  readonly belady: number;
  /** Share of the gap between the paper's policy and Belady's that the optimum closes. */
  readonly closed: number;
}

/** More experts on a device have too many sets of slots to look at each. */
const mostExperts = 16;
/** Batches of the judged half that are drawn from, evenly spread; and how many draws are replayed. */
const poolSize = 64;
const draws = 4000;

/**
 * What a policy without foresight can reach at best: batches are drawn independently from those of a trace's second half,
 * and the policy knows that they are, and all of them. Its loads are the optimum of a Markov decision process over every
 * set of experts in the slots. The same draws are replayed under the paper's policy and Belady's.
 * Throws InputError for more than 16 experts on a device and as `replay` does.
 */
export function onlineCeiling(trace: RoutingTrace, { devices, slots, seed }: { devices: number; slots: number; seed: number }): OnlineCeiling {
  const perDevice = expertsPerDevice(trace.experts, devices);
  if (perDevice > mostExperts) {
    throw new InputError(`${perDevice} experts on a device; the optimum without foresight is found for at most ${mostExperts}.`);
  }
  const batches = trace.batchStarts.length - 1;
  const first = middleOf(batches);
  const count = Math.min(poolSize, batches - first);
  const pool = Array.from({ length: count }, (_, i) => first + Math.floor((i * (batches - first)) / count));
  const options: ReplayOptions = { devices, slots, policies: ['lifo', 'belady'] };
  const [lifo, belady] = replay(drawnTrace(trace, pool, randomStream(seed, 'moe/ceiling')), options).map((each) => each.missRate);
  let loads = 0;
  let runs = 0;
  for (let device = 0; device < devices; device++) {
    const sets = pool.map((batch) => activeSet(trace, batch, device * perDevice, perDevice));
    loads += fewestLoads(sets, perDevice, slots);
    runs += sets.reduce((sum, set) => sum + ones(set), 0) / sets.length;
  }
  const optimum = loads / runs;
  return { batches: count, lifo: lifo!, optimum, belady: belady!, closed: (lifo! - optimum) / (lifo! - belady!) };
}

/** Experts of a batch on one device, as bits. */
function activeSet({ ids, topK, batchStarts }: RoutingTrace, batch: number, first: number, count: number): number {
  let set = 0;
  for (let at = batchStarts[batch]! * topK; at < batchStarts[batch + 1]! * topK; at++) {
    const expert = ids[at]! - first;
    if (expert >= 0 && expert < count) set |= 1 << expert;
  }
  return set;
}

function drawnTrace(trace: RoutingTrace, pool: readonly number[], stream: RandomStream): RoutingTrace {
  const { topK, batchStarts } = trace;
  const parts: Uint16Array[] = [];
  const starts = [0];
  for (let draw = 0; draw < draws; draw++) {
    const batch = pool[stream.integer(pool.length)]!;
    parts.push(trace.ids.subarray(batchStarts[batch]! * topK, batchStarts[batch + 1]! * topK));
    starts.push(starts[draw]! + batchStarts[batch + 1]! - batchStarts[batch]!);
  }
  const tokens = starts[draws]!;
  const ids = new Uint16Array(tokens * topK);
  parts.forEach((part, i) => ids.set(part, starts[i]! * topK));
  return { ...trace, name: `${trace.name}, batches drawn independently`, tokens, ids, batchStarts: Uint32Array.from(starts) };
}

/** Relative value iteration stops when the bounds on the loads of a batch are this close, or after so many sweeps. */
const tolerance = 1e-3;
const mostSweeps = 200;

/**
 * Mean loads of a batch under the best policy without foresight: batches are drawn evenly from `sets` (experts as bits),
 * and each is known when it begins. Every full set of slots has a value, the loads to come from it; a batch is gone
 * through backwards, each missing expert taking the slot whose loss costs least. Returns a lower bound that is exact but
 * for the tolerance.
 */
export function fewestLoads(sets: readonly number[], experts: number, slots: number): number {
  const states: number[] = [];
  const indexOf = new Int32Array(1 << experts).fill(-1);
  for (let set = 0; set < 1 << experts; set++) if (ones(set) === slots) indexOf[set] = states.push(set) - 1;
  const value = new Float64Array(states.length);
  const mean = new Float64Array(states.length);
  let toCome = new Float64Array(states.length);
  let before = new Float64Array(states.length);
  for (let sweep = 0; ; sweep++) {
    mean.fill(0);
    for (const active of sets) {
      toCome.set(value);
      for (let expert = experts - 1; expert >= 0; expert--) {
        if (((active >> expert) & 1) === 0) continue;
        for (let i = 0; i < states.length; i++) before[i] = costOfRunning(expert, i, states, { indexOf, toCome });
        [toCome, before] = [before, toCome];
      }
      for (let i = 0; i < states.length; i++) mean[i]! += toCome[i]! / sets.length;
    }
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < states.length; i++) {
      least = Math.min(least, mean[i]! - value[i]!);
      most = Math.max(most, mean[i]! - value[i]!);
    }
    if (most - least < tolerance || sweep === mostSweeps) return least;
    // Halfway only: where batches recur in a cycle, whole steps would go round with it.
    for (let i = 0; i < states.length; i++) value[i]! += (mean[i]! - value[i]! - (mean[0]! - value[0]!)) / 2;
  }
}

function costOfRunning(
  expert: number,
  state: number,
  states: readonly number[],
  { indexOf, toCome }: { indexOf: Int32Array; toCome: Float64Array },
): number {
  const resident = states[state]!;
  const bit = 1 << expert;
  if ((resident & bit) !== 0) return toCome[state]!;
  let least = Infinity;
  for (let rest = resident; rest !== 0; rest &= rest - 1) {
    const victim = rest & -rest;
    least = Math.min(least, toCome[indexOf[(resident ^ victim) | bit]!]!);
  }
  return 1 + least;
}

function ones(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}
