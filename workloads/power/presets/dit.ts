import { InputError } from '../../../src/io/errors.js';
import type { Kernel, Precision } from '../kernel.js';
import { bytesPerElement, exchange, gemm, reduction } from '../kernel.js';
import { add, cast, each, gelu, multiply, repeat, silu } from './operations.js';

/** A diffusion transformer (Peebles and Xie, 2023), over an image's or a video's patches and a text. Blocks of each kind are counted. */
export interface DitShape {
  /** Text and image attend jointly, each with weights of its own (Esser et al., ICML 2024). */
  readonly joint?: number;
  /** So many of the joint blocks also attend among image tokens alone (MMDiT-X, Stable Diffusion 3.5 medium). */
  readonly dual?: number;
  /** Text and image are one sequence with one set of weights; `parallel`: attention and feed-forward side by side (FLUX.1). */
  readonly single?: number;
  readonly parallel?: boolean;
  /** The image attends to itself and then to the text (PixArt; Chen et al., ICLR 2024). */
  readonly cross?: number;
  /** Cross blocks with a long skip from an earlier one (Hunyuan-DiT). */
  readonly skips?: number;
  /** Attention to itself is linear in the tokens, and the feed-forward network gated and convolutional (SANA). */
  readonly linear?: boolean;
  readonly hidden: number;
  readonly heads: number;
  readonly ffn: number;
  /** Queries and keys are normalised. */
  readonly qkNorm?: boolean;
  /** Queries and keys are turned by their positions, in single precision. */
  readonly rotary?: boolean;
  /** Normalisation is in single precision. */
  readonly fullNorms?: boolean;
  /** One modulation for all blocks (adaLN-single) instead of one a block. */
  readonly sharedModulation?: boolean;
  readonly latentChannels: number;
  /** Latent frames, rows and columns that a token covers. */
  readonly patch: readonly [frames: number, side: number];
  readonly textTokens: number;
  readonly textWidth: number;
}

/** The devices that share a sequence: by heads (Ulysses; Jacobs et al., 2023) times by blocks of keys (ring; Liu et al., 2023). */
export interface SequenceParallel {
  readonly ulysses: number;
  readonly ring: number;
}

export const notCut: SequenceParallel = { ulysses: 1, ring: 1 };

/** Throws InputError unless a transformer's heads divide among the devices. */
export function checkSequenceParallel(name: string, { heads }: DitShape, { ulysses }: SequenceParallel): void {
  if (heads % ulysses !== 0) throw new InputError(`${name} cannot be cut over ${ulysses} devices by heads: its ${heads} attention heads do not divide by ${ulysses}.`);
}

/** What one evaluation of the denoiser works on. */
export interface DitRun {
  /** Latents at once, twice the batch under classifier-free guidance. */
  readonly latents: number;
  /** Frames, rows and columns of a latent. */
  readonly size: readonly [frames: number, height: number, width: number];
  readonly precision: Precision;
  readonly cut: SequenceParallel;
}

/** Tokens of a latent. */
export const latentTokens = ({ patch: [frames, side] }: DitShape, [depth, height, width]: DitRun['size']): number =>
  Math.ceil(depth / frames) * Math.ceil(height / side) * Math.ceil(width / side);

/** The kernels of one evaluation on one of the devices that share the sequence. */
export function ditKernels(shape: DitShape, run: DitRun): Kernel[] {
  const { joint = 0, dual = 0, single = 0, cross = 0, skips = 0, hidden, latentChannels, patch, textTokens, textWidth, sharedModulation = false } = shape;
  const { latents, precision: p } = run;
  const pass = new DitPass(shape, run);
  const { rows, textRows } = pass;
  const patchWidth = latentChannels * patch[0] * patch[1] ** 2;
  return [
    gemm(rows, hidden, patchWidth, p),
    gemm(hidden, latents * textTokens, textWidth, p),
    ...(sharedModulation ? [silu(latents * hidden, p), gemm(6 * hidden, latents, hidden, p)] : []),
    ...repeat(joint, [...pass.before(rows), ...pass.before(textRows), ...pass.attend(pass.tokens + textTokens, rows + textRows), ...pass.after(rows), ...pass.after(textRows)]),
    ...repeat(dual, pass.second()),
    ...repeat(single, pass.single()),
    ...repeat(cross, pass.cross()),
    ...repeat(skips, [reduction('layernorm', rows, 2 * hidden, p), gemm(hidden, rows, 2 * hidden, p)]),
    reduction('layernorm', rows, hidden, p),
    gemm(patchWidth, rows, hidden, p),
  ];
}

class DitPass {
  /** Tokens of a whole latent. */
  readonly tokens: number;
  /** Rows on this device, of the image and of the text. */
  readonly rows: number;
  readonly textRows: number;
  readonly #shape: DitShape;
  readonly #run: DitRun;
  readonly #p: Precision;

  constructor(shape: DitShape, run: DitRun) {
    const devices = run.cut.ulysses * run.cut.ring;
    this.#shape = shape;
    this.#run = run;
    this.#p = run.precision;
    this.tokens = latentTokens(shape, run.size);
    this.rows = Math.ceil((run.latents * this.tokens) / devices);
    this.textRows = Math.ceil((run.latents * shape.textTokens) / devices);
  }

  #project(rows: number): Kernel {
    const { hidden } = this.#shape;
    return gemm(hidden, rows, hidden, this.#p);
  }

  #modulation(): Kernel[] {
    const { hidden, sharedModulation = false } = this.#shape;
    return sharedModulation ? [] : [silu(this.#run.latents * hidden, this.#p), gemm(6 * hidden, this.#run.latents, hidden, this.#p)];
  }

  #norm(rows: number): Kernel[] {
    const { hidden, fullNorms = false } = this.#shape;
    if (!fullNorms) return [reduction('layernorm', rows, hidden, this.#p)];
    return [cast('fp32')(rows * hidden, this.#p), reduction('layernorm', rows, hidden, 'fp32'), cast(this.#p)(rows * hidden, 'fp32')];
  }

  #modulate(rows: number): Kernel[] {
    const { hidden } = this.#shape;
    return [...this.#norm(rows), multiply(rows * hidden, this.#p), add(rows * hidden, this.#p)];
  }

  #gate(rows: number): Kernel[] {
    const { hidden } = this.#shape;
    return [multiply(rows * hidden, this.#p), add(rows * hidden, this.#p)];
  }

  #feedForward(rows: number): Kernel[] {
    const { hidden, ffn } = this.#shape;
    return [gemm(ffn, rows, hidden, this.#p), gelu(rows * ffn, this.#p), gemm(hidden, rows, ffn, this.#p)];
  }

  /** What is done to queries and keys each before they meet: normalised, x cos + rotate(x) sin. */
  #turn(rows: number): Kernel[] {
    const { hidden, qkNorm = false, rotary = false } = this.#shape;
    const elements = rows * hidden;
    const turned = [cast('fp32')(elements, this.#p), multiply(elements, 'fp32'), each('unspecified_scalar')(elements, 'fp32'), multiply(elements, 'fp32'), add(elements, 'fp32'), cast(this.#p)(elements, 'fp32')];
    return repeat(2, [...(qkNorm ? this.#norm(rows) : []), ...(rotary ? turned : [])]);
  }

  /** A stream's way to joint attention. */
  before(rows: number): Kernel[] {
    return [...this.#modulation(), ...this.#modulate(rows), ...repeat(3, [this.#project(rows)]), ...this.#turn(rows)];
  }

  /** A stream's way from joint attention to the next block. */
  after(rows: number): Kernel[] {
    return [this.#project(rows), ...this.#gate(rows), ...this.#modulate(rows), ...this.#feedForward(rows), ...this.#gate(rows)];
  }

  /** Attention among `keys` tokens of each latent, `rows` of which are here: exchanged by heads, then passed round in blocks. */
  attend(keys: number, rows: number): Kernel[] {
    const { heads, hidden } = this.#shape;
    const { latents, cut: { ulysses, ring } } = this.#run;
    const bytes = rows * hidden * bytesPerElement[this.#p];
    const block: Kernel = {
      kind: 'attention',
      batch: latents,
      heads: heads / ulysses,
      kvHeads: heads / ulysses,
      queries: keys / ring,
      keys: keys / ring,
      headDim: hidden / heads,
      precision: this.#p,
    };
    const passing: Kernel[] = [{ kind: 'ring', ranks: ring, bytes: 2 * bytes }, add(rows * hidden, 'fp32'), multiply(rows * hidden, 'fp32')];
    return [
      ...repeat(3, exchange('allToAll', ulysses, bytes)),
      ...repeat(ring, [block]),
      ...repeat(ring - 1, passing),
      ...exchange('allToAll', ulysses, bytes),
    ];
  }

  /** The second attention of a dual block, among image tokens. */
  second(): Kernel[] {
    return [...repeat(3, [this.#project(this.rows)]), ...this.attend(this.tokens, this.rows), this.#project(this.rows), ...this.#gate(this.rows)];
  }

  single(): Kernel[] {
    const { hidden, ffn, textTokens, parallel = false } = this.#shape;
    const rows = this.rows + this.textRows;
    const attention = [...this.#turn(rows), ...this.attend(this.tokens + textTokens, rows)];
    if (!parallel) return [...this.before(rows), ...this.attend(this.tokens + textTokens, rows), ...this.after(rows)];
    return [
      ...this.#modulation(),
      ...this.#modulate(rows),
      ...repeat(3, [this.#project(rows)]),
      gemm(ffn, rows, hidden, this.#p),
      gelu(rows * ffn, this.#p),
      ...attention,
      gemm(hidden, rows, hidden + ffn, this.#p),
      ...this.#gate(rows),
    ];
  }

  cross(): Kernel[] {
    const { rows } = this;
    const { hidden, heads, textTokens, linear = false } = this.#shape;
    const { latents, cut: { ulysses, ring } } = this.#run;
    const texts = latents * textTokens;
    const toText: Kernel = { kind: 'attention', batch: latents, heads, kvHeads: heads, queries: this.tokens / (ulysses * ring), keys: textTokens, headDim: hidden / heads, precision: this.#p };
    return [
      ...this.#modulation(),
      ...this.#modulate(rows),
      ...repeat(3, [this.#project(rows)]),
      ...this.#turn(rows),
      ...(linear ? this.#linearAttention() : this.attend(this.tokens, rows)),
      this.#project(rows),
      ...this.#gate(rows),
      this.#project(rows),
      ...repeat(2, [this.#project(texts)]),
      toText,
      this.#project(rows),
      add(rows * hidden, this.#p),
      ...this.#modulate(rows),
      ...(linear ? this.#mixed(rows) : this.#feedForward(rows)),
      ...this.#gate(rows),
    ];
  }

  /** ReLU(Q) (ReLU(K)' V): two small products a head of 32 columns. */
  #linearAttention(): Kernel[] {
    const { hidden } = this.#shape;
    const { latents } = this.#run;
    const dim = 32;
    const perHead = (m: number, k: number): Kernel => ({ ...gemm(m, dim, k, 'fp32', (latents * hidden) / dim), tensorCore: false });
    const own = this.rows / latents;
    return [silu(this.rows * hidden, this.#p), silu(this.rows * hidden, this.#p), perHead(dim, own), perHead(own, dim)];
  }

  /** Gated inverted residual: 1 x 1 to twice the width, depthwise 3 x 3, gate, 1 x 1 back. */
  #mixed(rows: number): Kernel[] {
    const { hidden, ffn } = this.#shape;
    const depthwise: Kernel = { kind: 'conv', m: rows, n: 2 * ffn, k: 9 * 2 * ffn, inputElements: rows * 2 * ffn, groups: 2 * ffn, precision: this.#p, tensorCore: true };
    return [gemm(2 * ffn, rows, hidden, this.#p), silu(rows * 2 * ffn, this.#p), depthwise, multiply(rows * ffn, this.#p), gemm(hidden, rows, ffn, this.#p)];
  }
}
