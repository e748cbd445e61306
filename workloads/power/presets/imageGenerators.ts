import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, compulsoryBytes, gemm, reduction } from '../kernel.js';
import type { Workload } from '../workload.js';
import { partOf } from '../workload.js';
import type { DitShape } from './dit.js';
import { ditKernels } from './dit.js';
import { add, gelu, multiply, repeat } from './operations.js';
import type { UnetShape } from './unet.js';
import { unetKernels, vaeDecoderKernels } from './unet.js';

/** A text encoder: CLIP's (Radford et al., 2021) or, gated, T5's. */
export interface TextEncoderShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly ffn: number;
  readonly tokens: number;
  readonly gated?: boolean;
}

/** A text-to-image pipeline: text encoders once, the denoiser once a step on both halves of the guidance, the decoder once. */
export interface ImageGenerator {
  readonly text: readonly TextEncoderShape[];
  readonly unet?: UnetShape;
  readonly dit?: DitShape;
  /** Parameters of all networks, counted once. */
  readonly parameters: number;
}

const clipL: TextEncoderShape = { layers: 12, hidden: 768, heads: 12, ffn: 3072, tokens: 77 };
const clipH: TextEncoderShape = { layers: 23, hidden: 1024, heads: 16, ffn: 4096, tokens: 77 };
const clipG: TextEncoderShape = { layers: 32, hidden: 1280, heads: 20, ffn: 5120, tokens: 77 };
const t5: TextEncoderShape = { layers: 24, hidden: 4096, heads: 64, ffn: 10240, tokens: 256, gated: true };

const sdxlUnet: UnetShape = {
  channels: [320, 640, 1280],
  depth: [0, 2, 10],
  middleDepth: 10,
  blocks: 2,
  headDim: () => 64,
  latent: 128,
  textWidth: 2048,
  textTokens: 77,
};

const sd15Unet: UnetShape = {
  channels: [320, 640, 1280, 1280],
  depth: [1, 1, 1, 0],
  middleDepth: 1,
  blocks: 2,
  headDim: (channels) => channels / 8,
  latent: 64,
  textWidth: 768,
  textTokens: 77,
};

/** The published configurations, at each model's own resolution. */
export const imageGenerators = {
  'sd-1.5': { text: [clipL], unet: sd15Unet, parameters: 1.07e9 },
  'sd-2.1': { text: [clipH], unet: { ...sd15Unet, headDim: () => 64, latent: 96, textWidth: 1024 }, parameters: 1.29e9 },
  sdxl: { text: [clipL, clipG], unet: sdxlUnet, parameters: 3.47e9 },
  'sdxl-turbo': { text: [clipL, clipG], unet: { ...sdxlUnet, latent: 64 }, parameters: 3.47e9 },
  'sd3-medium': {
    text: [clipL, clipG, t5],
    dit: { layers: 24, hidden: 1536, heads: 24, latent: 128, latentChannels: 16, patch: 2, textTokens: 333, textWidth: 4096 },
    parameters: 7.7e9,
  },
  'sd3.5-medium': {
    text: [clipL, clipG, t5],
    dit: { layers: 24, dualLayers: 13, hidden: 1536, heads: 24, latent: 128, latentChannels: 16, patch: 2, textTokens: 333, textWidth: 4096 },
    parameters: 8.0e9,
  },
  'pixart-sigma': {
    text: [{ ...t5, tokens: 300 }],
    dit: { layers: 28, crossAttention: true, hidden: 1152, heads: 16, latent: 128, latentChannels: 4, patch: 2, textTokens: 300, textWidth: 4096 },
    parameters: 5.5e9,
  },
  'sd3.5-large': {
    text: [clipL, clipG, t5],
    dit: { layers: 38, hidden: 2432, heads: 38, latent: 128, latentChannels: 16, patch: 2, textTokens: 333, textWidth: 4096 },
    parameters: 13.8e9,
  },
} satisfies Record<string, ImageGenerator>;

/** `batch` images in `steps` denoising steps with classifier-free guidance. */
export function imageWorkload(name: string, generator: ImageGenerator, batch: number, steps: number, precision: Precision): Workload {
  const images = 2 * batch;
  const { text, unet, dit } = generator;
  const denoiser = unet !== undefined ? unetKernels(unet, images, precision) : ditKernels(dit!, images, precision);
  const latent = (unet ?? dit!).latent;
  const decoder = vaeDecoderKernels(latent, dit?.latentChannels ?? 4, batch, precision);
  return {
    name,
    parts: [
      partOf('text', text.flatMap((encoder) => textEncoderKernels(encoder, images, precision))),
      partOf('denoiser', denoiser, steps),
      partOf('decoder', decoder),
    ],
    memoryBytes: generator.parameters * bytesPerElement[precision] + 3 * widestBytes([...denoiser, ...decoder]),
  };
}

/** The largest operands of one kernel: with what comes before and after about three such tensors live at once. */
const widestBytes = (kernels: readonly Kernel[]): number =>
  kernels.reduce((widest, kernel) => {
    const { read, write } = compulsoryBytes(kernel);
    return Math.max(widest, (read + write) / 2);
  }, 0);

function textEncoderKernels(shape: TextEncoderShape, texts: number, p: Precision): Kernel[] {
  const { layers, hidden, heads, ffn, tokens, gated = false } = shape;
  const rows = texts * tokens;
  const gate: Kernel[] = gated ? [gemm(ffn, rows, hidden, p), multiply(rows * ffn, p)] : [];
  const layer: Kernel[] = [
    reduction('layernorm', rows, hidden, p),
    ...Array.from({ length: 3 }, () => gemm(hidden, rows, hidden, p)),
    { kind: 'attention', batch: texts, heads, kvHeads: heads, queries: tokens, keys: tokens, headDim: hidden / heads, precision: p },
    gemm(hidden, rows, hidden, p),
    add(rows * hidden, p),
    reduction('layernorm', rows, hidden, p),
    gemm(ffn, rows, hidden, p),
    gelu(rows * ffn, p),
    ...gate,
    gemm(hidden, rows, ffn, p),
    add(rows * hidden, p),
  ];
  return [...repeat(layers, layer), reduction('layernorm', rows, hidden, p)];
}
