import { InputError } from '../../src/io/errors.js';
import { v100 } from '../moe/devices.js';
import { denseServiceProfile, moeServiceProfile } from '../moe/serviceProfile.js';
import type { Estimate, KernelTimes, ModelledDevice, Runtime, Workload } from '../power/index.js';
import { estimate, modelNamed, workloadOf } from '../power/index.js';
import { memoryNeeded } from '../power/workload.js';
import type { ServedModel } from './catalogue.js';
import { servingDevice } from './devices.js';
import type { ImageModel } from './images.js';
import type { ServiceCost, ServiceProfile, ServiceRequest } from './profile.js';
import type { TextModel } from './text.js';

export interface ProfileOptions {
  /** Time of the compute pipeline of a class of kernels relative to the library's; those of a tuned history go here. */
  readonly kernelTime?: KernelTimes;
}

/** Tokens of a prompt where a request does not say. */
const usualPromptTokens = 512;
/** A catalogue model's service profile, on any device that knows it. */
export function profileOf(model: ServedModel, options: ProfileOptions = {}): ServiceProfile {
  if (model.kind === 'image') return imageProfile(model, options);
  return 'power' in model.network ? languageProfile(model, model.network, options) : translationProfile(model, model.network.translation);
}

/** One batch of images; what the power model says of it, uncertainty and all. */
export function imageEstimate(model: ImageModel, { device, clockMhz, batch, work }: ServiceRequest, { kernelTime }: ProfileOptions = {}): Estimate & { memoryBytes: number } {
  if (!('steps' in work)) throw new InputError(`${model.name} serves denoising steps; found ${work.tokens} tokens.`);
  const workload = imageWorkload(model.name, batch, work.steps);
  return { ...run(modelledBy(model, device, modelNamed(model.name).usual.runtime), clockMhz, workload, kernelTime), memoryBytes: memoryNeeded(workload) };
}

const run = (device: ModelledDevice, clockMhz: number, workload: Workload, kernelTime: KernelTimes | undefined): Estimate =>
  estimate({ device, clockMhz, workload, byKernel: false, ...(kernelTime === undefined ? {} : { kernelTime }) });

function modelledBy(model: ServedModel, device: string, runtime: Runtime): ModelledDevice {
  const modelled = servingDevice(device).modelled?.[runtime];
  if (modelled === undefined) throw new InputError(`${model.name} cannot be profiled on ${device}: workloads/power does not know it; expected a device of "jouleflow power".`);
  return modelled;
}

const built = new Map<string, Workload>();

/** Building a network takes ten times as long as estimating it; only the number of denoising steps differs between most. */
function imageWorkload(model: string, batch: number, steps: number): Workload {
  const key = `${model} ${batch}`;
  let workload = built.get(key);
  if (workload === undefined) built.set(key, (workload = workloadOf(model, { batch })));
  return { ...workload, parts: workload.parts.map((part) => (part.name === 'denoiser' ? { ...part, repeats: steps } : part)) };
}

function imageProfile(model: ImageModel, options: ProfileOptions): ServiceProfile {
  const cost = (request: ServiceRequest): ServiceCost => {
    const { timeMs, energyJ, memoryBytes } = imageEstimate(model, request, options);
    return { seconds: timeMs / 1000, joules: energyJ / request.batch, memoryBytes };
  };
  return { name: model.title, devices: 1, cost };
}

/** A decoder: the prompts in one pass, then a token at a time, each taken at the middle of the answer. */
function languageProfile(model: TextModel, { power, devices }: { power: string; devices: number }, { kernelTime }: ProfileOptions): ServiceProfile {
  const cost = ({ device, clockMhz, batch, work }: ServiceRequest): ServiceCost => {
    const { tokens, promptTokens = usualPromptTokens } = tokensOf(model, work);
    const modelled = modelledBy(model, device, 'served');
    const workload = workloadOf(power, { batch, phase: 'request', seq: promptTokens, output: tokens, parallel: { tensor: devices, expert: 1, data: 1 } });
    const { timeMs, energyJ } = run(modelled, clockMhz, workload, kernelTime);
    return { seconds: timeMs / 1000, joules: energyJ / batch, memoryBytes: memoryNeeded(workload) };
  };
  return { name: model.title, devices, cost };
}

/** The encoder over the source, then a decoder step a token; on a node of eight. */
function translationProfile(model: TextModel, gating: 'static' | 'dynamic' | 'dense'): ServiceProfile {
  const half = (name: 'mt-encoder' | 'mt-decoder'): ServiceProfile =>
    gating === 'dense' ? denseServiceProfile({ model: name, nodes: 1 }) : moeServiceProfile({ model: name, nodes: 1, gating });
  const [encoder, decoder] = [half('mt-encoder'), half('mt-decoder')];
  const cost = (request: ServiceRequest): ServiceCost => {
    const { tokens, promptTokens = tokens } = tokensOf(model, request.work);
    const source = encoder.cost({ ...request, work: { tokens: promptTokens } });
    const target = decoder.cost({ ...request, work: { tokens } });
    return {
      seconds: source.seconds + target.seconds,
      joules: source.joules + target.joules,
      memoryBytes: Math.max(source.memoryBytes, target.memoryBytes),
    };
  };
  return { name: `${model.title}, 8 x ${v100.name}`, devices: encoder.devices, cost };
}

function tokensOf({ name }: TextModel, work: ServiceRequest['work']): { tokens: number; promptTokens?: number } {
  if ('steps' in work) throw new InputError(`${name} serves tokens; found ${work.steps} denoising steps.`);
  return work;
}
