import { InputError } from '../../src/io/errors.js';
import { wholeProduct } from '../../src/math/decimal.js';
import { chunkRows } from './layer.js';
import type { MoeLayer, Routing } from './layer.js';

/** What one pass through the layer gave and cost. */
export interface Forward {
  /** tokens x D, row-major; the caller's own. */
  readonly output: Float32Array;
  /** Token-expert pairs that found no room at their expert. */
  readonly dropped: number;
  /** Rows that experts computed, padding included. */
  readonly rows: number;
  /** The most bytes held at once besides the weights: input, output, routing, dispatched rows, hidden values. */
  readonly peakBytes: number;
  readonly phasesMs: Readonly<Record<Phase, number>>;
}

export const phases = ['route', 'dispatch', 'experts', 'combine'] as const;
export type Phase = (typeof phases)[number];

/** Where every token-expert pair's row is, and which rows each expert computes. */
interface Dispatch {
  /** Byte offset of Int32, tokens x k: the pair's row, or -1 where it is dropped. */
  readonly rowOf: number;
  readonly rows: number;
  readonly dropped: number;
  /** First row and number of rows of each expert. */
  expertRows(expert: number): { first: number; count: number };
  /** The largest number of rows of one expert. */
  readonly most: number;
}

/** Rows of capacity of each expert under static gating: the capacity factor times the tokens, rounded up. */
export const capacityRows = (capacityFactor: number, tokens: number): number => wholeProduct(capacityFactor, tokens, 'ceil');

/**
 * Static gating, as GShard and fairseq serve it: every expert computes exactly C = ceil(capacity factor x tokens) rows,
 * padded with zeros. All first choices are placed before any second choice, in token order; pairs beyond C are dropped
 * and counted. The dispatch mask is kept as one row number per pair: the S x E x C tensor and its product with the
 * input, which the paper measures, give the same rows for O(S E C D) work, so this is the stronger baseline.
 */
export function staticForward(layer: MoeLayer, input: Float32Array, capacityFactor: number): Forward {
  if (!(capacityFactor > 0) || !Number.isFinite(capacityFactor)) {
    throw new InputError(`The capacity factor is ${capacityFactor}; expected a number above 0.`);
  }
  return forward(layer, input, (routing, tokens) => staticDispatch(layer, routing, tokens, capacityFactor));
}

/**
 * Dynamic gating (Huang et al. 2024, section 4): pairs are sorted by expert, counted, and each expert computes exactly
 * its own rows. The sort is a counting sort, so dispatch is O(S k D + E). Nothing is dropped, nothing padded.
 */
export function dynamicForward(layer: MoeLayer, input: Float32Array): Forward {
  return forward(layer, input, (routing, tokens) => dynamicDispatch(layer, routing, tokens));
}

function forward(
  layer: MoeLayer,
  input: Float32Array,
  dispatchOf: (routing: Routing, tokens: number) => Dispatch,
): Forward {
  const { arena } = layer;
  const { dim, experts, hidden } = layer.shape;
  if (input.length === 0 || input.length % dim !== 0) {
    throw new InputError(`The input has ${input.length} values; expected a positive multiple of the token width ${dim}.`);
  }
  const tokens = input.length / dim;
  const rowBytes = 4 * dim;
  const start = arena.mark();
  arena.forgetPeak();
  const inputs = arena.allocate(tokens * rowBytes);
  const outputs = arena.allocate(tokens * rowBytes);
  arena.floats.set(input, inputs / 4);

  const times = [performance.now()];
  const routing = layer.route(inputs, tokens);
  times.push(performance.now());

  const dispatch = dispatchOf(routing, tokens);
  const expertInputs = arena.allocate(dispatch.rows * rowBytes);
  const expertOutputs = arena.allocate(dispatch.rows * rowBytes);
  const hiddenBuffer = arena.allocate(4 * Math.min(chunkRows, dispatch.most) * hidden);
  scatter(layer, dispatch, { inputs, expertInputs, tokens });
  times.push(performance.now());

  for (let expert = 0; expert < experts; expert++) {
    const { first, count } = dispatch.expertRows(expert);
    layer.runExpert(expert, count, { inputs: expertInputs + first * rowBytes, outputs: expertOutputs + first * rowBytes, hidden: hiddenBuffer });
  }
  times.push(performance.now());

  combine(layer, dispatch, { gates: routing.gates, expertOutputs, outputs, tokens });
  times.push(performance.now());

  const result = {
    output: arena.floats.slice(outputs / 4, outputs / 4 + tokens * dim),
    dropped: dispatch.dropped,
    rows: dispatch.rows,
    peakBytes: arena.peakAbove(start),
    phasesMs: Object.fromEntries(phases.map((phase, i) => [phase, times[i + 1]! - times[i]!])) as Record<Phase, number>,
  };
  arena.release(start);
  return result;
}

/** Copies each token to the rows of its experts; rows that no token fills are zeros. */
function scatter(layer: MoeLayer, dispatch: Dispatch, at: { inputs: number; expertInputs: number; tokens: number }): void {
  const { dim, topK } = layer.shape;
  const { floats, integers } = layer.arena;
  const pairs = at.tokens * topK;
  const padded = dispatch.rows > pairs - dispatch.dropped;
  if (padded) floats.fill(0, at.expertInputs / 4, at.expertInputs / 4 + dispatch.rows * dim);
  for (let pair = 0; pair < pairs; pair++) {
    const row = integers[dispatch.rowOf / 4 + pair]!;
    if (row < 0) continue;
    const from = at.inputs / 4 + Math.floor(pair / topK) * dim;
    floats.copyWithin(at.expertInputs / 4 + row * dim, from, from + dim);
  }
}

/** Each token's output: the sum of its experts' rows, weighted by their gates. */
function combine(layer: MoeLayer, dispatch: Dispatch, at: { gates: number; expertOutputs: number; outputs: number; tokens: number }): void {
  const { dim, topK } = layer.shape;
  const { floats, integers } = layer.arena;
  const rowBytes = 4 * dim;
  floats.fill(0, at.outputs / 4, at.outputs / 4 + at.tokens * dim);
  for (let pair = 0; pair < at.tokens * topK; pair++) {
    const row = integers[dispatch.rowOf / 4 + pair]!;
    if (row < 0) continue;
    layer.addScaled(at.outputs + Math.floor(pair / topK) * rowBytes, at.expertOutputs + row * rowBytes, floats[at.gates / 4 + pair]!);
  }
}

function staticDispatch(layer: MoeLayer, routing: Routing, tokens: number, capacityFactor: number): Dispatch {
  const { experts, topK } = layer.shape;
  const capacity = capacityRows(capacityFactor, tokens);
  const rowOf = layer.arena.allocate(4 * tokens * topK);
  const { integers } = layer.arena;
  const filled = new Int32Array(experts);
  let dropped = 0;
  for (let choice = 0; choice < topK; choice++) {
    for (let token = 0; token < tokens; token++) {
      const pair = token * topK + choice;
      const expert = integers[routing.experts / 4 + pair]!;
      const place = filled[expert]!++;
      integers[rowOf / 4 + pair] = place < capacity ? expert * capacity + place : -1;
      if (place >= capacity) dropped++;
    }
  }
  return {
    rowOf,
    rows: experts * capacity,
    dropped,
    most: capacity,
    expertRows: (expert) => ({ first: expert * capacity, count: capacity }),
  };
}

function dynamicDispatch(layer: MoeLayer, routing: Routing, tokens: number): Dispatch {
  const { experts, topK } = layer.shape;
  const pairs = tokens * topK;
  const rowOf = layer.arena.allocate(4 * pairs);
  const { integers } = layer.arena;
  const counts = new Int32Array(experts);
  for (let pair = 0; pair < pairs; pair++) counts[integers[routing.experts / 4 + pair]!]!++;
  const firsts = new Int32Array(experts);
  for (let expert = 1; expert < experts; expert++) firsts[expert] = firsts[expert - 1]! + counts[expert - 1]!;
  const next = firsts.slice();
  for (let pair = 0; pair < pairs; pair++) {
    integers[rowOf / 4 + pair] = next[integers[routing.experts / 4 + pair]!]!++;
  }
  return {
    rowOf,
    rows: pairs,
    dropped: 0,
    most: counts.reduce((most, count) => Math.max(most, count), 0),
    expertRows: (expert) => ({ first: firsts[expert]!, count: counts[expert]! }),
  };
}
