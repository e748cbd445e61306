import type { Kernel, Precision } from '../kernel.js';
import { gemm, reduction } from '../kernel.js';
import { add, gelu, multiply, silu } from './operations.js';
import { conv } from './vision.js';

/** The shape of a multimodal diffusion transformer (Esser et al., ICML 2024): text and image tokens attend jointly. */
export interface DitShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Height and width of the latent image, its channels, and the side of a patch. */
  readonly latent: number;
  readonly latentChannels: number;
  readonly patch: number;
  readonly textTokens: number;
  readonly textWidth: number;
}

/** The kernels of one evaluation for `images` latent images (twice the batch under classifier-free guidance). */
export function ditKernels(shape: DitShape, images: number, p: Precision): Kernel[] {
  const { layers, hidden, heads, latent, latentChannels, patch, textTokens, textWidth } = shape;
  const imageTokens = (latent / patch) ** 2;
  const tokens = imageTokens + textTokens;
  const headDim = hidden / heads;
  // What one stream does around the joint attention: modulated norms, projections, the feed-forward network.
  const before = (rows: number): Kernel[] => [
    silu(images * hidden, p),
    gemm(6 * hidden, images, hidden, p),
    reduction('layernorm', rows, hidden, p),
    multiply(rows * hidden, p),
    add(rows * hidden, p),
    ...Array.from({ length: 3 }, () => gemm(hidden, rows, hidden, p)),
  ];
  const after = (rows: number): Kernel[] => [
    gemm(hidden, rows, hidden, p),
    multiply(rows * hidden, p),
    add(rows * hidden, p),
    reduction('layernorm', rows, hidden, p),
    multiply(rows * hidden, p),
    add(rows * hidden, p),
    gemm(4 * hidden, rows, hidden, p),
    gelu(4 * rows * hidden, p),
    gemm(hidden, rows, 4 * hidden, p),
    multiply(rows * hidden, p),
    add(rows * hidden, p),
  ];
  const [imageRows, textRows] = [images * imageTokens, images * textTokens];
  const layer: Kernel[] = [
    ...before(imageRows),
    ...before(textRows),
    { kind: 'attention', batch: images, heads, kvHeads: heads, queries: tokens, keys: tokens, headDim, precision: p },
    ...after(imageRows),
    ...after(textRows),
  ];
  return [
    conv({ images, inChannels: latentChannels, outChannels: hidden, size: latent, filter: patch, stride: patch }, p),
    gemm(hidden, textRows, textWidth, p),
    ...Array.from({ length: layers }, () => layer).flat(),
    reduction('layernorm', imageRows, hidden, p),
    gemm(patch * patch * latentChannels, imageRows, hidden, p),
  ];
}
