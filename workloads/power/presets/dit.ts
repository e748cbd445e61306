import type { Kernel, Precision } from '../kernel.js';
import { gemm, reduction } from '../kernel.js';
import { add, gelu, multiply, silu } from './operations.js';
import { conv } from './vision.js';

/** The shape of a multimodal diffusion transformer (Esser et al., ICML 2024): text and image tokens attend jointly. */
export interface DitShape {
  readonly layers: number;
  /** The first so many layers also attend among image tokens alone (MMDiT-X, Stable Diffusion 3.5 medium). */
  readonly dualLayers?: number;
  /** Instead of joining the image's tokens, text is attended to by them (PixArt: Chen et al., ICLR 2024). */
  readonly crossAttention?: boolean;
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
  if (shape.crossAttention === true) return crossDitKernels(shape, images, p);
  const { layers, dualLayers = 0, hidden, heads, latent, latentChannels, patch, textTokens, textWidth } = shape;
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
  const secondAttention: Kernel[] = [
    ...Array.from({ length: 3 }, () => gemm(hidden, imageRows, hidden, p)),
    { kind: 'attention', batch: images, heads, kvHeads: heads, queries: imageTokens, keys: imageTokens, headDim, precision: p },
    gemm(hidden, imageRows, hidden, p),
    multiply(imageRows * hidden, p),
    add(imageRows * hidden, p),
  ];
  return [
    conv({ images, inChannels: latentChannels, outChannels: hidden, size: latent, filter: patch, stride: patch }, p),
    gemm(hidden, textRows, textWidth, p),
    ...Array.from({ length: layers }, () => layer).flat(),
    ...Array.from({ length: dualLayers }, () => secondAttention).flat(),
    reduction('layernorm', imageRows, hidden, p),
    gemm(patch * patch * latentChannels, imageRows, hidden, p),
  ];
}

/** PixArt's blocks: self-attention, cross-attention to the caption, feed-forward; one modulation for all (adaLN-single). */
function crossDitKernels(shape: DitShape, images: number, p: Precision): Kernel[] {
  const { layers, hidden, heads, latent, latentChannels, patch, textTokens, textWidth } = shape;
  const tokens = (latent / patch) ** 2;
  const [rows, textRows] = [images * tokens, images * textTokens];
  const headDim = hidden / heads;
  const attention = (keys: number): Kernel => ({ kind: 'attention', batch: images, heads, kvHeads: heads, queries: tokens, keys, headDim, precision: p });
  const modulate = (): Kernel[] => [reduction('layernorm', rows, hidden, p), multiply(rows * hidden, p), add(rows * hidden, p)];
  const gate = (): Kernel[] => [multiply(rows * hidden, p), add(rows * hidden, p)];
  const layer: Kernel[] = [
    ...modulate(),
    ...Array.from({ length: 3 }, () => gemm(hidden, rows, hidden, p)),
    attention(tokens),
    gemm(hidden, rows, hidden, p),
    ...gate(),
    gemm(hidden, rows, hidden, p),
    ...Array.from({ length: 2 }, () => gemm(hidden, textRows, hidden, p)),
    attention(textTokens),
    gemm(hidden, rows, hidden, p),
    add(rows * hidden, p),
    ...modulate(),
    gemm(4 * hidden, rows, hidden, p),
    gelu(4 * rows * hidden, p),
    gemm(hidden, rows, 4 * hidden, p),
    ...gate(),
  ];
  return [
    conv({ images, inChannels: latentChannels, outChannels: hidden, size: latent, filter: patch, stride: patch }, p),
    gemm(hidden, textRows, textWidth, p),
    gelu(textRows * hidden, p),
    gemm(hidden, textRows, hidden, p),
    silu(images * hidden, p),
    gemm(6 * hidden, images, hidden, p),
    ...Array.from({ length: layers }, () => layer).flat(),
    ...modulate(),
    gemm(2 * patch * patch * latentChannels, rows, hidden, p),
  ];
}
