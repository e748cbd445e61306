import type { DitShape } from './dit.js';
import type { UnetShape } from './unet.js';
import type { VaeShape } from './vae.js';
import { imageVae } from './vae.js';

/** A text encoder: CLIP's (Radford et al., 2021) or, gated, T5's or a decoder's hidden states. */
export interface TextEncoderShape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly ffn: number;
  readonly tokens: number;
  readonly gated?: boolean;
}

/** A pipeline from text to image or video: text encoders once, the denoiser once a step, the decoder once. */
export interface DiffusionModel {
  readonly text: readonly TextEncoderShape[];
  readonly unet?: UnetShape;
  readonly dit?: DitShape;
  readonly vae?: VaeShape;
  /** Picture or video as it is made unless another size is asked for. */
  readonly size: { readonly width: number; readonly height: number; readonly frames: number };
  /** Pixels across a latent position, and frames along it. */
  readonly scale: readonly [frames: number, side: number];
  /** The denoiser works on each latent with and without its text (classifier-free guidance); false: guidance was distilled into it. */
  readonly guided: boolean;
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

const square = (side: number): Pick<DiffusionModel, 'size' | 'scale' | 'guided'> => ({ size: { width: side, height: side, frames: 1 }, scale: [1, 8], guided: true });
const wideVae: VaeShape = { ...imageVae, latentChannels: 16 };
const sd3 = { hidden: 1536, heads: 24, ffn: 6144, latentChannels: 16, patch: [1, 2], textTokens: 333, textWidth: 4096 } as const;
const sana = { linear: true, sharedModulation: true, hidden: 2240, heads: 20, ffn: 5600, latentChannels: 32, patch: [1, 1], textTokens: 300, textWidth: 2304 } as const;
/** Deep compression autoencoder (Chen et al., 2024): 32 x 32 pixels a position. Its attention blocks are taken as residual ones. */
const deepVae: VaeShape = { latentChannels: 32, widths: [1024, 1024, 512, 512, 256, 128], blocks: 3, attends: false };
const gemma2: TextEncoderShape = { layers: 26, hidden: 2304, heads: 8, ffn: 9216, tokens: 300, gated: true };
const sanaAt: Pick<DiffusionModel, 'text' | 'vae' | 'size' | 'scale' | 'guided'> = { text: [gemma2], vae: deepVae, ...square(1024), scale: [1, 32] };

const video = (width: number, height: number, frames: number): Pick<DiffusionModel, 'size' | 'scale' | 'guided'> => ({ size: { width, height, frames }, scale: [4, 8], guided: true });
const wan = { qkNorm: true, rotary: true, fullNorms: true, sharedModulation: true, latentChannels: 16, patch: [1, 2], textTokens: 512, textWidth: 4096 } as const;
const wanVae: VaeShape = { latentChannels: 16, widths: [384, 384, 192, 96], blocks: 3, attends: true, framesDouble: 2 };
const cog = { qkNorm: true, rotary: true, ffn: 12288, hidden: 3072, heads: 48, latentChannels: 16, textTokens: 226, textWidth: 4096 } as const;
const cogVae: VaeShape = { latentChannels: 16, widths: [512, 256, 256, 128], blocks: 4, attends: false, framesDouble: 2 };
const hunyuanVae: VaeShape = { latentChannels: 16, widths: [512, 512, 256, 128], blocks: 3, attends: true, framesDouble: 2 };

/**
 * The published configurations, at each model's own resolution: those of the `unet`, `transformer`, `vae` and
 * `text_encoder` folders of the checkpoints' repositories, read with the classes of diffusers and transformers.
 */
export const diffusionModels = {
  'sd-1.5': { text: [clipL], unet: sd15Unet, ...square(512), parameters: 1.07e9 },
  'sd-2.1': { text: [clipH], unet: { ...sd15Unet, headDim: () => 64, latent: 96, textWidth: 1024 }, ...square(768), parameters: 1.29e9 },
  sdxl: { text: [clipL, clipG], unet: sdxlUnet, ...square(1024), parameters: 3.47e9 },
  'sdxl-turbo': { text: [clipL, clipG], unet: { ...sdxlUnet, latent: 64 }, ...square(512), parameters: 3.47e9 },
  'sd3-medium': { text: [clipL, clipG, t5], dit: { joint: 24, ...sd3 }, vae: wideVae, ...square(1024), parameters: 7.7e9 },
  'sd3.5-medium': { text: [clipL, clipG, t5], dit: { joint: 24, dual: 13, qkNorm: true, ...sd3 }, vae: wideVae, ...square(1024), parameters: 8.0e9 },
  'sd3.5-large': { text: [clipL, clipG, t5], dit: { joint: 38, qkNorm: true, ...sd3, hidden: 2432, heads: 38, ffn: 9728 }, vae: wideVae, ...square(1024), parameters: 13.8e9 },
  'pixart-sigma': {
    text: [{ ...t5, tokens: 300 }],
    dit: { cross: 28, sharedModulation: true, hidden: 1152, heads: 16, ffn: 4608, latentChannels: 4, patch: [1, 2], textTokens: 300, textWidth: 4096 },
    ...square(1024),
    parameters: 5.5e9,
  },
  'hunyuan-dit': {
    text: [{ layers: 24, hidden: 1024, heads: 16, ffn: 4096, tokens: 77 }, { layers: 24, hidden: 2048, heads: 32, ffn: 5120, tokens: 256, gated: true }],
    dit: { cross: 40, skips: 19, qkNorm: true, rotary: true, fullNorms: true, hidden: 1408, heads: 16, ffn: 6144, latentChannels: 4, patch: [1, 2], textTokens: 333, textWidth: 2048 },
    ...square(1024),
    parameters: 3.6e9,
  },
  'flux.1': {
    text: [clipL, { ...t5, tokens: 512 }],
    dit: { joint: 19, single: 38, parallel: true, qkNorm: true, rotary: true, hidden: 3072, heads: 24, ffn: 12288, latentChannels: 16, patch: [1, 2], textTokens: 512, textWidth: 4096 },
    vae: wideVae,
    ...square(1024),
    guided: false,
    parameters: 16.9e9,
  },
  'sana-0.6b': { ...sanaAt, dit: { cross: 28, ...sana, hidden: 1152, heads: 16, ffn: 2880 }, parameters: 3.5e9 },
  'sana-1.6b': { ...sanaAt, dit: { cross: 20, ...sana }, parameters: 4.5e9 },
  'sana-4.8b': { ...sanaAt, dit: { cross: 60, ...sana }, parameters: 7.7e9 },
  'wan2.1-1.3b': { text: [{ ...t5, tokens: 512 }], dit: { cross: 30, ...wan, hidden: 1536, heads: 12, ffn: 8960 }, vae: wanVae, ...video(832, 480, 81), parameters: 7.1e9 },
  'wan2.1-14b': { text: [{ ...t5, tokens: 512 }], dit: { cross: 40, ...wan, hidden: 5120, heads: 40, ffn: 13824 }, vae: wanVae, ...video(832, 480, 81), parameters: 20.1e9 },
  'cogvideox-2b': { text: [{ ...t5, tokens: 226 }], dit: { single: 30, ...cog, rotary: false, hidden: 1920, heads: 30, ffn: 7680, patch: [1, 2] }, vae: cogVae, ...video(720, 480, 49), parameters: 6.7e9 },
  'cogvideox-5b': { text: [{ ...t5, tokens: 226 }], dit: { single: 42, ...cog, patch: [1, 2] }, vae: cogVae, ...video(720, 480, 49), parameters: 10.6e9 },
  'cogvideox1.5-5b': { text: [{ ...t5, tokens: 226 }], dit: { single: 42, ...cog, patch: [2, 2] }, vae: cogVae, ...video(1360, 768, 81), parameters: 10.6e9 },
  'hunyuan-video': {
    text: [clipL, { layers: 32, hidden: 4096, heads: 32, ffn: 14336, tokens: 351, gated: true }],
    dit: { joint: 20, single: 40, parallel: true, qkNorm: true, rotary: true, hidden: 3072, heads: 24, ffn: 12288, latentChannels: 16, patch: [1, 2], textTokens: 256, textWidth: 4096 },
    vae: hunyuanVae,
    ...video(1280, 720, 129),
    guided: false,
    parameters: 21.1e9,
  },
} satisfies Record<string, DiffusionModel>;
