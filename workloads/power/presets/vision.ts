import type { ConvKernel, Kernel, Precision } from '../kernel.js';
import { bytesPerElement, gemm, reduction } from '../kernel.js';
import type { Workload } from '../workload.js';
import { partOf } from '../workload.js';
import { add, cast, each, gelu, relu, repeat, scale, tanh } from './operations.js';

export interface ConvShape {
  readonly images: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the input. */
  readonly size: number;
  readonly filter: number;
  readonly stride?: number;
}

/** A convolution over square images, padded so that stride 1 keeps the size. Single precision runs as TF32, as in PyTorch. */
export function conv({ images, inChannels, outChannels, size, filter, stride = 1 }: ConvShape, precision: Precision): ConvKernel {
  return {
    kind: 'conv',
    m: images * Math.ceil(size / stride) ** 2,
    n: outChannels,
    k: inChannels * filter * filter,
    inputElements: images * inChannels * size * size,
    groups: 1,
    precision,
    tensorCore: true,
  };
}

export interface VitShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly ffn: number;
  readonly image: number;
  readonly patch: number;
}

/** A vision transformer's forward pass with its pooler and eager attention (Hugging Face's ViTModel). */
export function vitKernels(shape: VitShape, batch: number, p: Precision): Kernel[] {
  const { layers, hidden, heads, ffn, image, patch } = shape;
  const patches = (image / patch) ** 2;
  const tokens = batch * (patches + 1);
  const scores = batch * heads * (patches + 1) ** 2;
  const headDim = hidden / heads;
  const embedding: Kernel = { ...conv({ images: batch, inChannels: 3, outChannels: hidden, size: image, filter: patch, stride: patch }, p) };
  const casts: Kernel[] = p === 'fp32' ? [] : [cast('fp32')(scores, p), cast(p)(scores, 'fp32')];
  const layer: Kernel[] = [
    reduction('layernorm', tokens, hidden, p),
    ...Array.from({ length: 3 }, () => gemm(hidden, tokens, hidden, p)),
    gemm(patches + 1, patches + 1, headDim, p, batch * heads),
    scale(scores, p),
    reduction('softmax', batch * heads * (patches + 1), patches + 1, 'fp32'),
    ...casts,
    gemm(patches + 1, headDim, patches + 1, p, batch * heads),
    gemm(hidden, tokens, hidden, p),
    add(tokens * hidden, p),
    reduction('layernorm', tokens, hidden, p),
    gemm(ffn, tokens, hidden, p),
    gelu(tokens * ffn, p),
    gemm(hidden, tokens, ffn, p),
    add(tokens * hidden, p),
  ];
  return [
    embedding,
    each('scalar_add')(tokens * hidden, p),
    ...repeat(layers, layer),
    reduction('layernorm', tokens, hidden, p),
    gemm(hidden, batch, hidden, p),
    tanh(batch * hidden, p),
  ];
}

/** A vision transformer as a workload. */
export function vit(name: string, shape: VitShape, batch: number, precision: Precision): Workload {
  const { layers, hidden, heads, ffn, image, patch } = shape;
  const tokens = (image / patch) ** 2 + 1;
  const weights = layers * (4 * hidden * hidden + 2 * hidden * ffn) + 3 * patch * patch * hidden;
  const widest = batch * Math.max(tokens * (2 * hidden + 2 * ffn), 2 * heads * tokens * tokens);
  return { name, parts: [partOf('forward', vitKernels(shape, batch, precision))], memoryBytes: (weights + widest) * bytesPerElement[precision] };
}

/** Blocks in each of ResNet's four stages (He et al., 2016). */
export interface ResnetShape {
  readonly blocks: readonly [number, number, number, number];
  readonly image: number;
}

/**
 * A bottleneck ResNet's forward pass, as traced: convolutions and activations. Normalisation and residual sums are part of
 * what the time model adds to a convolution.
 */
export function resnetKernels({ blocks, image }: ResnetShape, batch: number, p: Precision): Kernel[] {
  const kernels: Kernel[] = [];
  let size = image;
  const convolve = (inChannels: number, outChannels: number, filter: number, stride = 1): void => {
    const kernel = conv({ images: batch, inChannels, outChannels, size, filter, stride }, p);
    kernels.push(kernel);
    size = Math.ceil(size / stride);
  };
  const activate = (channels: number): unknown => kernels.push(relu(batch * channels * size * size, p));
  convolve(3, 64, 7, 2);
  activate(64);
  size /= 2; // pooling
  let channels = 64;
  blocks.forEach((count, stage) => {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const entry = size;
      convolve(channels, width, 1);
      activate(width);
      convolve(width, width, 3, stride);
      activate(width);
      convolve(width, 4 * width, 1);
      if (block === 0) {
        const exit = size;
        size = entry;
        convolve(channels, 4 * width, 1, stride);
        size = exit;
      }
      channels = 4 * width;
      activate(channels);
    }
  });
  kernels.push(gemm(1000, batch, channels, p));
  return kernels;
}

/** A bottleneck ResNet as a workload. */
export function resnet(name: string, shape: ResnetShape, batch: number, precision: Precision): Workload {
  const kernels = resnetKernels(shape, batch, precision);
  const weights = kernels.reduce((sum, kernel) => sum + (kernel.kind === 'conv' ? kernel.k * kernel.n : 0), 0);
  const widest = 3 * batch * 64 * (shape.image / 2) ** 2;
  return { name, parts: [partOf('forward', kernels)], memoryBytes: (weights + widest) * bytesPerElement[precision] };
}
