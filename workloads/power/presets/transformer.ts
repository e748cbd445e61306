import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, gemm, reduction } from '../kernel.js';
import type { Workload } from '../workload.js';
import { partOf } from '../workload.js';
import type { Operation } from './operations.js';
import { add, cast, each, gelu, multiply, relu, repeat, scale, silu, tanh } from './operations.js';

/** The shape of a transformer. `style` is how its published implementation (Hugging Face, eager) orders its kernels. */
export interface TransformerShape {
  readonly style: 'bert' | 'gpt2' | 'opt' | 'llama';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Heads of keys and values; `heads` unless grouped-query. */
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly ffn: number;
  readonly vocab: number;
}

export interface TransformerRun {
  readonly batch: number;
  /** Tokens a sequence: of the prompt for prefill, already in the cache for decode. */
  readonly seq: number;
  /** A pass over whole prompts, or one more token for each sequence. */
  readonly phase: 'prefill' | 'decode';
  readonly precision: Precision;
}

/**
 * The kernels of one forward pass. BERT, GPT-2 and OPT are the bare encoder or decoder with eager attention, as traced;
 * the Llama style has fused attention and the vocabulary head on the last token.
 */
export function transformerKernels(shape: TransformerShape, run: TransformerRun): Kernel[] {
  const pass: Pass = {
    ...shape,
    ...run,
    headDim: shape.headDim ?? shape.hidden / shape.heads,
    kvHeads: shape.kvHeads ?? shape.heads,
    queries: run.phase === 'prefill' ? run.seq : 1,
    keys: run.phase === 'prefill' ? run.seq : run.seq + 1,
    tokens: run.batch * (run.phase === 'prefill' ? run.seq : 1),
  };
  return styles[shape.style](pass);
}

/** A transformer's forward pass as a workload. */
export function transformer(name: string, shape: TransformerShape, run: TransformerRun): Workload {
  const kernels = transformerKernels(shape, run);
  return { name, parts: [partOf(run.phase, kernels)], memoryBytes: memoryBytes(shape, run) };
}

interface Pass extends TransformerShape, TransformerRun {
  readonly headDim: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly tokens: number;
}

const styles: Record<TransformerShape['style'], (pass: Pass) => Kernel[]> = {
  bert: (pass) => {
    const { layers, batch, hidden, ffn, tokens, seq, precision: p } = pass;
    const layer: Kernel[] = [
      ...Array.from({ length: 3 }, () => gemm(hidden, tokens, hidden, p)),
      ...eagerAttention(pass, [each('unspecified_scalar'), add], p),
      gemm(hidden, tokens, hidden, p),
      add(tokens * hidden, p),
      reduction('layernorm', tokens, hidden, p),
      gemm(ffn, tokens, hidden, p),
      gelu(tokens * ffn, p),
      gemm(hidden, tokens, ffn, p),
      add(tokens * hidden, p),
      reduction('layernorm', tokens, hidden, p),
    ];
    return [
      add(tokens * hidden, p),
      reduction('layernorm', tokens, hidden, p),
      scale(batch * seq, p),
      ...repeat(layers, layer),
      gemm(hidden, batch, hidden, p),
      tanh(batch * hidden, p),
    ];
  },
  gpt2: (pass) => {
    const { layers, hidden, ffn, tokens, precision: p } = pass;
    // GELU in its tanh form, written out operation by operation.
    const activation = [scale, each('unspecified_scalar'), scale, add, scale, tanh, scale, multiply];
    const layer: Kernel[] = [
      reduction('layernorm', tokens, hidden, p),
      gemm(tokens, 3 * hidden, hidden, p),
      ...eagerAttention(pass, [each('unspecified_tensor')], p),
      gemm(tokens, hidden, hidden, p),
      add(tokens * hidden, p),
      reduction('layernorm', tokens, hidden, p),
      gemm(tokens, ffn, hidden, p),
      ...activation.map((operation) => operation(tokens * ffn, p)),
      gemm(tokens, hidden, ffn, p),
      add(tokens * hidden, p),
    ];
    return [add(tokens * hidden, p), ...repeat(layers, layer), reduction('layernorm', tokens, hidden, p)];
  },
  opt: (pass) => {
    const { layers, hidden, ffn, batch, queries, keys, tokens, precision: p } = pass;
    const layer: Kernel[] = [
      reduction('layernorm', tokens, hidden, p),
      gemm(hidden, tokens, hidden, p),
      scale(tokens * hidden, p),
      gemm(hidden, tokens, hidden, p),
      gemm(hidden, tokens, hidden, p),
      ...eagerAttention(pass, p === 'fp32' ? [add] : [add, cast('fp32'), castFrom32(p)], 'fp32'),
      gemm(hidden, tokens, hidden, p),
      add(tokens * hidden, p),
      reduction('layernorm', tokens, hidden, p),
      gemm(ffn, tokens, hidden, p),
      relu(tokens * ffn, p),
      gemm(hidden, tokens, ffn, p),
      add(tokens * hidden, p),
    ];
    return [
      add(batch * queries * keys, 'fp32'),
      multiply(batch * keys, 'fp32'),
      add(tokens * hidden, p),
      ...repeat(layers, layer),
      reduction('layernorm', tokens, hidden, p),
    ];
  },
  llama: (pass) => {
    const { layers, hidden, heads, kvHeads, headDim, ffn, vocab, batch, queries, keys, tokens, precision: p } = pass;
    // RMS normalisation in single precision: cast, square, mean, rsqrt, scale, cast back, weight.
    const norm = (): Kernel[] => [
      cast('fp32')(tokens * hidden, p),
      each('unspecified_scalar')(tokens * hidden, 'fp32'),
      reduction('layernorm', tokens, hidden, 'fp32'),
      cast(p)(tokens * hidden, 'fp32'),
      multiply(tokens * hidden, p),
    ];
    // Rotary embedding: x cos + rotate(x) sin.
    const rotary = (width: number): Kernel[] => [
      multiply(tokens * width, p),
      each('unspecified_scalar')(tokens * width, p),
      multiply(tokens * width, p),
      add(tokens * width, p),
    ];
    const layer: Kernel[] = [
      ...norm(),
      gemm(heads * headDim, tokens, hidden, p),
      gemm(kvHeads * headDim, tokens, hidden, p),
      gemm(kvHeads * headDim, tokens, hidden, p),
      ...rotary(heads * headDim),
      ...rotary(kvHeads * headDim),
      { kind: 'attention', batch, heads, kvHeads, queries, keys, headDim, precision: p },
      gemm(hidden, tokens, heads * headDim, p),
      add(tokens * hidden, p),
      ...norm(),
      gemm(ffn, tokens, hidden, p),
      silu(tokens * ffn, p),
      gemm(ffn, tokens, hidden, p),
      multiply(tokens * ffn, p),
      gemm(hidden, tokens, ffn, p),
      add(tokens * hidden, p),
    ];
    return [...repeat(layers, layer), ...norm(), gemm(vocab, batch, hidden, p)];
  },
};

/** Scores, what is done to them, softmax, and their product with the values; every step through memory. */
function eagerAttention(pass: Pass, onScores: readonly Operation[], softmaxPrecision: Precision): Kernel[] {
  const { batch, heads, queries, keys, headDim, precision } = pass;
  const scores = batch * heads * queries * keys;
  return [
    gemm(queries, keys, headDim, precision, batch * heads),
    ...onScores.map((operation) => operation(scores, precision)),
    reduction('softmax', batch * heads * queries, keys, softmaxPrecision),
    gemm(queries, headDim, keys, precision, batch * heads),
  ];
}

/** The cast back to the model's precision, whose operand is in single. */
const castFrom32 = (to: Precision): Operation => (elements) => cast(to)(elements, 'fp32');

/** Weights of all layers and the embedding, the key-value cache, and the widest activations of one layer. */
function memoryBytes(shape: TransformerShape, run: TransformerRun): number {
  const { style, layers, hidden, heads, ffn, vocab } = shape;
  const { batch, seq, phase, precision } = run;
  const size = bytesPerElement[precision];
  const headDim = shape.headDim ?? hidden / heads;
  const kvWidth = (shape.kvHeads ?? heads) * headDim;
  const perLayer = hidden * (2 * heads * headDim + 2 * kvWidth) + (style === 'llama' ? 3 : 2) * hidden * ffn;
  const embeddings = (style === 'llama' ? 2 : 1) * vocab * hidden;
  const tokens = phase === 'prefill' ? batch * seq : batch;
  const cache = phase === 'decode' || style === 'llama' ? 2 * layers * batch * seq * kvWidth * size : 0;
  // Eager attention holds the scores twice, in single precision where the softmax is.
  const scoreSize = style === 'opt' ? 4 + 4 : 2 * size;
  const scores = style === 'llama' ? 0 : (heads * tokens * seq * scoreSize);
  const wide = tokens * (2 * hidden + 2 * ffn) * size;
  return (layers * perLayer + embeddings) * size + cache + Math.max(scores, wide);
}
