import type { ElementwiseKernel, Kernel, ReductionKernel } from './kernel.js';

type Stream = ElementwiseKernel | ReductionKernel;

const isStream = (kernel: Kernel | undefined): kernel is Stream => kernel?.kind === 'elementwise' || kernel?.kind === 'layernorm' || kernel?.kind === 'softmax';
const elementsOf = (kernel: Stream): number => (kernel.kind === 'elementwise' ? kernel.elements : kernel.rows * kernel.columns);

/**
 * A kernel list as a compiler runs it: a run of elementwise operations and reductions over tensors of one size becomes one
 * pass, which reads what its first operation reads and the second operand of every other, and writes the last result. A
 * reduction in a run keeps its kind, which sets the pace of the pass.
 */
export function fuse(kernels: readonly Kernel[]): Kernel[] {
  const result: Kernel[] = [];
  for (const kernel of kernels) {
    const last = result.at(-1);
    if (isStream(kernel) && isStream(last) && elementsOf(kernel) === elementsOf(last)) result[result.length - 1] = merged(last, kernel);
    else result.push(kernel);
  }
  return result;
}

function merged(first: Stream, second: Stream): Stream {
  // The first operand of the second operation is the first's result, which stays in registers.
  const more = second.kind === 'elementwise' && second.operands === 2 ? second.readBytes / 2 : 0;
  const base = first.kind === 'elementwise' ? second : first;
  return { ...base, readBytes: first.readBytes + more, writeBytes: second.writeBytes };
}
