import type { Kernel } from './kernel.js';
import { compulsoryBytes, matrixFlop } from './kernel.js';

/** A kernel and how often it runs. */
export interface KernelCount {
  readonly kernel: Kernel;
  readonly count: number;
}

/** Kernels that are queued together: within a part the host runs ahead of the device, between parts it waits. */
export interface Part {
  readonly name: string;
  readonly repeats: number;
  /** Distinct kernels of one repeat, in order of first appearance. */
  readonly kernels: readonly KernelCount[];
  /** The kernels of a repeat are launched together, as one recorded graph; default: one by one. */
  readonly graph?: boolean;
  /** Sequences that a server's scheduler handles at each repeat. */
  readonly sequences?: number;
}

/** One iteration of a workload (a forward pass, a token, an image) and what must lie in device memory for it. */
export interface Workload {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Parameters, caches and the largest live activations, in bytes on the fullest device; undefined when the source does not tell. */
  readonly memoryBytes?: number;
  /** Devices that run it together, each as `parts` say; default 1. */
  readonly devices?: number;
}

/** Collects the kernels of a part, merging equal ones. */
export function partOf(name: string, kernels: Iterable<Kernel>, repeats = 1): Part {
  const counts = new Map<string, { kernel: Kernel; count: number }>();
  for (const kernel of kernels) {
    const key = Object.values(kernel).join();
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { kernel, count: 1 });
    else known.count++;
  }
  return { name, repeats, kernels: [...counts.values()] };
}

/** Totals of one iteration: matrix FLOP, compulsory bytes, kernels. */
export function workloadTotals(workload: Workload): { flop: number; bytes: number; kernels: number } {
  const totals = { flop: 0, bytes: 0, kernels: 0 };
  for (const { repeats, kernels } of workload.parts) {
    for (const { kernel, count } of kernels) {
      const { read, write } = compulsoryBytes(kernel);
      totals.flop += repeats * count * matrixFlop(kernel);
      totals.bytes += repeats * count * (read + write);
      totals.kernels += repeats * count;
    }
  }
  return totals;
}

/** What must fit in memory: as the workload says, or at the very least the operands of its largest kernel. */
export function memoryNeeded(workload: Workload): number {
  if (workload.memoryBytes !== undefined) return workload.memoryBytes;
  let largest = 0;
  for (const { kernels } of workload.parts) {
    for (const { kernel } of kernels) {
      const { read, write } = compulsoryBytes(kernel);
      largest = Math.max(largest, read + write);
    }
  }
  return largest;
}
