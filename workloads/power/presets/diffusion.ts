import { InputError } from '../../../src/io/errors.js';
import { fuse } from '../fuse.js';
import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, compulsoryBytes, gemm, reduction } from '../kernel.js';
import type { Runtime } from '../runtime.js';
import type { Workload } from '../workload.js';
import { partOf } from '../workload.js';
import type { DiffusionModel, TextEncoderShape } from './diffusionModels.js';
import type { SequenceParallel } from './dit.js';
import { checkSequenceParallel, ditKernels } from './dit.js';
import { add, gelu, multiply, repeat } from './operations.js';
import { unetKernels } from './unet.js';
import { imageVae, vaeDecoderKernels } from './vae.js';

/** What a pipeline is asked to make. */
export interface DiffusionRun {
  readonly batch: number;
  readonly steps: number;
  readonly precision: Precision;
  readonly runtime: Runtime;
  readonly cut: SequenceParallel;
  /** Pixels and frames; the model's own unless given. */
  readonly size?: DiffusionModel['size'];
}

/**
 * `batch` pictures or videos. The devices that share a sequence run the text encoders and the decoder each for itself.
 * Throws InputError for a size or a cut that a model cannot do.
 */
export function diffusionWorkload(name: string, model: DiffusionModel, run: DiffusionRun): Workload {
  const { batch, steps, precision, runtime, cut } = run;
  const { text, dit, guided, parameters } = model;
  const latents = guided ? 2 * batch : batch;
  const devices = cut.ulysses * cut.ring;
  if (dit === undefined && devices > 1) throw new InputError(`${name} is a UNet, which is not cut over devices; expected a diffusion transformer.`);
  if (dit !== undefined) checkSequenceParallel(name, dit, cut);
  const size = latentSize(name, model, run.size);
  const denoiser = dit === undefined ? unetKernels(model.unet!, latents, precision) : ditKernels(dit, { latents, size, precision, cut });
  const decoder = vaeDecoderKernels(model.vae ?? imageVae, batch, size, precision);
  const part = (which: string, kernels: Kernel[], repeats = 1) =>
    runtime === 'compiled' ? { ...partOf(which, fuse(kernels), repeats), graph: true } : partOf(which, kernels, repeats);
  // Videos are decoded in tiles, so that only an image's decoder is counted.
  const live = size[0] === 1 ? [...denoiser, ...decoder] : denoiser;
  return {
    name,
    parts: [part('text', text.flatMap((encoder) => textEncoderKernels(encoder, latents, precision))), part('denoiser', denoiser, steps), part('decoder', decoder)],
    memoryBytes: parameters * bytesPerElement[precision] + 3 * widestBytes(live),
    devices,
  };
}

/** Frames, rows and columns of a latent. */
function latentSize(name: string, { scale: [frames, side], size, unet }: DiffusionModel, asked: DiffusionModel['size'] = size): [number, number, number] {
  if (unet !== undefined && (asked.width !== size.width || asked.height !== size.height)) {
    throw new InputError(`${name} is built in at ${size.width} x ${size.height} only, found ${asked.width} x ${asked.height}.`);
  }
  return [1 + Math.ceil((asked.frames - 1) / frames), Math.ceil(asked.height / side), Math.ceil(asked.width / side)];
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
