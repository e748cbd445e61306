import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import { median } from '../../src/math/statistics.js';
import { checkFits } from './arena.js';
import { capacityRows, dynamicForward, phases, staticForward } from './gating.js';
import type { Forward, Phase } from './gating.js';
import { loadKernels } from './kernels.js';
import { checkShape, MoeLayer } from './layer.js';
import type { LayerShape, LayerWeights } from './layer.js';
import { zipfWeights } from './zipf.js';

export interface BenchmarkOptions {
  experts: number;
  topK: number;
  tokens: number;
  dim: number;
  /** Hidden width; 4 x dim as in the paper's models where not given. */
  hidden?: number;
  /** Static capacity of an expert as a share of the tokens. */
  capacityFactor: number;
  /** Zipf exponent of the experts' popularity; 0 is even. */
  skew: number;
  /** Timed passes of each gating, taken in turn after one of each to warm up. */
  runs: number;
  seed: number;
  onRun?: (done: number) => void;
}

export interface GatingMeasurement {
  /** Of the median pass. */
  tokensPerSecond: number;
  medianMs: number;
  /** Held at once besides the weights. */
  peakBytes: number;
  /** Token-expert pairs without room. */
  dropped: number;
  /** Rows that experts computed, padding included. */
  rows: number;
  /** Medians. */
  phasesMs: Record<Phase, number>;
  /** Multiply-adds of the experts, counted as two, per second of their phase. */
  expertGflopPerSecond: number;
}

export interface Benchmark {
  shape: LayerShape & { tokens: number; capacityFactor: number; skew: number };
  weightBytes: number;
  static: GatingMeasurement & { /** Rows of each expert. */ capacity: number };
  dynamic: GatingMeasurement;
  /** Median time of static over that of dynamic gating. */
  speedup: number;
  /** Peak bytes of static over those of dynamic gating. */
  memoryRatio: number;
  /** Rows of static over rows of dynamic gating, by definition: E C / k with C as a share of the tokens. */
  wasteFactor: number;
}

/** Padded work of static gating over useful work: E C / k, C being an expert's capacity as a share of the tokens. */
export const wasteFactor = (experts: number, capacityFactor: number, topK: number): number =>
  (experts * capacityFactor) / topK;

/** Measures both gatings of one layer with random weights on the same input, on this machine, in one thread. */
export async function benchmarkGating(options: BenchmarkOptions): Promise<Benchmark> {
  const { experts, topK, tokens, dim, capacityFactor, skew, runs, seed } = options;
  if (!Number.isInteger(tokens) || tokens < 1) {
    throw new InputError(`The number of tokens is ${tokens}; expected a whole number from 1.`);
  }
  if (!Number.isInteger(runs) || runs < 1) {
    throw new InputError(`The number of runs is ${runs}; expected a whole number from 1.`);
  }
  const shape: LayerShape = { experts, topK, dim, hidden: options.hidden ?? 4 * dim };
  checkShape(shape);
  checkFits(2 * 4 * tokens * dim);
  const createKernels = await loadKernels();
  const layer = new MoeLayer(shape, randomWeights(shape, skew, randomStream(seed, 'moe/weights')), createKernels());
  const stream = randomStream(seed, 'moe/inputs');
  const input = Float32Array.from({ length: tokens * dim }, () => stream.normal());

  const passes = { static: [] as Forward[], dynamic: [] as Forward[] };
  for (let run = 0; run <= runs; run++) {
    const pass = { static: staticForward(layer, input, capacityFactor), dynamic: dynamicForward(layer, input) };
    if (run > 0) {
      passes.static.push(pass.static);
      passes.dynamic.push(pass.dynamic);
    }
    options.onRun?.(run);
  }
  const flopPerRow = 4 * shape.dim * shape.hidden;
  const measured = {
    static: { ...summarise(passes.static, tokens, flopPerRow), capacity: capacityRows(capacityFactor, tokens) },
    dynamic: summarise(passes.dynamic, tokens, flopPerRow),
  };
  return {
    shape: { ...shape, tokens, capacityFactor, skew },
    weightBytes: layer.weightBytes,
    ...measured,
    speedup: measured.static.medianMs / measured.dynamic.medianMs,
    memoryRatio: measured.static.peakBytes / measured.dynamic.peakBytes,
    wasteFactor: wasteFactor(experts, capacityFactor, topK),
  };
}

function summarise(passes: readonly Forward[], tokens: number, flopPerRow: number): GatingMeasurement {
  const totalMs = (pass: Forward): number => phases.reduce((sum, phase) => sum + pass.phasesMs[phase], 0);
  const medianMs = median(passes.map(totalMs));
  const phasesMs = Object.fromEntries(
    phases.map((phase) => [phase, median(passes.map((pass) => pass.phasesMs[phase]))]),
  ) as Record<Phase, number>;
  const { peakBytes, dropped, rows } = passes[0]!;
  return {
    tokensPerSecond: (1000 * tokens) / medianMs,
    medianMs,
    peakBytes,
    dropped,
    rows,
    phasesMs,
    expertGflopPerSecond: (rows * flopPerRow) / phasesMs.experts / 1e6,
  };
}

/** Standard deviation of a standard Gumbel variable: log-popularity plus such noise is largest as often as popular. */
const gumbelDeviation = Math.PI / Math.sqrt(6);

/**
 * Uniform weights scaled by 1/sqrt(inputs). The router's bias is the logarithm of Zipf's popularity 1/i^skew, and its
 * weights spread the logits of standard normal inputs as a Gumbel variable, so that experts are chosen roughly as often
 * as they are popular (more unevenly, as normal noise has thinner tails). Experts read one pool of random values from different places, which is as good as their own and
 * builds in a tenth of the time.
 */
export function randomWeights(shape: LayerShape, skew: number, stream: RandomStream): LayerWeights {
  const { experts, dim, hidden } = shape;
  const uniform = (length: number, inputs: number, deviation = 1 / Math.sqrt(3)): Float32Array => {
    const width = deviation * Math.sqrt(12 / inputs);
    return Float32Array.from({ length }, () => (stream.next() - 0.5) * width);
  };
  const upPool = uniform(2 * dim * hidden, dim);
  const downPool = uniform(2 * dim * hidden, hidden);
  const take = (pool: Float32Array, length: number): Float32Array => {
    const from = stream.integer(pool.length - length);
    return pool.subarray(from, from + length);
  };
  return {
    router: uniform(dim * experts, dim, gumbelDeviation),
    routerBias: Float32Array.from(zipfWeights(experts, skew), Math.log),
    expert: () => ({
      up: take(upPool, dim * hidden),
      upBias: take(upPool, hidden),
      down: take(downPool, hidden * dim),
      downBias: take(downPool, dim),
    }),
  };
}
