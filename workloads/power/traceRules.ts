import type { ConvKernel, Kernel } from './kernel.js';
import type { KernelCount } from './workload.js';

/*
 * What a traced kernel list does not say but its structure shows. The rules look at shapes only.
 */

/**
 * Traces do not record a convolution's groups. A 3 x 3 convolution that keeps its channels, between a 1 x 1 that widened
 * to them and a 1 x 1 that narrows again, is the depthwise middle of an inverted residual (Sandler et al., MobileNetV2,
 * CVPR 2018); in a bottleneck (He et al., 2016) the 1 x 1 neighbours do the opposite.
 */
export function markDepthwise(kernels: readonly Kernel[]): Kernel[] {
  const places = kernels.flatMap((kernel, place) => (kernel.kind === 'conv' ? [place] : []));
  const result = [...kernels];
  for (let i = 1; i + 1 < places.length; i++) {
    const [before, middle, after] = [places[i - 1]!, places[i]!, places[i + 1]!].map((place) => kernels[place] as ConvKernel);
    const widened = before!.n === middle!.n && before!.k < before!.n;
    const narrows = after!.k === middle!.n && after!.n < after!.k;
    if (widened && narrows && middle!.k === 9 * middle!.n && middle!.groups === 1) {
      result[places[i]!] = { ...middle!, groups: middle!.n };
    }
  }
  return result;
}

/**
 * An operation with two operands over a tensor as large as the attention scores takes a mask or a scalar that is
 * broadcast over them, so that only one operand is read from memory.
 */
export function shareBroadcastOperands(kernels: readonly KernelCount[]): KernelCount[] {
  const scores = new Set(kernels.flatMap(({ kernel }) => (kernel.kind === 'softmax' ? [kernel.rows * kernel.columns] : [])));
  return kernels.map(({ kernel, count }) =>
    kernel.kind === 'elementwise' && kernel.operands === 2 && scores.has(kernel.elements)
      ? { kernel: { ...kernel, operands: 1, readBytes: kernel.readBytes / 2 }, count }
      : { kernel, count },
  );
}
