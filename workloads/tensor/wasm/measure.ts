import { setFlagsFromString } from 'node:v8';
import { InputError } from '../../../src/io/errors.js';
import { optionalPackage } from '../../../src/io/optionalPackage.js';
import { randomStream } from '../../../src/math/random.js';
import { median } from '../../../src/math/statistics.js';
import { webAssembly } from '../../../src/engine/wasm/interface.js';
import type { Measurement, Measurer } from '../measure/measurer.js';
import { generate, planMemory } from './generate.js';
import type { Operator } from './operator.js';
import { plainLoops } from './operator.js';
import type { Schedule, ScheduleSpace } from './schedule.js';

export interface WasmMeasurerOptions {
  /** Writes the module of a schedule; the tests plant a wrong one here. */
  encode?: (operator: Operator, schedule: Schedule) => Uint8Array;
  /** Samples stop after this long. Default 40 ms. */
  budgetMs?: number;
}

export interface WasmMeasurer extends Measurer {
  /** The same inputs that the schedules are checked and timed with. */
  readonly input: Float32Array;
  readonly weights: Float32Array;
  readonly expected: Float32Array;
}

const leastSamples = 3;
const mostSamples = 50;
const warmUpRuns = 2;

/**
 * Measures schedules on this machine, one thread: each is generated, run, checked against the plain loops, warmed up (unless
 * one run is long enough for that) and timed. Samples more than half above the fastest were interrupted by other work, and are dropped.
 */
export async function wasmMeasurer(space: ScheduleSpace, { encode, budgetMs = 40 }: WasmMeasurerOptions = {}): Promise<WasmMeasurer> {
  const { operator } = space;
  const { default: binaryen } = await optionalPackage('binaryen', 'tuning a kernel for this machine (tune run --target wasm)', () => import('binaryen'));
  const encodeSchedule = encode ?? ((...args: [Operator, Schedule]) => generate(binaryen, ...args));
  const plan = planMemory(operator);
  const limits = { initial: plan.pages, maximum: plan.pages };
  const memory = new webAssembly.Memory(limits);
  const viewOf = (operand: 'input' | 'weights' | 'output'): Float32Array => new Float32Array(memory.buffer, plan[operand], operator.sizes[operand]);
  const input = randomValues(viewOf('input'), 'input');
  const weights = randomValues(viewOf('weights'), 'weights');
  if (operator.convolution !== undefined) clearPadding(operator, input);
  const expected = plainLoops(operator, input, weights);
  const output = viewOf('output');
  const tolerance = toleranceOf(expected);

  const measureOne = (schedule: Schedule): Measurement => {
    let run: () => void;
    let firstMs: number;
    try {
      run = instantiate(encodeSchedule(operator, schedule), memory);
      output.fill(NaN);
      const start = performance.now();
      run();
      firstMs = performance.now() - start;
    } catch (error) {
      return { ok: false, why: `did not run: ${error instanceof Error ? error.message : String(error)}` };
    }
    const wrong = firstDifference(output, expected, tolerance);
    if (wrong >= 0) return { ok: false, why: `wrong result: output ${wrong} is ${output[wrong]}, expected ${expected[wrong]}` };
    if (firstMs < budgetMs / 4) for (let i = 0; i < warmUpRuns; i++) run();
    const times: number[] = [];
    for (let spent = 0; times.length < leastSamples || (spent < budgetMs && times.length < mostSamples); ) {
      const start = performance.now();
      run();
      times.push(performance.now() - start);
      spent += times.at(-1)!;
    }
    return { ok: true, costs: withoutInterruptions(times) };
  };
  return {
    input,
    weights,
    expected,
    measure: (requests) => Promise.resolve(requests.map(({ index }) => measureOne(space.scheduleAt(index)))),
  };
}

/** Samples up to half above the fastest: what slows a run beyond that is not the program. */
export function withoutInterruptions(times: readonly number[]): number[] {
  const fastest = Math.min(...times);
  return times.filter((time) => time <= 1.5 * fastest);
}

/** Median time in ms of `run` under the same rule, for comparisons. */
export async function medianTimeMs(run: () => unknown, samples = 30): Promise<number> {
  for (let i = 0; i < warmUpRuns + 1; i++) await run();
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return median(withoutInterruptions(times));
}

/** Compiled by the optimising compiler at once, so that the first timed run is as fast as the last. */
function instantiate(bytes: Uint8Array, memory: object): () => void {
  setFlagsFromString('--no-liftoff');
  try {
    const { run } = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory } }).exports;
    if (typeof run !== 'function') throw new InputError('the module exports no function "run"');
    return run as () => void;
  } finally {
    setFlagsFromString('--liftoff');
  }
}

function randomValues(array: Float32Array, name: string): Float32Array {
  const random = randomStream(0, name);
  for (let i = 0; i < array.length; i++) array[i] = 2 * random.next() - 1;
  return array;
}

/** Zeros around the image, as the operator's padding wants. */
function clearPadding(operator: Operator, image: Float32Array): void {
  const { size, inChannels } = operator.convolution!;
  const padded = Math.sqrt(image.length / inChannels);
  const margin = (padded - size) / 2;
  for (let y = 0; y < padded; y++) {
    for (let x = 0; x < padded; x++) {
      const inside = y >= margin && y < margin + size && x >= margin && x < margin + size;
      if (!inside) image.fill(0, (y * padded + x) * inChannels, (y * padded + x + 1) * inChannels);
    }
  }
}

/** Sums in another order differ by rounding: a thousandth of the typical output is far above that, far below a wrong term. */
function toleranceOf(expected: Float32Array): number {
  let squares = 0;
  for (const value of expected) squares += value * value;
  return 1e-3 * Math.sqrt(squares / expected.length) + 1e-6;
}

function firstDifference(output: Float32Array, expected: Float32Array, tolerance: number): number {
  for (let i = 0; i < output.length; i++) if (!(Math.abs(output[i]! - expected[i]!) <= tolerance)) return i;
  return -1;
}
