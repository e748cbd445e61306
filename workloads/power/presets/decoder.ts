import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, exchange, linear, reduction } from '../kernel.js';
import type { Runtime } from '../runtime.js';
import type { DecoderShape, Experts, GroupedAttention, LatentAttention, Parallel, StateSpace } from './decoderShape.js';
import { devicesOf, isLatent, stateSpaceColumns } from './decoderShape.js';
import { add, cast, each, multiply, repeat, silu } from './operations.js';

/** What one pass of a decoder does: tokens for sequences with a cache, and whole prompts. */
export interface DecoderStep {
  /** Sequences that get one more token, and the tokens that each has in its cache. */
  readonly decoding: number;
  readonly context: number;
  /** Prompts that are run through, and the tokens of each. Fractions are means over many passes. */
  readonly prompts: number;
  readonly promptTokens: number;
  readonly precision: Precision;
  readonly runtime: Runtime;
  readonly parallel: Parallel;
}

/** Fewer bytes an element than this is a format for weights and products only; the rest stays in half precision. */
const leastActivationBytes = 2;
/** Passes of a server over the logits, in single precision, to choose the next token: scale, sort by chunks, sum, draw. */
const samplingPasses = 4;

/** The kernels of one pass on one of the devices that share the model. */
export function decoderKernels(shape: DecoderShape, step: DecoderStep): Kernel[] {
  const pass = new Pass(shape, step);
  const { attentionLayers, window = { layers: 0, tokens: 0 }, dense, experts, stateSpace } = shape;
  return [
    ...repeat(attentionLayers - window.layers, pass.attention(Infinity)),
    ...repeat(window.layers, pass.attention(window.tokens)),
    ...(stateSpace === undefined ? [] : repeat(stateSpace.layers, pass.stateSpace(stateSpace))),
    ...(dense === undefined ? [] : repeat(dense.layers, [...pass.norms(), ...pass.feedForward(dense.width, dense.matrices), ...pass.sum()])),
    ...(experts === undefined ? [] : repeat(experts.layers, [...pass.norms(), ...pass.experts(experts), ...pass.sum()])),
    ...pass.head(),
  ];
}

class Pass {
  readonly #shape: DecoderShape;
  readonly #step: DecoderStep;
  /** Of weights and products, and of everything else. */
  readonly #p: Precision;
  readonly #q: Precision;
  /** Rows of activations in the sequences that this device serves. */
  readonly #rows: number;
  readonly #fused: boolean;

  constructor(shape: DecoderShape, step: DecoderStep) {
    const { decoding, prompts, promptTokens, precision, runtime, parallel } = step;
    this.#shape = shape;
    this.#step = step;
    this.#p = precision;
    this.#q = bytesPerElement[precision] < leastActivationBytes ? 'bf16' : precision;
    this.#rows = (decoding + prompts * promptTokens) / parallel.data;
    this.#fused = runtime !== 'eager';
  }

  attention(window: number): Kernel[] {
    const { attention } = this.#shape;
    return [...this.norms(), ...(isLatent(attention) ? this.#latent(attention, window) : this.#grouped(attention, window)), ...this.sum()];
  }

  #grouped({ heads, kvHeads, headDim, qkNorm = false }: GroupedAttention, window: number): Kernel[] {
    const { hidden } = this.#shape;
    const { tensor } = this.#step.parallel;
    const rows = this.#rows;
    const [own, ownKv] = [heads / tensor, Math.max(1, kvHeads / tensor)];
    const [q, kv] = [own * headDim, ownKv * headDim];
    const projections = this.#step.runtime === 'served' ? [q + 2 * kv] : [q, kv, kv];
    return [
      ...projections.map((columns) => linear(rows, columns, hidden, this.#p)),
      ...(qkNorm ? [...this.#norm(rows * own, headDim), ...this.#norm(rows * ownKv, headDim)] : []),
      ...this.#rotary(q, kv),
      ...this.#attend({ heads: own, kvHeads: ownKv, headDim }, window),
      linear(rows, hidden, q, this.#p),
    ];
  }

  /** The cache is compressed; queries are brought into its space and results out of it by products a head. */
  #latent({ heads, queryRank, kvRank, plainDim, ropeDim, valueDim }: LatentAttention, window: number): Kernel[] {
    const { hidden } = this.#shape;
    const rows = this.#rows;
    const own = heads / this.#step.parallel.tensor;
    const width = own * (plainDim + ropeDim);
    const perHead = (n: number, k: number): Kernel => ({ ...linear(rows, n, k, this.#q), batch: own, grouped: true });
    const query = queryRank === 0 ? [linear(rows, width, hidden, this.#p)] : [linear(rows, queryRank, hidden, this.#p), ...this.#norm(rows, queryRank), linear(rows, width, queryRank, this.#p)];
    return [
      ...query,
      linear(rows, kvRank + ropeDim, hidden, this.#p),
      ...this.#norm(rows, kvRank),
      ...this.#rotary(own * ropeDim, ropeDim),
      perHead(kvRank, plainDim),
      ...this.#attend({ heads: own, kvHeads: 1, headDim: kvRank + ropeDim, latent: true }, window),
      perHead(valueDim, kvRank),
      linear(rows, hidden, own * valueDim, this.#p),
    ];
  }

  #attend(heads: { heads: number; kvHeads: number; headDim: number; latent?: boolean }, window: number): Kernel[] {
    const { decoding, context, prompts, promptTokens, parallel } = this.#step;
    const over = (batch: number, queries: number, keys: number): Kernel[] =>
      batch === 0 ? [] : [{ kind: 'attention', batch: batch / parallel.data, queries, keys: Math.min(keys, window), precision: this.#q, ...heads }];
    return [...over(decoding, 1, context + 1), ...over(prompts, promptTokens, promptTokens)];
  }

  stateSpace({ heads, headDim, state, groups, layers }: StateSpace): Kernel[] {
    const { hidden } = this.#shape;
    const { tensor, data } = this.#step.parallel;
    const rows = this.#rows;
    const own = heads / tensor;
    const inner = own * headDim;
    const columns = stateSpaceColumns({ heads: own, headDim, state, groups: Math.max(1, groups / tensor), layers });
    // Every sequence's state is read and written once a pass, in single precision.
    const states = ((this.#step.decoding + this.#step.prompts) / data) * inner * state;
    return [
      ...this.norms(),
      linear(rows, columns, hidden, this.#p),
      silu(rows * (inner + 2 * groups * state), this.#q),
      each('unspecified_scalar')(states, 'fp32'),
      ...this.#norm(rows, inner),
      linear(rows, hidden, inner, this.#p),
      ...this.sum(),
    ];
  }

  feedForward(width: number, matrices: 2 | 3): Kernel[] {
    const { hidden } = this.#shape;
    const rows = this.#rows;
    const own = width / this.#step.parallel.tensor;
    const activation = this.#fused ? [multiply(rows * own, this.#q)] : [silu(rows * own, this.#q), multiply(rows * own, this.#q)];
    const up = matrices === 2
      ? [linear(rows, own, hidden, this.#p), silu(rows * own, this.#q)]
      : [...(this.#step.runtime === 'served' ? [linear(rows, 2 * own, hidden, this.#p)] : [linear(rows, own, hidden, this.#p), linear(rows, own, hidden, this.#p)]), ...activation];
    return [...up, linear(rows, hidden, own, this.#p)];
  }

  /** Tokens meet the experts at random, so that of few tokens' choices some coincide. */
  experts({ count, perToken, width, shared }: Experts): Kernel[] {
    const { hidden } = this.#shape;
    const { parallel } = this.#step;
    const whole = parallel.expert > 1;
    // With whole experts a device meets the tokens of all groups.
    const met = whole ? this.#rows * parallel.data : this.#rows;
    const own = whole ? count / parallel.expert : count;
    const touched = own * (1 - (1 - perToken / count) ** met);
    const each1 = (met * perToken * own) / count / touched;
    const cut = whole ? width : width / parallel.tensor;
    const product = (n: number, k: number): Kernel => ({ ...linear(each1, n, k, this.#p), batch: touched, grouped: true });
    const chosen = touched * each1;
    return [
      linear(this.#rows, count, hidden, this.#q),
      reduction('softmax', this.#rows, count, 'fp32'),
      each('unspecified_scalar')(this.#rows * perToken, 'fp32'),
      ...(whole && parallel.data > 1 ? exchange('allToAll', devicesOf(parallel), this.#rows * perToken * hidden * 2) : []),
      product(2 * cut, hidden),
      multiply(chosen * cut, this.#q),
      product(hidden, cut),
      add(chosen * hidden, this.#q),
      ...(whole && parallel.data > 1 ? exchange('allToAll', devicesOf(parallel), this.#rows * perToken * hidden * 2) : []),
      ...(shared === 0 ? [] : this.feedForward(shared, 3)),
    ];
  }

  /** Sums over the devices that share a matrix. */
  sum(): Kernel[] {
    const residual = this.#fused ? [] : [add(this.#rows * this.#shape.hidden, this.#q)];
    return [...exchange('allReduce', this.#step.parallel.tensor, this.#rows * this.#shape.hidden * bytesPerElement[this.#q]), ...residual];
  }

  norms(): Kernel[] {
    return repeat(this.#shape.norms ?? 1, this.#norm(this.#rows, this.#shape.hidden));
  }

  /** Root mean square normalisation; uncompiled in single precision: cast, square, mean, scale, cast back, weight. */
  #norm(rows: number, columns: number): Kernel[] {
    if (this.#fused) return [reduction('layernorm', rows, columns, this.#q)];
    const elements = rows * columns;
    return [
      cast('fp32')(elements, this.#q),
      each('unspecified_scalar')(elements, 'fp32'),
      reduction('layernorm', rows, columns, 'fp32'),
      cast(this.#q)(elements, 'fp32'),
      multiply(elements, this.#q),
    ];
  }

  /** Rotary embedding, x cos + rotate(x) sin, and the new keys' and values' way into the cache. */
  #rotary(queries: number, keys: number): Kernel[] {
    const rows = this.#rows;
    if (this.#fused) return [each('unspecified_scalar')(rows * (queries + keys), this.#q), each('unspecified_scalar')(rows * 2 * keys, this.#q)];
    return [queries, keys].flatMap((width) => [multiply, each('unspecified_scalar'), multiply, add].map((operation) => operation(rows * width, this.#q)));
  }

  /** The vocabulary head on the last token of each sequence; a server also draws the next token. */
  head(): Kernel[] {
    const { hidden, vocab } = this.#shape;
    const { decoding, prompts, parallel, runtime } = this.#step;
    const rows = (decoding + prompts) / parallel.data;
    const own = Math.ceil(vocab / parallel.tensor);
    const sampling = runtime === 'served' ? repeat(samplingPasses, [each('unspecified_scalar')(rows * vocab, 'fp32')]) : [];
    return [...this.#norm(rows, hidden), linear(rows, own, hidden, this.#q), ...exchange('allToAll', parallel.tensor, rows * vocab * bytesPerElement[this.#q]), ...sampling];
  }
}
