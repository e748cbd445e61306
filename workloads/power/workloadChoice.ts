import { InputError } from '../../src/io/errors.js';
import { fuse } from './fuse.js';
import type { Precision } from './kernel.js';
import { readKernelFile } from './kernelFile.js';
import type { Model, ModelRequest } from './presets/catalogue.js';
import { decoderModel, modelNamed, workloadFor } from './presets/catalogue.js';
import { readModelConfig } from './presets/modelConfig.js';
import type { Runtime } from './runtime.js';
import type { Workload } from './workload.js';
import { partOf } from './workload.js';

/** What the command line names: a built-in model, a hub's configuration or a kernel list, and how it runs. */
export interface WorkloadChoice {
  readonly model?: string | undefined;
  readonly modelConfig?: string | undefined;
  readonly workload?: string | undefined;
  readonly runtime?: Runtime | undefined;
  readonly batch: number;
  readonly seq: number;
  readonly output: number;
  readonly steps: number;
  readonly phase: ModelRequest['phase'];
  /** The model's own unless given. */
  readonly precision?: Precision | undefined;
  readonly tensorParallel: number;
  readonly expertParallel: number;
  readonly dataParallel: number;
  readonly ulysses: number;
  readonly ring: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly frames?: number | undefined;
}

/** A workload with what is known of where it came from. */
export interface ChosenWorkload {
  readonly workload: Workload;
  readonly runtime: Runtime;
  /** What the energy is shared by, and how many: the batch. */
  readonly item: string;
  readonly items: number;
  /** Not there for a kernel list. */
  readonly model?: { readonly model: Model; readonly request: Partial<ModelRequest> };
}

/** Builds what is named. Throws InputError unless exactly one of model, configuration and kernel list is. */
export function chooseWorkload(choice: WorkloadChoice): ChosenWorkload {
  const { model, modelConfig, workload } = choice;
  if ([model, modelConfig, workload].filter((name) => name !== undefined).length !== 1) {
    throw new InputError('Name one of a model (--model), a model hub\'s configuration (--model-config) and a kernel list (--workload).');
  }
  if (workload !== undefined) return listed(workload, choice.runtime ?? 'eager');
  const named = model === undefined ? published(modelConfig!) : modelNamed(model);
  const request = requestOf(choice, named);
  const built = workloadFor(named, request);
  return { workload: built, runtime: request.runtime ?? named.usual.runtime, item: named.item(choice.phase), items: choice.batch, model: { model: named, request } };
}

function published(file: string): Model {
  const { name, shape, precision } = readModelConfig(file);
  return decoderModel(name, '', shape, [], precision);
}

/** A traced list is what ran eagerly; compiled, it is fused and launched as one graph. */
function listed(file: string, runtime: Runtime): ChosenWorkload {
  const workload = readKernelFile(file);
  if (runtime === 'eager') return { workload, runtime, item: 'iteration', items: 1 };
  const parts = workload.parts.map(({ name, repeats, kernels }) => {
    const each = kernels.flatMap(({ kernel, count }) => Array.from({ length: count }, () => kernel));
    return { ...partOf(name, fuse(each), repeats), graph: true };
  });
  return { workload: { ...workload, parts }, runtime, item: 'iteration', items: 1 };
}

function requestOf(choice: WorkloadChoice, { diffusion }: Model): Partial<ModelRequest> {
  const { batch, seq, output, steps, phase, precision, runtime, width, height, frames } = choice;
  const size = diffusion === undefined || (width ?? height ?? frames) === undefined
    ? {}
    : { size: { width: width ?? diffusion.size.width, height: height ?? diffusion.size.height, frames: frames ?? diffusion.size.frames } };
  return {
    batch,
    seq,
    output,
    steps,
    phase,
    ...(precision === undefined ? {} : { precision }),
    ...(runtime === undefined ? {} : { runtime }),
    parallel: { tensor: choice.tensorParallel, expert: choice.expertParallel, data: choice.dataParallel },
    cut: { ulysses: choice.ulysses, ring: choice.ring },
    ...size,
  };
}
