import type { Device } from './device.js';
import { flopPerCyclePerSm, peakTflops } from './device.js';
import type { CollectiveKernel, ConvKernel, GemmKernel, Kernel, Precision } from './kernel.js';
import { bytesPerElement, compulsoryBytes, matrixFlop } from './kernel.js';
import { shareBroadcastOperands } from './traceRules.js';
import type { Part, Workload } from './workload.js';

/** One way to cut a matrix product into tiles: cycles of each phase on the busiest SM at peak throughput. */
export interface Tiling {
  /** Rounds of tiles, one tile an SM, the last round partly filled; each takes a fixed time. */
  readonly waves: number;
  readonly mathCycles: number;
  /** Bringing operands from L2, overlapped with the math. */
  readonly l2Cycles: number;
  /** Writing finished tiles, after the math. */
  readonly endCycles: number;
  /** Bytes through L2, all SMs together. */
  readonly l2Bytes: number;
}

/** What the arithmetic of a kernel runs on; each has its own efficiency. */
export type MatrixClass = 'gemm' | 'batched' | 'grouped' | 'attention' | 'conv' | 'cuda';
export type StreamClass = 'elementwise' | 'reduction';

/** What a kernel asks of a device, before any correction. */
export interface Phases {
  readonly kernel: Kernel;
  readonly matrix: MatrixClass | null;
  /** Null for a matrix product. */
  readonly stream: StreamClass | null;
  readonly tilings: readonly Tiling[];
  /** FLOP on tensor cores, of products and of fused attention, in units of the bf16 FLOP that take the same cycles; and on CUDA cores. */
  readonly tensorFlop: number;
  readonly attentionFlop: number;
  readonly cudaFlop: number;
  /** Bytes of a streaming kernel through L2; a matrix product's are in its tilings. */
  readonly streamBytes: number;
  /** Bytes that reach DRAM. */
  readonly dramBytes: number;
  /**
   * Passes that traces leave out: copies of operands into place before batched products (PyTorch's matmul of permuted
   * tensors), normalisation and layout changes around convolutions.
   */
  readonly unlisted: { readonly kind: 'copies' | 'norm'; readonly bytes: number; readonly dramBytes: number } | null;
  /** An exchange with other devices, and the bytes that this one sends. */
  readonly link: { readonly kind: CollectiveKernel['kind']; readonly bytes: number } | null;
}

/** A kernel's phases and how often it runs in one repeat of its part. */
export interface Step {
  readonly phases: Phases;
  readonly count: number;
}

/** A part with its phases worked out for one device. */
export interface PartSteps {
  readonly repeats: number;
  readonly steps: readonly Step[];
  readonly graph: boolean;
  readonly sequences: number;
}

/** Works out a workload's phases on a device; independent of the clock. */
export function stepsOf(workload: Workload, device: Device): PartSteps[] {
  return workload.parts.map(({ repeats, kernels, graph = false, sequences = 0 }: Part) => ({
    repeats,
    graph,
    sequences,
    steps: shareBroadcastOperands(kernels).map(({ kernel, count }) => ({ phases: phasesOf(kernel, device), count })),
  }));
}

/** Time of a class's compute pipeline relative to that of the library kernels that calibrations are fitted on. */
export type KernelTimes = Partial<Readonly<Record<MatrixClass, number>>>;

/** The same steps with other kernels: what is computed and what goes through DRAM stays. */
export function withKernelTime(parts: readonly PartSteps[], kernelTime: KernelTimes): PartSteps[] {
  const scaled = (phases: Phases): Phases => {
    const factor = phases.matrix === null ? 1 : (kernelTime[phases.matrix] ?? 1);
    if (factor === 1) return phases;
    const tilings = phases.tilings.map((tiling) => ({
      ...tiling,
      waves: factor * tiling.waves,
      mathCycles: factor * tiling.mathCycles,
      l2Cycles: factor * tiling.l2Cycles,
      endCycles: factor * tiling.endCycles,
    }));
    return { ...phases, tilings };
  };
  return parts.map(({ steps, ...part }) => ({ ...part, steps: steps.map(({ phases, count }) => ({ phases: scaled(phases), count })) }));
}

/** Output tiles (rows x columns) of the common library kernels. */
const tileShapes = [
  [256, 128], [128, 256], [256, 64], [64, 256], [128, 128], [128, 64], [64, 128], [64, 64], [64, 32], [32, 64],
] as const;
/** Ways to split the inner dimension when tiles alone would leave SMs idle, and the least depth of a split. */
const splits = [1, 2, 4, 8] as const;
const leastDepth = 256;
/** Tensor cores load 16-byte rows; other lengths of the inner dimension fall back to narrower loads. */
const misalignedSlowdown = 3;
/** Share of L2 that a producer's output may take and still be there for its consumer. */
const residentShare = 0.2;

/** Share of a tensor's bytes that its consumer must fetch from DRAM: nearly none when small beside L2, all when large. */
function missShare(bytes: number, device: Device): number {
  const ratio = (bytes / (residentShare * device.l2Mb * 1e6)) ** 2;
  return ratio / (1 + ratio);
}

/** The phases of one kernel on a device. */
export function phasesOf(kernel: Kernel, device: Device): Phases {
  const { read, write } = compulsoryBytes(kernel);
  const bytes = read + write;
  const phases: Phases = {
    kernel,
    matrix: null,
    stream: null,
    tilings: [],
    tensorFlop: 0,
    attentionFlop: 0,
    cudaFlop: 0,
    streamBytes: 0,
    dramBytes: bytes * missShare(bytes, device),
    unlisted: null,
    link: null,
  };
  switch (kernel.kind) {
    case 'gemm': {
      const { batch, m, n, k, weights = false, grouped = false } = kernel;
      const weightBytes = weights ? bytesPerElement[kernel.precision] * batch * n * k : 0;
      // Of the three matrices of an attention product the largest holds the scores; the others are copied into place.
      const moved = 2 * bytesPerElement[kernel.precision] * batch * (m * k + k * n + m * n - Math.max(m * k, k * n, m * n));
      return {
        ...phases,
        ...arithmetic(kernel, device),
        matrix: !kernel.tensorCore ? 'cuda' : grouped ? 'grouped' : batch > 1 ? 'batched' : 'gemm',
        tilings: tilingsOf(kernel, device),
        dramBytes: weightBytes + (bytes - weightBytes) * missShare(bytes - weightBytes, device),
        unlisted: batch > 1 && !grouped ? { kind: 'copies', bytes: moved, dramBytes: moved * missShare(moved / 2, device) } : null,
      };
    }
    case 'conv': {
      // Normalisation reads and writes the output; so does the change of layout, of input and output both.
      const moved = bytesPerElement[kernel.precision] * (4 * kernel.m * kernel.n + 2 * kernel.inputElements);
      return {
        ...phases,
        ...arithmetic(kernel, device),
        matrix: kernel.tensorCore ? 'conv' : 'cuda',
        tilings: kernel.groups === 1 ? tilingsOf(kernel, device) : [],
        unlisted: { kind: 'norm', bytes: moved, dramBytes: moved * missShare(moved / 3, device) },
      };
    }
    case 'attention': {
      const { batch, heads, kvHeads, queries, keys, headDim, precision } = kernel;
      // Heads that share their keys and values are the rows of one product; both products together are 2 headDim deep.
      const product: GemmKernel = { kind: 'gemm', batch: batch * kvHeads, m: (queries * heads) / kvHeads, n: keys, k: 2 * paddedHead(headDim), precision, tensorCore: true };
      const { tensorFlop } = arithmetic(product, device);
      // The cache of earlier tokens was last read a pass ago.
      const dramBytes = queries === 1 ? bytes : phases.dramBytes;
      return { ...phases, attentionFlop: tensorFlop, matrix: 'attention', tilings: attentionTilings(product, headDim, device), dramBytes };
    }
    case 'elementwise':
      return { ...phases, stream: 'elementwise', streamBytes: bytes };
    case 'softmax':
    case 'layernorm':
      return { ...phases, stream: 'reduction', streamBytes: bytes };
    default:
      return { ...phases, dramBytes: kernel.kind === 'allReduce' ? 0 : exchangePasses * kernel.bytes, link: { kind: kernel.kind, bytes: kernel.bytes } };
  }
}

/** An exchange of parts of tensors reads and writes them to gather the parts, to send and receive, and to lay them out again. */
const exchangePasses = 6;

/** Attention kernels are compiled for multiples of 32 columns a head and fill up others. */
const paddedHead = (headDim: number): number => 32 * Math.ceil(headDim / 32);

function arithmetic(kernel: GemmKernel | ConvKernel, device: Device): { tensorFlop: number; cudaFlop: number } {
  const flop = matrixFlop(kernel);
  if (!kernel.tensorCore) return { tensorFlop: 0, cudaFlop: flop };
  const unit: Precision = 'bf16';
  return { tensorFlop: (flop * peakTflops(device, unit, true)) / peakTflops(device, kernel.precision, true), cudaFlop: 0 };
}

/** Rows of queries that a block of fused attention holds, and ways to split the keys where blocks alone would leave SMs idle. */
const attentionRows = [16, 64, 128] as const;
const keySplits = [1, 2, 4, 8, 16, 32] as const;

/** Fused attention: a block keeps its queries and walks over the keys; only the output, `headDim` columns wide, is written. */
function attentionTilings({ batch, m, n: keys, k, precision }: GemmKernel, headDim: number, device: Device): Tiling[] {
  const size = bytesPerElement[precision];
  const flopPerCycle = flopPerCyclePerSm(device, precision, true);
  const l2BytesPerCycle = device.l2BytesPerCycle / device.smCount;
  const tilings = attentionRows.flatMap((rows) => {
    const blocks = batch * Math.ceil(m / rows);
    const useful = keySplits.filter((split) => split === 1 || (blocks < device.smCount && keys >= split * leastDepth));
    return useful.map((split) => {
      const waves = Math.ceil((blocks * split) / device.smCount);
      const keyBytes = (size * k * keys) / split;
      return {
        waves,
        mathCycles: (waves * 2 * rows * (keys / split) * k) / flopPerCycle,
        l2Cycles: (waves * keyBytes) / l2BytesPerCycle,
        endCycles: (waves * size * Math.min(rows, m) * headDim) / l2BytesPerCycle,
        l2Bytes: blocks * split * keyBytes,
      };
    });
  });
  return withoutDominated(tilings);
}

function tilingsOf(kernel: GemmKernel | ConvKernel, device: Device): Tiling[] {
  const { m, n, k, precision, tensorCore } = kernel;
  const batch = kernel.kind === 'gemm' ? kernel.batch : 1;
  const size = bytesPerElement[precision];
  const flopPerCycle = flopPerCyclePerSm(device, precision, tensorCore);
  const l2BytesPerCycle = device.l2BytesPerCycle / device.smCount;
  const slowdown = tensorCore && (k * size) % 16 !== 0 ? misalignedSlowdown : 1;
  const result: Tiling[] = [];
  for (const [rows, columns] of tileShapes) {
    const tiles = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
    for (const split of splits) {
      if (split > 1 && (k < split * leastDepth || tiles >= device.smCount)) break;
      const waves = Math.ceil((tiles * split) / device.smCount);
      // What a tile holds beyond the matrices is computed but neither read nor written.
      const [height, width] = [Math.min(rows, m), Math.min(columns, n)];
      const operandBytes = slowdown * size * (height + width) * (k / split);
      result.push({
        waves,
        mathCycles: (slowdown * waves * 2 * rows * columns * (k / split)) / flopPerCycle,
        l2Cycles: (waves * operandBytes) / l2BytesPerCycle,
        endCycles: (waves * size * height * width) / l2BytesPerCycle,
        l2Bytes: tiles * split * operandBytes,
      });
    }
  }
  return withoutDominated(result);
}

const costs = ['waves', 'mathCycles', 'l2Cycles', 'endCycles'] as const;

/** Leaves out what another tiling betters or equals in every respect, whatever the respects weigh. */
const withoutDominated = (tilings: readonly Tiling[]): Tiling[] =>
  tilings.filter((one, index) => !tilings.some((other, at) => at !== index && costs.every((cost) => other[cost] <= one[cost]) && (at < index || costs.some((cost) => other[cost] < one[cost]))));

