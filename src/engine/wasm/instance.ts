import type { WasmMemory } from './interface.js';
import { webAssembly } from './interface.js';
import { kernelBytes } from './kernels.js';

/** The kernels of kernels.wat over one memory. Addresses are in bytes; lengths are whole vectors of four floats. */
export interface Kernels {
  sumOfSquares(end: number, gradient: number): number;
  adam(...args: AdamArguments): void;
  adamWithTarget(...args: [...AdamArguments, target: number, rate: number]): void;
  dense(x: number, xEnd: number, w: number, b: number, y: number, rowBytes: number, floor: number): void;
  fetch(index: number, indexEnd: number, source: number, stride: number): number;
  gather(index: number, indexEnd: number, source: number, stride: number, to: number, bytes: number): void;
}

type AdamArguments = [
  end: number, p: number, g: number, m: number, v: number,
  scale: number, step: number, beta1: number, rest1: number, beta2: number, rest2: number, epsilon: number, keep: number,
];

let compiled: object | undefined;
const instances = new WeakMap<WasmMemory, Kernels>();

/** The kernels over `memory`; made once for each memory. */
export function kernelsOver(memory: WasmMemory): Kernels {
  let kernels = instances.get(memory);
  if (kernels === undefined) {
    compiled ??= new webAssembly.Module(kernelBytes);
    kernels = new webAssembly.Instance(compiled, { block: { memory } }).exports as unknown as Kernels;
    instances.set(memory, kernels);
  }
  return kernels;
}
