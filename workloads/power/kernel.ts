/** Number formats of a kernel's operands, as kernel lists name them. */
export type Precision = 'fp64' | 'fp32' | 'fp16' | 'bf16' | 'fp8' | 'int8';

export const bytesPerElement: Record<Precision, number> = { fp64: 8, fp32: 4, fp16: 2, bf16: 2, fp8: 1, int8: 1 };

/** `batch` products of an (m x k) by a (k x n) matrix. */
export interface GemmKernel {
  readonly kind: 'gemm';
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly precision: Precision;
  readonly tensorCore: boolean;
  /** The (k x n) matrices are weights that nothing read since the pass before, so that they come from DRAM. */
  readonly weights?: boolean;
  /** The products are those of a layer's experts, run as one kernel. */
  readonly grouped?: boolean;
}

/** A convolution as the matrix product it is computed as: m output positions, n output channels, k = channels x filter area. */
export interface ConvKernel {
  readonly kind: 'conv';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements of the input tensor, each read once at least. */
  readonly inputElements: number;
  /** Channels per group is the filter's depth; a depthwise convolution has as many groups as channels. */
  readonly groups: number;
  readonly precision: Precision;
  readonly tensorCore: boolean;
}

/** Fused attention (softmax(Q K') V without the score matrix in memory; Dao, FlashAttention-2, 2023). */
export interface AttentionKernel {
  readonly kind: 'attention';
  readonly batch: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` in grouped-query attention. */
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly headDim: number;
  readonly precision: Precision;
  /** Keys and values are one cache, read once (multi-head latent attention; DeepSeek-V2, 2024). */
  readonly latent?: boolean;
}

/** An exchange with the other devices of a group; `bytes` is what this device sends. */
export interface CollectiveKernel {
  readonly kind: 'allReduce' | 'allToAll' | 'ring';
  readonly ranks: number;
  readonly bytes: number;
}

/** One pass over `elements`; `readBytes` (of all operands) and `writeBytes` are what each element moves. */
export interface ElementwiseKernel {
  readonly kind: 'elementwise';
  readonly op: string;
  readonly elements: number;
  readonly operands: 1 | 2;
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** Softmax or layer normalisation over `rows` rows of `columns` elements. */
export interface ReductionKernel {
  readonly kind: 'softmax' | 'layernorm';
  readonly rows: number;
  readonly columns: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

export type Kernel = GemmKernel | ConvKernel | AttentionKernel | ElementwiseKernel | ReductionKernel | CollectiveKernel;

/** Floating-point operations of the matrix products; a multiply-add counts two, everything else zero (MFU's convention). */
export function matrixFlop(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'gemm':
      return 2 * kernel.batch * kernel.m * kernel.n * kernel.k;
    case 'conv':
      return (2 * kernel.m * kernel.n * kernel.k) / kernel.groups;
    case 'attention':
      return 4 * kernel.batch * kernel.heads * kernel.queries * kernel.keys * kernel.headDim;
    default:
      return 0;
  }
}

/** Bytes that must be read and written at least, every operand once. */
export function compulsoryBytes(kernel: Kernel): { read: number; write: number } {
  switch (kernel.kind) {
    case 'gemm': {
      const size = bytesPerElement[kernel.precision];
      return {
        read: size * kernel.batch * (kernel.m + kernel.n) * kernel.k,
        write: size * kernel.batch * kernel.m * kernel.n,
      };
    }
    case 'conv': {
      const size = bytesPerElement[kernel.precision];
      return { read: size * (kernel.inputElements + (kernel.k / kernel.groups) * kernel.n), write: size * kernel.m * kernel.n };
    }
    case 'attention': {
      const size = bytesPerElement[kernel.precision] * kernel.batch * kernel.headDim;
      return { read: size * (kernel.heads * kernel.queries + (kernel.latent === true ? 1 : 2) * kernel.kvHeads * kernel.keys), write: size * kernel.heads * kernel.queries };
    }
    case 'elementwise':
      return { read: kernel.readBytes * kernel.elements, write: kernel.writeBytes * kernel.elements };
    case 'softmax':
    case 'layernorm': {
      const elements = kernel.rows * kernel.columns;
      return { read: kernel.readBytes * elements, write: kernel.writeBytes * elements };
    }
    default:
      return { read: kernel.bytes, write: kernel.bytes };
  }
}

/** Operations that traces count with two tensors as operands. */
const twoOperandOps: ReadonlySet<string> = new Set(['pointwise_add', 'pointwise_mul', 'unspecified_tensor']);

/** One pass of an operation over `elements` elements, with the conventions of traced lists. */
export function elementwise(op: string, elements: number, precision: Precision): ElementwiseKernel {
  const size = bytesPerElement[precision];
  const target = /^typecast_to_(\w+)$/.exec(op)?.[1];
  const written = target !== undefined && Object.hasOwn(bytesPerElement, target) ? bytesPerElement[target as Precision] : size;
  const operands = twoOperandOps.has(op) ? 2 : 1;
  return { kind: 'elementwise', op, elements, operands, readBytes: operands * size, writeBytes: written };
}

/** Softmax or layer normalisation, each element read and written once. */
export function reduction(kind: ReductionKernel['kind'], rows: number, columns: number, precision: Precision): ReductionKernel {
  const size = bytesPerElement[precision];
  return { kind, rows, columns, readBytes: size, writeBytes: size };
}

/** Single-precision products run on CUDA cores unless TF32 is asked for (PyTorch's default since 1.12). */
export function gemm(m: number, n: number, k: number, precision: Precision, batch = 1): GemmKernel {
  return { kind: 'gemm', batch, m, n, k, precision, tensorCore: bytesPerElement[precision] <= 2 };
}

/** A product of activations with weights: (m x k) by (k x n). */
export const linear = (m: number, n: number, k: number, precision: Precision): GemmKernel => ({ ...gemm(m, n, k, precision), weights: true });

/**
 * An exchange among `ranks` devices of a tensor of `bytes`, each sending what rings send: twice (n - 1)/n of it to reduce and
 * spread sums, once to spread parts. Nothing among one.
 */
export function exchange(kind: CollectiveKernel['kind'], ranks: number, bytes: number): CollectiveKernel[] {
  if (ranks === 1) return [];
  return [{ kind, ranks, bytes: ((kind === 'allReduce' ? 2 : 1) * bytes * (ranks - 1)) / ranks }];
}
