import type { Kernel, Precision } from '../kernel.js';
import { gemm } from '../kernel.js';
import { add, silu } from './operations.js';

/** The decoder of a variational autoencoder: levels of residual blocks, each but the last followed by a doubling of height and width. */
export interface VaeShape {
  readonly latentChannels: number;
  /** Channels of each level, from the latent to the picture. */
  readonly widths: readonly number[];
  readonly blocks: number;
  /** Whether the middle attends over all positions of a frame. */
  readonly attends: boolean;
  /** Of a video: after so many levels the frames double too. Filters are then 3 x 3 x 3, else 3 x 3. */
  readonly framesDouble?: number;
}

/** What every Stable Diffusion shares. */
export const imageVae: VaeShape = { latentChannels: 4, widths: [512, 512, 256, 128], blocks: 3, attends: true };

/** The kernels that decode `pictures` latents of frames x height x width. */
export function vaeDecoderKernels(shape: VaeShape, pictures: number, latent: readonly [number, number, number], p: Precision): Kernel[] {
  const { latentChannels, widths, blocks, attends, framesDouble } = shape;
  const [, height, width] = latent;
  const volume = framesDouble === undefined ? 9 : 27;
  const kernels: Kernel[] = [];
  let frames = latent[0];
  let side = 1;
  let channels = latentChannels;
  const positions = (): number => pictures * frames * height * width * side * side;
  const convolve = (to: number, filter = volume, from = channels): void => {
    kernels.push({ kind: 'conv', m: positions(), n: to, k: from * filter, inputElements: positions() * from, groups: 1, precision: p, tensorCore: true });
    channels = to;
  };
  const residual = (to: number): void => {
    const from = channels;
    kernels.push(silu(positions() * from, p));
    convolve(to);
    kernels.push(silu(positions() * to, p));
    convolve(to);
    if (from !== to) convolve(to, 1, from);
    kernels.push(add(positions() * to, p));
  };
  const middle = widths[0]!;
  convolve(middle);
  residual(middle);
  if (attends) {
    const tokens = height * width;
    const project = (): Kernel => gemm(middle, positions(), middle, p);
    kernels.push(project(), project(), project());
    kernels.push({ kind: 'attention', batch: pictures * frames, heads: 1, kvHeads: 1, queries: tokens, keys: tokens, headDim: middle, precision: p });
    kernels.push(project());
  }
  residual(middle);
  widths.forEach((width, level) => {
    for (let block = 0; block < blocks; block++) residual(width);
    if (level === widths.length - 1) return;
    side *= 2;
    if (framesDouble !== undefined && level < framesDouble) frames = 2 * frames - 1;
    convolve(width, 9);
  });
  kernels.push(silu(positions() * channels, p));
  convolve(3);
  return kernels;
}
