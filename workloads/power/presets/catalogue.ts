import { InputError, suggest } from '../../../src/io/errors.js';
import { plainName } from '../deviceFile.js';
import type { Precision } from '../kernel.js';
import type { Workload } from '../workload.js';
import type { TransformerShape } from './transformer.js';
import { transformer } from './transformer.js';
import { resnet, vit } from './vision.js';
import type { ImageGenerator } from './imageGenerators.js';
import { imageGenerators, imageWorkload } from './imageGenerators.js';

/** What a built-in model is asked to run. Fields that do not concern a model are ignored. */
export interface ModelRequest {
  readonly batch: number;
  /** Tokens a sequence, of language models. */
  readonly seq: number;
  readonly phase: 'prefill' | 'decode';
  /** Denoising steps, of image generators. */
  readonly steps: number;
  readonly precision: Precision;
}

export interface Model {
  readonly name: string;
  readonly about: string;
  /** Published checkpoints with this network, by the name of their repository. */
  readonly checkpoints?: readonly string[];
  /** What one of a batch is. */
  item(phase: ModelRequest['phase']): string;
  build(request: ModelRequest): Workload;
}

function language(name: string, about: string, shape: TransformerShape): Model {
  return {
    name,
    about,
    item: (phase) => (phase === 'prefill' ? 'sequence' : 'token'),
    build: ({ batch, seq, phase, precision }) => {
      if (shape.style === 'bert' && phase === 'decode') throw new InputError(`${name} is an encoder; it has no phase "decode".`);
      return transformer(`${name} batch ${batch}, ${seq} tokens, ${phase}`, shape, { batch, seq, phase, precision });
    },
  };
}

function painter(name: keyof typeof imageGenerators, about: string, checkpoints: readonly string[]): Model {
  return {
    name,
    about,
    checkpoints,
    item: () => 'image',
    build: ({ batch, steps, precision }) => imageWorkload(`${name} batch ${batch}, ${steps} steps`, imageGenerators[name] as ImageGenerator, batch, steps, precision),
  };
}

/** The built-in models. Shapes are those of the published configurations. */
export const models: readonly Model[] = [
  language('bert-large', 'encoder, 340 M parameters', { style: 'bert', layers: 24, hidden: 1024, heads: 16, ffn: 4096, vocab: 30522 }),
  language('gpt2', 'decoder, 124 M parameters', { style: 'gpt2', layers: 12, hidden: 768, heads: 12, ffn: 3072, vocab: 50257 }),
  language('opt-1.3b', 'decoder, 1.3 G parameters', { style: 'opt', layers: 24, hidden: 2048, heads: 32, ffn: 8192, vocab: 50272 }),
  language('qwen2-1.5b', 'decoder, 1.5 G parameters', { style: 'llama', layers: 28, hidden: 1536, heads: 12, kvHeads: 2, ffn: 8960, vocab: 151936 }),
  language('llama-3-8b', 'decoder, 8 G parameters', { style: 'llama', layers: 32, hidden: 4096, heads: 32, kvHeads: 8, ffn: 14336, vocab: 128256 }),
  {
    name: 'vit-large',
    about: 'image classifier, 304 M parameters, 224 x 224',
    item: () => 'image',
    build: ({ batch, precision }) => vit(`vit-large batch ${batch}`, { layers: 24, hidden: 1024, heads: 16, ffn: 4096, image: 224, patch: 16 }, batch, precision),
  },
  {
    name: 'resnet-101',
    about: 'image classifier, 45 M parameters, 224 x 224',
    item: () => 'image',
    build: ({ batch, precision }) => resnet(`resnet-101 batch ${batch}`, { blocks: [3, 4, 23, 3], image: 224 }, batch, precision),
  },
  painter('sd-1.5', 'text to image, UNet, 512 x 512', ['stable-diffusion-v1-5', 'openjourney-v4']),
  painter('sd-2.1', 'text to image, UNet, 768 x 768', ['stable-diffusion-2-1']),
  painter('sdxl', 'text to image, UNet, 1024 x 1024', ['stable-diffusion-xl-base-1.0']),
  painter('sdxl-turbo', 'text to image, the UNet of sdxl at 512 x 512', ['sdxl-turbo']),
  painter('sd3-medium', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3-medium-diffusers']),
  painter('sd3.5-medium', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3.5-medium']),
  painter('pixart-sigma', 'text to image, diffusion transformer, 1024 x 1024', ['PixArt-Sigma-XL-2-1024-MS']),
  painter('sd3.5-large', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3.5-large']),
];

/** A built-in model by name, case and separators aside. Throws InputError with the nearest name. */
export function modelNamed(name: string): Model {
  const found = models.find((model) => plainName(model.name) === plainName(name));
  if (found === undefined) throw new InputError(`Unknown model "${name}".${suggest(name, models.map((model) => model.name))}`);
  return found;
}

/** The built-in model that a published checkpoint (`owner/name`) runs, if any. */
export const modelOfCheckpoint = (repository: string): Model | undefined =>
  models.find(({ checkpoints = [] }) => checkpoints.includes(repository.split('/').at(-1)!));

/** A built-in model's workload; what is not asked for is batch 1, 512 tokens, prefill, 25 steps, bf16. */
export function workloadOf(name: string, request: Partial<ModelRequest> = {}): Workload {
  const asked = { batch: 1, seq: 512, phase: 'prefill', steps: 25, precision: 'bf16', ...request } as const;
  for (const field of ['batch', 'seq', 'steps'] as const) {
    if (!Number.isSafeInteger(asked[field]) || asked[field] < 1) throw new InputError(`--${field}: expected a whole number of at least 1, found ${asked[field]}.`);
  }
  return modelNamed(name).build(asked);
}
