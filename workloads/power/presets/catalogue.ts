import { InputError, suggest } from '../../../src/io/errors.js';
import { plainName } from '../deviceFile.js';
import type { Precision } from '../kernel.js';
import type { Runtime } from '../runtime.js';
import type { Workload } from '../workload.js';
import type { DecoderShape, Parallel } from './decoderShape.js';
import { onOneDevice } from './decoderShape.js';
import { decoderWorkload } from './decoderWorkload.js';
import { decoders } from './decoders.js';
import { diffusionWorkload } from './diffusion.js';
import type { DiffusionModel } from './diffusionModels.js';
import { diffusionModels } from './diffusionModels.js';
import type { SequenceParallel } from './dit.js';
import { notCut } from './dit.js';
import type { TransformerShape } from './transformer.js';
import { transformer } from './transformer.js';
import { resnet, vit } from './vision.js';

/** What a model is asked to run. Fields that do not concern a model are ignored, but for a cut over devices. */
export interface ModelRequest {
  readonly batch: number;
  /** Tokens a sequence, of language models. */
  readonly seq: number;
  readonly phase: 'prefill' | 'decode' | 'request';
  /** Tokens of an answer, of a whole request. */
  readonly output: number;
  /** Denoising steps, of image and video generators. */
  readonly steps: number;
  readonly precision: Precision;
  readonly runtime: Runtime;
  readonly parallel: Parallel;
  readonly cut: SequenceParallel;
  /** Pixels and frames of a picture or video. */
  readonly size?: DiffusionModel['size'];
}

export interface Model {
  readonly name: string;
  readonly about: string;
  /** How published checkpoints with this network are called, without owner and suffixes. */
  readonly checkpoints: readonly string[];
  /** How it is run unless said otherwise. */
  readonly usual: { readonly runtime: Runtime; readonly precision: Precision };
  /** There for decoders and generators. */
  readonly decoder?: DecoderShape;
  readonly diffusion?: DiffusionModel;
  /** What one of a batch is. */
  item(phase: ModelRequest['phase']): string;
  build(request: ModelRequest): Workload;
}

const eager = { runtime: 'eager', precision: 'bf16' } as const;

/** Models that run on one device only refuse a cut. */
function onOne(name: string, { parallel, cut }: ModelRequest): void {
  if (parallel.tensor * parallel.data * parallel.expert * cut.ulysses * cut.ring > 1) throw new InputError(`${name} is built in for one device only; decoders and diffusion transformers can be cut over several.`);
}

function language(name: string, about: string, shape: TransformerShape): Model {
  return {
    name,
    about,
    checkpoints: [],
    usual: eager,
    item: (phase) => (phase === 'prefill' ? 'sequence' : 'token'),
    build: (request) => {
      const { batch, seq, phase, precision } = request;
      onOne(name, request);
      if (shape.style === 'bert' && phase !== 'prefill') throw new InputError(`${name} is an encoder; it has no phase "${phase}".`);
      if (phase === 'request') throw new InputError(`${name} is built in by the pass; expected --phase prefill or decode.`);
      return transformer(`${name} batch ${batch}, ${seq} tokens, ${phase}`, shape, { batch, seq, phase, precision });
    },
  };
}

const devicesText = (count: number): string => (count === 1 ? '' : `, ${count} devices`);

/** A decoder as a model; `precision` is that of its published weights. */
export function decoderModel(name: string, about: string, shape: DecoderShape, checkpoints: readonly string[] = [], precision: Precision = 'bf16'): Model {
  return {
    name,
    about,
    checkpoints,
    usual: { runtime: 'served', precision },
    decoder: shape,
    item: (phase) => ({ prefill: 'sequence', decode: 'token', request: 'request' })[phase],
    build: (request) => {
      const { batch, seq, phase, output, cut } = request;
      if (cut.ulysses * cut.ring > 1) throw new InputError(`${name} is a language model; --ulysses and --ring cut the sequences of diffusion transformers.`);
      const parallel = spread(request.parallel);
      const tokens = phase === 'request' ? `${seq} tokens in, ${output} out` : `${seq} tokens, ${phase}`;
      return decoderWorkload(`${name} batch ${batch}, ${tokens}${devicesText(parallel.tensor * parallel.data)}`, shape, { ...request, parallel });
    },
  };
}

/** Where only the experts are told to be shared, attention is cut over the same devices. */
const spread = ({ tensor, expert, data }: Parallel): Parallel => ({ tensor: expert > 1 && tensor === 1 && expert % data === 0 ? expert / data : tensor, expert, data });

function painter(name: keyof typeof diffusionModels, about: string, checkpoints: readonly string[]): Model {
  const diffusion: DiffusionModel = diffusionModels[name];
  return {
    name,
    about,
    checkpoints,
    usual: diffusion.dit === undefined ? eager : { runtime: 'served', precision: 'bf16' },
    diffusion,
    item: () => (diffusion.size.frames > 1 ? 'video' : 'image'),
    build: (request) => {
      const { batch, steps, parallel, cut } = request;
      if (parallel.tensor * parallel.data * parallel.expert > 1) throw new InputError(`${name} is cut over devices by its sequence; expected --ulysses or --ring instead.`);
      return diffusionWorkload(`${name} batch ${batch}, ${steps} steps${devicesText(cut.ulysses * cut.ring)}`, diffusion, request);
    },
  };
}

/** The built-in models. Shapes are those of the published configurations. */
export const models: readonly Model[] = [
  language('bert-large', 'encoder, 340 M parameters', { style: 'bert', layers: 24, hidden: 1024, heads: 16, ffn: 4096, vocab: 30522 }),
  language('gpt2', 'decoder, 124 M parameters', { style: 'gpt2', layers: 12, hidden: 768, heads: 12, ffn: 3072, vocab: 50257 }),
  language('opt-1.3b', 'decoder, 1.3 G parameters', { style: 'opt', layers: 24, hidden: 2048, heads: 32, ffn: 8192, vocab: 50272 }),
  ...decoders.map(({ name, about, shape, checkpoints, precision }) => decoderModel(name, about, shape, checkpoints, precision)),
  {
    name: 'vit-large',
    about: 'image classifier, 304 M parameters, 224 x 224',
    checkpoints: [],
    usual: eager,
    item: () => 'image',
    build: (request) => {
      onOne('vit-large', request);
      return vit(`vit-large batch ${request.batch}`, { layers: 24, hidden: 1024, heads: 16, ffn: 4096, image: 224, patch: 16 }, request.batch, request.precision);
    },
  },
  {
    name: 'resnet-101',
    about: 'image classifier, 45 M parameters, 224 x 224',
    checkpoints: [],
    usual: eager,
    item: () => 'image',
    build: (request) => {
      onOne('resnet-101', request);
      return resnet(`resnet-101 batch ${request.batch}`, { blocks: [3, 4, 23, 3], image: 224 }, request.batch, request.precision);
    },
  },
  painter('sd-1.5', 'text to image, UNet, 512 x 512', ['stable-diffusion-v1-5', 'openjourney-v4']),
  painter('sd-2.1', 'text to image, UNet, 768 x 768', ['stable-diffusion-2-1']),
  painter('sdxl', 'text to image, UNet, 1024 x 1024', ['stable-diffusion-xl-base-1.0']),
  painter('sdxl-turbo', 'text to image, the UNet of sdxl at 512 x 512', ['sdxl-turbo']),
  painter('sd3-medium', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3-medium']),
  painter('sd3.5-medium', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3.5-medium']),
  painter('sd3.5-large', 'text to image, diffusion transformer, 1024 x 1024', ['stable-diffusion-3.5-large']),
  painter('pixart-sigma', 'text to image, diffusion transformer, 1024 x 1024', ['pixart-sigma-xl-2-1024-ms']),
  painter('hunyuan-dit', 'text to image, diffusion transformer, 1024 x 1024', ['hunyuandit', 'hunyuandit-v1.1', 'hunyuandit-v1.2']),
  painter('flux.1', 'text to image, diffusion transformer, guidance distilled, 1024 x 1024', ['flux.1-dev', 'flux.1-schnell', 'flux.1-krea-dev']),
  painter('sana-0.6b', 'text to image, linear diffusion transformer, 1024 x 1024', ['sana-600m-1024px', 'sana-600m-1024px-bf16']),
  painter('sana-1.6b', 'text to image, linear diffusion transformer, 1024 x 1024', ['sana-1600m-1024px', 'sana-1600m-1024px-bf16', 'sana-1600m-1024px-multiling', 'sana1.5-1.6b-1024px']),
  painter('sana-4.8b', 'text to image, linear diffusion transformer, 1024 x 1024', ['sana1.5-4.8b-1024px']),
  painter('wan2.1-1.3b', 'text to video, diffusion transformer, 832 x 480, 81 frames', ['wan2.1-t2v-1.3b']),
  painter('wan2.1-14b', 'text to video, diffusion transformer, 832 x 480, 81 frames', ['wan2.1-t2v-14b']),
  painter('cogvideox-2b', 'text to video, diffusion transformer, 720 x 480, 49 frames', ['cogvideox-2b']),
  painter('cogvideox-5b', 'text to video, diffusion transformer, 720 x 480, 49 frames', ['cogvideox-5b']),
  painter('cogvideox1.5-5b', 'text to video, diffusion transformer, 1360 x 768, 81 frames', ['cogvideox1.5-5b']),
  painter('hunyuan-video', 'text to video, diffusion transformer, guidance distilled, 1280 x 720, 129 frames', ['hunyuanvideo']),
];

/** A built-in model by name, case and separators aside. Throws InputError with the nearest name. */
export function modelNamed(name: string): Model {
  const found = models.find((model) => plainName(model.name) === plainName(name));
  if (found === undefined) throw new InputError(`Unknown model "${name}".${suggest(name, models.map((model) => model.name))}`);
  return found;
}

/** What publishers add to a checkpoint's name without changing its network. */
const suffixes = /(-instruct|-chat|-it|-thinking|-hf|-diffusers|-base|-dynamic|-fp8|-bf16|-(?:0324|0528|2507|2512)|-v0\.\d)+$/;

/** The built-in model that a published checkpoint (`owner/name`) runs, if any. */
export function modelOfCheckpoint(repository: string): Model | undefined {
  const name = repository.split('/').at(-1)!.toLowerCase().replaceAll('_', '-');
  const plain = name.replace(suffixes, '');
  return models.find(({ checkpoints }) => checkpoints.includes(name) || checkpoints.includes(plain));
}

const defaults = { batch: 1, seq: 512, phase: 'prefill', output: 256, steps: 25, parallel: onOneDevice, cut: notCut } as const;

/** A model's workload; what is not asked for is batch 1, 512 tokens, prefill, an answer of 256, 25 steps, and as the model is usually run. */
export function workloadFor(model: Model, request: Partial<ModelRequest> = {}): Workload {
  const asked: ModelRequest = { ...defaults, ...model.usual, ...request };
  const sizes = { batch: asked.batch, seq: asked.seq, output: asked.output, steps: asked.steps, 'tensor-parallel': asked.parallel.tensor, 'expert-parallel': asked.parallel.expert, 'data-parallel': asked.parallel.data, ulysses: asked.cut.ulysses, ring: asked.cut.ring, ...asked.size };
  for (const [option, value] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new InputError(`--${option}: expected a whole number of at least 1, found ${value}.`);
  }
  return model.build(asked);
}

/** As `workloadFor`, of a built-in model by name. */
export const workloadOf = (name: string, request: Partial<ModelRequest> = {}): Workload => workloadFor(modelNamed(name), request);
