import type { AttentionKernel, Kernel, Precision } from '../kernel.js';
import { gemm, reduction } from '../kernel.js';
import { add, gelu, multiply, silu } from './operations.js';
import { conv } from './vision.js';

/** The shape of a latent-diffusion UNet (Rombach et al., CVPR 2022), in the terms of diffusers' UNet2DConditionModel. */
export interface UnetShape {
  /** Channels of each resolution, the finest first. */
  readonly channels: readonly number[];
  /** Transformer blocks after each residual block of a resolution; 0 for none. */
  readonly depth: readonly number[];
  /** Transformer blocks in the middle. */
  readonly middleDepth: number;
  /** Residual blocks of a resolution on the way down; one more on the way up. */
  readonly blocks: number;
  readonly headDim: (channels: number) => number;
  /** Height and width of the latent image. */
  readonly latent: number;
  readonly textWidth: number;
  readonly textTokens: number;
}

/** The kernels of one evaluation for `images` latent images (twice the batch under classifier-free guidance). */
export function unetKernels(shape: UnetShape, images: number, precision: Precision): Kernel[] {
  return new UnetPass(shape, images, precision).run();
}

class UnetPass {
  readonly #shape: UnetShape;
  readonly #images: number;
  readonly #p: Precision;
  readonly #kernels: Kernel[] = [];
  #size: number;
  #channels: number;

  constructor(shape: UnetShape, images: number, precision: Precision) {
    this.#shape = shape;
    this.#images = images;
    this.#p = precision;
    this.#size = shape.latent;
    this.#channels = 4;
  }

  run(): Kernel[] {
    const { channels, depth, middleDepth, blocks } = this.#shape;
    this.#conv(channels[0]!);
    const skips = [this.#channels];
    channels.forEach((width, level) => {
      for (let block = 0; block < blocks; block++) {
        this.#residual(this.#channels, width);
        this.#transformer(depth[level]!);
        skips.push(width);
      }
      if (level < channels.length - 1) {
        this.#conv(width, 3, 2);
        skips.push(width);
      }
    });
    this.#residual(this.#channels, this.#channels);
    this.#transformer(middleDepth);
    this.#residual(this.#channels, this.#channels);
    for (let level = channels.length - 1; level >= 0; level--) {
      for (let block = 0; block <= blocks; block++) {
        this.#residual(this.#channels + skips.pop()!, channels[level]!);
        this.#transformer(depth[level]!);
      }
      if (level > 0) {
        this.#size *= 2;
        this.#conv(channels[level]!);
      }
    }
    this.#activate(silu, this.#channels);
    this.#conv(4);
    return this.#kernels;
  }

  #conv(outChannels: number, filter = 3, stride = 1, inChannels = this.#channels): void {
    this.#kernels.push(conv({ images: this.#images, inChannels, outChannels, size: this.#size, filter, stride }, this.#p));
    this.#size /= stride;
    this.#channels = outChannels;
  }

  #activate(operation: (elements: number, precision: Precision) => Kernel, width: number): void {
    this.#kernels.push(operation(this.#images * this.#size ** 2 * width, this.#p));
  }

  /** Normalise, SiLU, convolve, twice, with the time embedding added between and the input (projected) at the end. */
  #residual(from: number, to: number): void {
    const timeWidth = 4 * this.#shape.channels[0]!;
    this.#activate(silu, from);
    this.#conv(to, 3, 1, from);
    this.#kernels.push(gemm(to, this.#images, timeWidth, this.#p));
    this.#activate(add, to);
    this.#activate(silu, to);
    this.#conv(to);
    if (from !== to) this.#conv(to, 1, 1, from);
    this.#activate(add, to);
  }

  #transformer(depth: number): void {
    if (depth === 0) return;
    const { textTokens, textWidth, headDim } = this.#shape;
    const width = this.#channels;
    const tokens = this.#size ** 2;
    const rows = this.#images * tokens;
    const linear = (out: number, within: number, many = rows): Kernel => gemm(out, many, within, this.#p);
    const attend = (keys: number): AttentionKernel => {
      const heads = width / headDim(width);
      return { kind: 'attention', batch: this.#images, heads, kvHeads: heads, queries: tokens, keys, headDim: headDim(width), precision: this.#p };
    };
    const block: Kernel[] = [
      reduction('layernorm', rows, width, this.#p),
      linear(width, width), linear(width, width), linear(width, width),
      attend(tokens),
      linear(width, width),
      add(rows * width, this.#p),
      reduction('layernorm', rows, width, this.#p),
      linear(width, width),
      linear(width, textWidth, this.#images * textTokens), linear(width, textWidth, this.#images * textTokens),
      attend(textTokens),
      linear(width, width),
      add(rows * width, this.#p),
      reduction('layernorm', rows, width, this.#p),
      linear(8 * width, width),
      gelu(rows * 4 * width, this.#p),
      multiply(rows * 4 * width, this.#p),
      linear(width, 4 * width),
      add(rows * width, this.#p),
    ];
    this.#kernels.push(linear(width, width));
    for (let i = 0; i < depth; i++) this.#kernels.push(...block);
    this.#kernels.push(linear(width, width), add(rows * width, this.#p));
  }
}
