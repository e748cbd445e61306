import { InputError } from '../../src/io/errors.js';
import { Arena, checkFits } from './arena.js';
import type { Kernels } from './kernels.js';
import { packWeights, panelWidth } from './packing.js';

/** Sizes of a mixture-of-experts layer. */
export interface LayerShape {
  /** Experts, E. */
  readonly experts: number;
  /** Experts per token, k. */
  readonly topK: number;
  /** Width of a token, D; a multiple of 8. */
  readonly dim: number;
  /** Width of an expert's hidden layer, F; a multiple of 8. */
  readonly hidden: number;
}

/** Row-major weights as trained. Every array is only read while the layer is built. */
export interface LayerWeights {
  /** D x E. */
  readonly router: Float32Array;
  /** One value per expert, added to its logit. */
  readonly routerBias: Float32Array;
  /** Of one expert: `up` D x F, `upBias` F, `down` F x D, `downBias` D. */
  expert(index: number): { up: Float32Array; upBias: Float32Array; down: Float32Array; downBias: Float32Array };
}

/** Byte offsets in the arena of what an expert reads, writes and works in. */
export interface ExpertBuffers {
  readonly inputs: number;
  readonly outputs: number;
  readonly hidden: number;
}

/** Byte offsets in the arena of which experts each token goes to; valid until the arena releases them. */
export interface Routing {
  /** Int32, tokens x k, best first. */
  readonly experts: number;
  /** Float32, tokens x k, each token's adding up to 1. */
  readonly gates: number;
}

/**
 * A mixture-of-experts layer on this machine: a softmax top-k router and E experts down(relu(up(x))), in float32. All
 * weights and buffers live in one arena, so that what the layer holds can be read off it.
 */
export class MoeLayer {
  readonly arena: Arena;
  readonly weightBytes: number;
  readonly #routerColumns: number;
  readonly #router: number;
  readonly #routerBias: number;
  readonly #experts: number;
  readonly #expertBytes: number;
  readonly #kernels: Kernels;

  /** `kernels` with a memory of their own. Throws InputError for sizes that make no layer, or one larger than 4 GiB. */
  constructor(
    readonly shape: LayerShape,
    weights: LayerWeights,
    kernels: Kernels,
  ) {
    this.#kernels = kernels;
    checkShape(shape);
    const { experts, dim, hidden } = shape;
    this.arena = new Arena(kernels.memory);
    this.#routerColumns = routerColumns(shape);
    this.#expertBytes = expertBytes(shape);
    this.weightBytes = weightBytes(shape);
    this.#experts = this.arena.allocate(this.weightBytes);
    this.#router = this.#experts + experts * this.#expertBytes;
    this.#routerBias = this.#router + 4 * dim * this.#routerColumns;
    this.arena.forgetPeak();

    const floats = this.arena.floats;
    const place = (offset: number, values: Float32Array): void => floats.set(values, offset / 4);
    const pack = (offset: number, matrix: Float32Array, inner: number, columns: number): void =>
      packWeights(matrix, inner, columns, floats.subarray(offset / 4));
    pack(this.#router, weights.router, dim, experts);
    place(this.#routerBias, weights.routerBias);
    for (let e = 0; e < experts; e++) {
      const { up, upBias, down, downBias } = weights.expert(e);
      const at = this.#offsets(e);
      pack(at.up, up, dim, hidden);
      place(at.upBias, upBias);
      pack(at.down, down, hidden, dim);
      place(at.downBias, downBias);
    }
  }

  /**
   * Routes `tokens` rows of `inputs` to their k largest logits (ties to the lower id). Gates are the softmax over the
   * chosen k, which is the softmax over all E, renormalised (GShard, Lepikhin et al. 2021, algorithm 1).
   */
  route(inputs: number, tokens: number): Routing {
    const { experts, topK, dim } = this.shape;
    const routing = { experts: this.arena.allocate(4 * tokens * topK), gates: this.arena.allocate(4 * tokens * topK) };
    const mark = this.arena.mark();
    const logits = this.arena.allocate(4 * tokens * this.#routerColumns);
    this.#kernels.gemm(inputs, this.#router, this.#routerBias, logits, tokens, dim, this.#routerColumns, 0);
    for (let token = 0; token < tokens; token++) {
      const row = logits / 4 + token * this.#routerColumns;
      chooseTopK(this.arena, { logits: row, count: experts, k: topK, ids: routing.experts / 4 + token * topK, gates: routing.gates / 4 + token * topK });
    }
    this.arena.release(mark);
    return routing;
  }

  /** outputs = expert(inputs) for `rows` rows, through a hidden buffer of at least min(rows, `chunkRows`) x F floats. */
  runExpert(expert: number, rows: number, { inputs, outputs, hidden: hiddenBuffer }: ExpertBuffers): void {
    const { dim, hidden } = this.shape;
    const at = this.#offsets(expert);
    for (let row = 0; row < rows; row += chunkRows) {
      const count = Math.min(chunkRows, rows - row);
      const offset = 4 * row * dim;
      this.#kernels.gemm(inputs + offset, at.up, at.upBias, hiddenBuffer, count, dim, hidden, 1);
      this.#kernels.gemm(hiddenBuffer, at.down, at.downBias, outputs + offset, count, hidden, dim, 0);
    }
  }

  /** to += scale x from, for one token. */
  addScaled(to: number, from: number, scale: number): void {
    this.#kernels.addScaled(to, from, scale, this.shape.dim);
  }

  #offsets(expert: number): { up: number; upBias: number; down: number; downBias: number } {
    const { dim, hidden } = this.shape;
    const up = this.#experts + expert * this.#expertBytes;
    const down = up + 4 * dim * hidden;
    const upBias = down + 4 * dim * hidden;
    return { up, down, upBias, downBias: upBias + 4 * hidden };
  }
}

/** Rows an expert works on at once: few enough that its hidden values stay in the second-level cache. */
export const chunkRows = 128;

/** Logits are computed in whole panels of experts. */
const routerColumns = ({ experts }: LayerShape): number => Math.ceil(experts / panelWidth) * panelWidth;
const expertBytes = ({ dim, hidden }: LayerShape): number => 4 * (2 * dim * hidden + hidden + dim);
const weightBytes = (shape: LayerShape): number =>
  shape.experts * expertBytes(shape) + 4 * routerColumns(shape) * (shape.dim + 1);

/** Throws InputError for sizes that make no layer, or one whose weights do not fit its memory. */
export function checkShape(shape: LayerShape): void {
  const { experts, topK, dim, hidden } = shape;
  const positive = (name: string, value: number): void => {
    if (!Number.isInteger(value) || value < 1) throw new InputError(`${name} is ${value}; expected a whole number from 1.`);
  };
  positive('The number of experts', experts);
  positive('top-k', topK);
  positive('The token width (dim)', dim);
  positive('The hidden width', hidden);
  if (topK > experts) throw new InputError(`top-k is ${topK}; expected at most the number of experts, ${experts}.`);
  for (const [name, value] of [['token width (dim)', dim], ['hidden width', hidden]] as const) {
    if (value % panelWidth !== 0) throw new InputError(`The ${name} is ${value}; expected a multiple of ${panelWidth}.`);
  }
  checkFits(weightBytes(shape));
}

/** Writes the ids of the `k` largest of `count` logits, largest first, and their softmax. Offsets are in elements. */
function chooseTopK(
  { floats, integers }: Pick<Arena, 'floats' | 'integers'>,
  { logits, count, k, ids, gates }: { logits: number; count: number; k: number; ids: number; gates: number },
): void {
  for (let i = 0; i < k; i++) floats[gates + i] = -Infinity;
  for (let e = 0; e < count; e++) {
    const logit = floats[logits + e]!;
    if (!(logit > floats[gates + k - 1]!)) continue;
    let place = k - 1;
    while (place > 0 && logit > floats[gates + place - 1]!) {
      floats[gates + place] = floats[gates + place - 1]!;
      integers[ids + place] = integers[ids + place - 1]!;
      place--;
    }
    floats[gates + place] = logit;
    integers[ids + place] = e;
  }
  if (floats[gates + k - 1] === -Infinity) throw new InputError('A token gives logits that are not finite; expected finite inputs.');
  const largest = floats[gates]!;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += floats[gates + i] = Math.exp(floats[gates + i]! - largest);
  for (let i = 0; i < k; i++) floats[gates + i]! /= sum;
}
