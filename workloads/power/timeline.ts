import type { Device } from './device.js';
import type { PartSteps, Phases } from './phases.js';

/**
 * Corrections of the time model, all at least zero. Those without a unit multiply a phase at the data sheet's peak
 * (1.25 is 80 % of peak), or the link's; `wave` is in cycles a wave of tiles. In microseconds: `start` and `collective` on the
 * device a kernel and an exchange; on the host `launch...` a kernel, `step` a graph, `sequence` a sequence that a server handles.
 */
export const timeTerms = [
  'mathGemm', 'mathBatched', 'mathGrouped', 'mathAttention', 'mathConv', 'mathCuda', 'l2', 'wave', 'end',
  'dramMatrix', 'dramGrouped', 'dramAttention', 'dramElementwise', 'dramReduction', 'copies', 'norm', 'start', 'startGraph',
  'link', 'exchange', 'ring', 'collective', 'launch', 'launchBatched', 'launchConv', 'launchCollective', 'step', 'sequence',
] as const;
export type TimeTerm = (typeof timeTerms)[number];
export type TimeCoefficients = Readonly<Record<TimeTerm, number>>;

const term = Object.fromEntries(timeTerms.map((name, index) => [name, index])) as Record<TimeTerm, number>;
const mathTerm = {
  gemm: term.mathGemm,
  batched: term.mathBatched,
  grouped: term.mathGrouped,
  attention: term.mathAttention,
  conv: term.mathConv,
  cuda: term.mathCuda,
} as const;
const matrixDramTerm = {
  gemm: term.dramMatrix,
  batched: term.dramMatrix,
  grouped: term.dramGrouped,
  attention: term.dramAttention,
  conv: term.dramMatrix,
  cuda: term.dramMatrix,
} as const;
const linkTerm = { allReduce: term.link, allToAll: term.exchange, ring: term.ring } as const;
const dramTerm = { elementwise: term.dramElementwise, reduction: term.dramReduction } as const;

export const toVector = (coefficients: TimeCoefficients): Float64Array => Float64Array.from(timeTerms, (name) => coefficients[name]);
export const fromVector = (vector: ArrayLike<number>): TimeCoefficients =>
  Object.fromEntries(timeTerms.map((name, index) => [name, vector[index]!])) as Record<TimeTerm, number>;

/** What the phases of one iteration move and compute, for the power model. */
export interface Work {
  tensorFlop: number;
  attentionFlop: number;
  cudaFlop: number;
  l2Bytes: number;
  dramBytes: number;
}

export interface KernelTime {
  readonly phases: Phases;
  readonly count: number;
  /** Device time of all `count` runs, ms. */
  readonly timeMs: number;
  /** The phase that sets its pace. */
  readonly boundBy: 'math' | 'l2' | 'dram' | 'link';
}

/** What is timed, and where: the parts worked out for the device, and the host's time a launch relative to the calibrated hosts'. */
export interface Setting {
  readonly parts: readonly PartSteps[];
  readonly device: Device;
  readonly launchShare: number;
}

export interface Timeline {
  readonly timeMs: number;
  /** Time in which the device is busy, ms. */
  readonly busyMs: number;
  readonly work: Work;
  /** d timeMs / d coefficient. The model is homogeneous of degree one, so timeMs = slope . coefficients (Euler). */
  readonly slope: Float64Array;
}

/** How sharply the slower of host and device sets the pace: the p of a p-norm of the two times. */
const sharpness = 8;
/** An unlisted pass reads what the pass before it wrote: its L2 share of the pace, relative to DRAM's. */
const copyL2Share = 1.5;

/**
 * The time of one iteration. A kernel takes the slower of its compute pipeline (tensor-core math overlapped with operand
 * reads from L2, then tile ends) and its DRAM traffic, plus a start; a part takes the slower of its kernels on the device
 * and its launches on the host, or, launched as a graph, its kernels after the host's work. Of a product's tilings the
 * fastest is taken, as libraries do. `launchShare` is the host's time a launch relative to the calibrated hosts'.
 * `onKernel` receives each distinct kernel.
 */
export function timelineOf(setting: Setting, clockMhz: number, coefficients: Float64Array, onKernel?: (kernel: KernelTime) => void): Timeline {
  const size = coefficients.length;
  const slope = new Float64Array(size);
  const work: Work = { tensorFlop: 0, attentionFlop: 0, cudaFlop: 0, l2Bytes: 0, dramBytes: 0 };
  let timeMs = 0;
  let busyMs = 0;
  for (const { repeats, steps, graph, sequences } of setting.parts) {
    const run = new PartRun(setting, clockMhz, coefficients, repeats, work);
    for (const { phases, count } of steps) {
      const kernel = run.add(phases, count, graph);
      onKernel?.({ phases, count: count * repeats, timeMs: kernel.timeMs * repeats, boundBy: kernel.boundBy });
    }
    if (graph) run.addStep(sequences);
    const deviceMs = dot(run.device, coefficients);
    const hostMs = dot(run.host, coefficients);
    // Of a graph the host's work comes first (a p-norm of p = 1); single launches run ahead of the device.
    const p = graph ? 1 : sharpness;
    const slower = Math.max(deviceMs, hostMs);
    const partMs = slower * ((deviceMs / slower) ** p + (hostMs / slower) ** p) ** (1 / p);
    const deviceWeight = repeats * (deviceMs / partMs) ** (p - 1);
    const hostWeight = repeats * (hostMs / partMs) ** (p - 1);
    for (let i = 0; i < size; i++) slope[i]! += deviceWeight * run.device[i]! + hostWeight * run.host[i]!;
    timeMs += repeats * partMs;
    busyMs += repeats * (deviceMs - run.waitingMs);
  }
  return { timeMs, busyMs: Math.min(busyMs, timeMs), work, slope };
}

/** Adds up one repeat of a part: milliseconds per unit of each coefficient, on the device and on the host. */
class PartRun {
  readonly device: Float64Array;
  readonly host: Float64Array;
  readonly #c: Float64Array;
  readonly #repeats: number;
  readonly #work: Work;
  readonly #msPerCycle: number;
  readonly #msPerDramByte: number;
  readonly #msPerL2Byte: number;
  readonly #msPerLinkByte: number;
  readonly #msPerLaunch: number;
  /** Time in which the device only waits for others, ms. */
  waitingMs = 0;

  constructor({ device, launchShare }: Setting, clockMhz: number, coefficients: Float64Array, repeats: number, work: Work) {
    this.device = new Float64Array(coefficients.length);
    this.host = new Float64Array(coefficients.length);
    this.#c = coefficients;
    this.#repeats = repeats;
    this.#work = work;
    this.#msPerCycle = 1e-3 / clockMhz;
    this.#msPerDramByte = 1e-6 / device.dramGbPerS;
    this.#msPerL2Byte = this.#msPerCycle / device.l2BytesPerCycle;
    this.#msPerLinkByte = 2e-6 / device.linkGbPerS;
    this.#msPerLaunch = 1e-3 * launchShare;
  }

  /** The host's work before a graph. */
  addStep(sequences: number): void {
    this.host[term.step]! += this.#msPerLaunch;
    this.host[term.sequence]! += sequences * this.#msPerLaunch;
  }

  add(phases: Phases, count: number, graph: boolean): { timeMs: number; boundBy: KernelTime['boundBy'] } {
    if (phases.link !== null) {
      this.#work.dramBytes += this.#repeats * count * phases.dramBytes;
      return this.#exchange(phases.link, count, graph);
    }
    const { timeMs, boundBy } = phases.stream === null ? this.#product(phases, count) : this.#stream(phases, count);
    const kernels = this.#repeats * count;
    this.#work.tensorFlop += kernels * phases.tensorFlop;
    this.#work.attentionFlop += kernels * phases.attentionFlop;
    this.#work.cudaFlop += kernels * phases.cudaFlop;
    this.#work.dramBytes += kernels * phases.dramBytes;
    if (!graph) this.host[term.launch]! += count * this.#msPerLaunch;
    return { timeMs: timeMs + this.#unlisted(phases, count) + this.#device(graph ? term.startGraph : term.start, count * 1e-3), boundBy };
  }

  #exchange({ kind, bytes }: NonNullable<Phases['link']>, count: number, graph: boolean): { timeMs: number; boundBy: KernelTime['boundBy'] } {
    if (!graph) this.host[term.launchCollective]! += count * this.#msPerLaunch;
    const timeMs = this.#device(linkTerm[kind], count * bytes * this.#msPerLinkByte) + this.#device(term.collective, count * 1e-3);
    if (kind === 'allReduce') this.waitingMs += timeMs;
    return { timeMs, boundBy: 'link' };
  }

  #product(phases: Phases, count: number): { timeMs: number; boundBy: KernelTime['boundBy'] } {
    const c = this.#c;
    const math = mathTerm[phases.matrix!];
    let best = null;
    let bestCycles = Infinity;
    for (const tiling of phases.tilings) {
      const cycles =
        Math.max(c[math]! * tiling.mathCycles, c[term.l2]! * tiling.l2Cycles) + c[term.wave]! * tiling.waves + c[term.end]! * tiling.endCycles;
      if (cycles < bestCycles) {
        bestCycles = cycles;
        best = tiling;
      }
    }
    if (best !== null) this.#work.l2Bytes += this.#repeats * count * best.l2Bytes;
    const dramMs = phases.dramBytes * this.#msPerDramByte;
    const dram = matrixDramTerm[phases.matrix!];
    if (best === null || bestCycles * this.#msPerCycle < c[dram]! * dramMs) {
      return { timeMs: this.#device(dram, count * dramMs), boundBy: 'dram' };
    }
    const cycleMs = count * this.#msPerCycle;
    const mathBound = c[math]! * best.mathCycles >= c[term.l2]! * best.l2Cycles;
    const paceMs = mathBound ? this.#device(math, cycleMs * best.mathCycles) : this.#device(term.l2, cycleMs * best.l2Cycles);
    const ends = this.#device(term.wave, cycleMs * best.waves) + this.#device(term.end, cycleMs * best.endCycles);
    return { timeMs: paceMs + ends, boundBy: mathBound ? 'math' : 'l2' };
  }

  #stream(phases: Phases, count: number): { timeMs: number; boundBy: KernelTime['boundBy'] } {
    const dram = dramTerm[phases.stream!];
    const l2Ms = phases.streamBytes * this.#msPerL2Byte;
    const dramMs = phases.dramBytes * this.#msPerDramByte;
    this.#work.l2Bytes += this.#repeats * count * phases.streamBytes;
    return this.#c[term.l2]! * l2Ms > this.#c[dram]! * dramMs
      ? { timeMs: this.#device(term.l2, count * l2Ms), boundBy: 'l2' }
      : { timeMs: this.#device(dram, count * dramMs), boundBy: 'dram' };
  }

  #unlisted(phases: Phases, count: number): number {
    const pass = phases.unlisted;
    if (pass === null) return 0;
    this.host[pass.kind === 'norm' ? term.launchConv : term.launchBatched]! += count * this.#msPerLaunch;
    this.#work.l2Bytes += this.#repeats * count * pass.bytes;
    this.#work.dramBytes += this.#repeats * count * pass.dramBytes;
    const passMs = Math.max(copyL2Share * pass.bytes * this.#msPerL2Byte, pass.dramBytes * this.#msPerDramByte);
    return this.#device(pass.kind === 'norm' ? term.norm : term.copies, count * passMs);
  }

  /** Adds to a term's slope; returns the milliseconds. */
  #device(index: number, msPerUnit: number): number {
    this.device[index]! += msPerUnit;
    return this.#c[index]! * msPerUnit;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
