import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, gemm, reduction } from '../kernel.js';
import type { Workload } from '../workload.js';
import { partOf } from '../workload.js';
import type { Operation } from './operations.js';
import { add, cast, each, gelu, multiply, relu, repeat, scale, tanh } from './operations.js';

/** The shape of a transformer. `style` is how its published implementation (Hugging Face, eager) orders its kernels. */
export interface TransformerShape {
  readonly style: 'bert' | 'gpt2' | 'opt';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
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
 * The kernels of one forward pass of the bare encoder or decoder, with eager attention and without a vocabulary head, as
 * traced.
 */
export function transformerKernels(shape: TransformerShape, run: TransformerRun): Kernel[] {
  const pass: Pass = {
    ...shape,
    ...run,
    headDim: shape.hidden / shape.heads,
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
function memoryBytes({ style, layers, hidden, heads, ffn, vocab }: TransformerShape, { batch, seq, phase, precision }: TransformerRun): number {
  const size = bytesPerElement[precision];
  const weights = layers * (4 * hidden * hidden + 2 * hidden * ffn) + vocab * hidden;
  const tokens = phase === 'prefill' ? batch * seq : batch;
  const cache = phase === 'decode' ? 2 * layers * batch * seq * hidden * size : 0;
  // Eager attention holds the scores twice, in single precision where the softmax is.
  const scores = heads * tokens * seq * (style === 'opt' ? 4 + 4 : 2 * size);
  return weights * size + cache + Math.max(scores, tokens * (2 * hidden + 2 * ffn) * size);
}
