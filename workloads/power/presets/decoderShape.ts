import { InputError } from '../../../src/io/errors.js';
import type { Precision } from '../kernel.js';
import { bytesPerElement } from '../kernel.js';

/** Attention with a cache of keys and values (grouped-query; Ainslie et al., 2023). */
export interface GroupedAttention {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Queries and keys are normalised before they meet. */
  readonly qkNorm?: boolean;
}

/** Multi-head latent attention (DeepSeek-V2, 2024): one compressed cache for all heads. */
export interface LatentAttention {
  readonly heads: number;
  readonly queryRank: number;
  readonly kvRank: number;
  /** Width of a head without and with its position, and of its values. */
  readonly plainDim: number;
  readonly ropeDim: number;
  readonly valueDim: number;
}

/** A state-space layer (Mamba-2; Dao and Gu, 2024). */
export interface StateSpace {
  readonly layers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly state: number;
  readonly groups: number;
}

export interface Experts {
  readonly layers: number;
  readonly count: number;
  readonly perToken: number;
  readonly width: number;
  /** Width of the experts that every token passes, together; 0 for none. */
  readonly shared: number;
}

/** A decoder as its published configuration describes it. Layers of each kind are counted apart. */
export interface DecoderShape {
  readonly hidden: number;
  readonly vocab: number;
  readonly attention: GroupedAttention | LatentAttention;
  readonly attentionLayers: number;
  /** Of the attention layers so many see only the last tokens. */
  readonly window?: { readonly layers: number; readonly tokens: number };
  /** Feed-forward layers that every token passes, and how many matrices such a layer has. */
  readonly dense?: { readonly layers: number; readonly width: number; readonly matrices: 2 | 3 };
  readonly experts?: Experts;
  readonly stateSpace?: StateSpace;
  /** Norms around every block: before it, or before and after (Gemma). */
  readonly norms?: 1 | 2;
  /** The embedding is also the vocabulary head. */
  readonly tied?: boolean;
}

/** How a model is cut over devices. */
export interface Parallel {
  /** Devices that share every matrix and the heads. */
  readonly tensor: number;
  /** Devices that share a layer's experts, whole ones; 1: experts are cut like any matrix. */
  readonly expert: number;
  /** Groups that serve sequences of their own; experts are shared among all. */
  readonly data: number;
}

export const onOneDevice: Parallel = { tensor: 1, expert: 1, data: 1 };

/** Devices in all. */
export const devicesOf = ({ tensor, data }: Parallel): number => tensor * data;

export const isLatent = (attention: DecoderShape['attention']): attention is LatentAttention => 'kvRank' in attention;

/** Throws InputError (what does not divide) unless a model can be cut so. */
export function checkParallel(name: string, shape: DecoderShape, parallel: Parallel): void {
  const { tensor, expert } = parallel;
  const { attention, dense, experts, stateSpace } = shape;
  const divides = (what: string, count: number, ranks: number): void => {
    if (count % ranks !== 0) throw new InputError(`${name} cannot be cut over ${ranks} devices: its ${count} ${what} do not divide by ${ranks}.`);
  };
  divides('attention heads', attention.heads, tensor);
  if (!isLatent(attention) && attention.kvHeads % tensor !== 0 && tensor % attention.kvHeads !== 0) divides('heads of keys and values', attention.kvHeads, tensor);
  if (dense !== undefined) divides('feed-forward channels', dense.width, tensor);
  if (stateSpace !== undefined) divides('state-space heads', stateSpace.heads, tensor);
  if (expert > 1) {
    if (experts === undefined) throw new InputError(`${name} has no experts; expert parallelism needs a mixture of experts.`);
    divides('experts', experts.count, expert);
    if (expert !== devicesOf(parallel)) throw new InputError(`Expert parallelism of ${expert} does not fit ${devicesOf(parallel)} devices; expected 1 or ${devicesOf(parallel)}.`);
  } else if (experts !== undefined) divides('channels of an expert', experts.width, tensor);
}

/** Parameters of an attention layer. */
function attentionParameters({ hidden, attention: a }: DecoderShape): number {
  if (!isLatent(a)) return hidden * a.headDim * (2 * a.heads + 2 * a.kvHeads);
  const query = a.queryRank === 0 ? hidden * a.heads * (a.plainDim + a.ropeDim) : a.queryRank * (hidden + a.heads * (a.plainDim + a.ropeDim));
  return query + hidden * (a.kvRank + a.ropeDim) + a.heads * a.kvRank * (a.plainDim + a.valueDim) + a.heads * a.valueDim * hidden;
}

/** Columns of a state-space layer's first product: gate, input, both projections of the state, steps. */
export const stateSpaceColumns = ({ heads, headDim, groups, state }: StateSpace): number => 2 * heads * headDim + 2 * groups * state + heads;

/** Parameters, without norms: all, and those of the routed experts. */
export function parametersOf(shape: DecoderShape): { total: number; experts: number } {
  const { hidden, vocab, attentionLayers, dense, experts, stateSpace, tied = false } = shape;
  const routed = experts === undefined ? 0 : experts.layers * experts.count * 3 * hidden * experts.width;
  let total = routed + attentionLayers * attentionParameters(shape) + (tied ? 1 : 2) * vocab * hidden;
  if (dense !== undefined) total += dense.layers * dense.matrices * hidden * dense.width;
  if (experts !== undefined) total += experts.layers * hidden * (experts.count + 3 * experts.shared);
  if (stateSpace !== undefined) total += stateSpace.layers * hidden * (stateSpaceColumns(stateSpace) + stateSpace.heads * stateSpace.headDim);
  return { total, experts: routed };
}

/** Cached keys and values are kept in half precision whatever the weights are. */
const cacheBytes = 2;

/** Bytes of cache that a sequence of so many tokens holds on one device, states of state-space layers (in single precision) included. */
export function cacheBytesOf(shape: DecoderShape, tokens: number, { tensor }: Parallel): number {
  const { attention, attentionLayers, window = { layers: 0, tokens: 0 }, stateSpace } = shape;
  const perToken = cacheBytes * (isLatent(attention) ? attention.kvRank + attention.ropeDim : 2 * Math.max(1, attention.kvHeads / tensor) * attention.headDim);
  const kept = (attentionLayers - window.layers) * tokens + window.layers * Math.min(tokens, window.tokens);
  const states = stateSpace === undefined ? 0 : (4 * stateSpace.layers * stateSpace.heads * stateSpace.headDim * stateSpace.state) / tensor;
  return perToken * kept + states;
}

/** Bytes on the fullest device: its share of the weights, the cache of its sequences, and the widest activations of a step. */
export function decoderMemoryBytes(shape: DecoderShape, run: { sequences: number; tokens: number; rows: number; precision: Precision }, parallel: Parallel): number {
  const { total, experts } = parametersOf(shape);
  const { sequences, tokens, rows, precision } = run;
  const weights = bytesPerElement[precision] * ((total - experts) / parallel.tensor + experts / devicesOf(parallel));
  const widest = Math.max(shape.dense?.width ?? 0, (shape.experts?.width ?? 0) * (shape.experts?.perToken ?? 0));
  const activations = 2 * (rows / parallel.data) * (2 * shape.hidden + (2 * widest) / parallel.tensor);
  return weights + (sequences / parallel.data) * cacheBytesOf(shape, tokens, parallel) + activations;
}
