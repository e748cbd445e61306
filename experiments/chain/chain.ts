import { mean, meanWithInterval } from '../../src/math/statistics.js';
import type { ImageModel } from '../../workloads/aigc/index.js';
import { imageEstimate, profileOf, servedModelNamed, servingDevice } from '../../workloads/aigc/index.js';
import type { DayTotals } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';
import { resolveExperiment } from '../run/config.js';
import { evaluateScheduler, schedulerFor } from '../run/evaluate.js';
import { loadSetting } from '../run/setting.js';

/** A value and where the truth is expected; `level` says how often. */
export interface Ranged {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** One request at a site: the link between a device and a fleet. */
export interface JobLink {
  readonly model: string;
  readonly device: string;
  readonly clockMhz: number;
  readonly batch: number;
  /** Of a batch. Intervals of the power model, at its level; none for a model that it does not cover. */
  readonly seconds: Ranged;
  readonly watts: Ranged;
  /** Of one request. */
  readonly joules: Ranged;
  readonly memoryGb: number;
}

/** A fleet's days. Money in utility units a day; intervals are 95 % over days. */
export interface FleetLink {
  readonly days: number;
  readonly utility: Ranged;
  readonly lateRate: number;
  readonly energyCost: number;
  readonly energyKwh: Ranged;
  readonly carbonKg: Ranged;
  /** Utility if the profile's times and energies are off by its whole interval, one way and the other. */
  readonly utilityIfSlower: number;
  readonly utilityIfFaster: number;
}

export interface Chain {
  readonly name: string;
  readonly job: JobLink;
  readonly fleet: FleetLink;
  /** Utility above that of the chain it is compared with, day by day; 95 % over days. */
  readonly gain?: Ranged;
}

export interface FleetChoice {
  readonly preset: string;
  readonly data?: string | undefined;
  readonly days?: string | undefined;
  readonly scheduler: string;
}

/** What sets a chain apart: keys of the fleet, and the same for the one request. */
export interface Variant {
  readonly name: string;
  readonly set: readonly string[];
  readonly model: string;
  readonly device: string;
  readonly clockShare?: number;
  readonly kernelTime?: { readonly gemm?: number; readonly conv?: number };
  /** Kernels of one kind that spend so many times the energy in the same time. */
  readonly kernelEnergy?: { readonly kind: 'gemm' | 'conv'; readonly factor: number };
  readonly batch?: number;
  /** Denoising steps of an image, tokens each way of a text. */
  readonly amount: number;
}

/** Runs one variant from its request to its fleet. Throws InputError for what the fleet or a profile refuses. */
export async function runChain(variant: Variant, fleet: FleetChoice, compared?: { readonly utility: readonly number[] }): Promise<{ chain: Chain; utility: readonly number[] }> {
  const energyFactor = energyFactorOf(variant);
  const job = withEnergy(jobLink(variant), energyFactor);
  const usual = await fleetDays(fleet, energyFactor === 1 ? variant.set : [...variant.set, `fleet.sites.*.serving.energyFactor=${energyFactor}`]);
  const correction = (factor: (of: Ranged) => number): string[] => [
    ...variant.set,
    `fleet.sites.*.serving.timeFactor=${factor(job.seconds)}`,
    `fleet.sites.*.serving.energyFactor=${energyFactor * factor(job.joules)}`,
  ];
  const [slower, faster] = [await fleetDays(fleet, correction(({ high, value }) => high / value)), await fleetDays(fleet, correction(({ low, value }) => low / value))];
  const utility = usual.map((day) => day.utility);
  const chain: Chain = {
    name: variant.name,
    job,
    fleet: {
      days: usual.length,
      utility: overDays(utility),
      lateRate: usual.reduce((sum, day) => sum + day.late, 0) / usual.reduce((sum, day) => sum + day.jobs, 0),
      energyCost: mean(usual.map((day) => day.energyCost)),
      energyKwh: overDays(usual.map((day) => day.itKwh + day.coolingKwh)),
      carbonKg: overDays(usual.map((day) => day.carbonKg)),
      utilityIfSlower: mean(slower.map((day) => day.utility)),
      utilityIfFaster: mean(faster.map((day) => day.utility)),
    },
    ...(compared === undefined ? {} : { gain: overDays(utility.map((value, day) => value - compared.utility[day]!)) }),
  };
  return { chain, utility };
}

async function fleetDays({ preset, data, days, scheduler }: FleetChoice, set: readonly string[]): Promise<readonly DayTotals[]> {
  const setting = await loadSetting(resolveExperiment({ preset, data, set }), { schedulers: [scheduler], days });
  return evaluateScheduler(setting, schedulerFor(setting, scheduler), setting.days.test, { seed: setting.config.evaluation.seed }).totals;
}

function overDays(values: readonly number[]): Ranged {
  const { mean: value, ci95 } = meanWithInterval(values);
  const half = Number.isFinite(ci95) ? ci95 : 0;
  return { value, low: value - half, high: value + half };
}

/** Time that is as good as none, for a class of kernels. */
const noTime = 1e-9;

/**
 * Energy of a request relative to the library's: the share of its time that goes if these kernels take none is taken for
 * their share of its energy.
 */
function energyFactorOf({ model: name, device, clockShare = 1, kernelEnergy, batch = 1, amount }: Variant): number {
  if (kernelEnergy === undefined) return 1;
  const request = { device, clockMhz: clockShare * servingDevice(device).maxClockMhz, batch, work: { steps: amount } };
  const { kind, factor } = kernelEnergy;
  const timeMs = (kernelTime: object): number => imageEstimate(imageModelNamed(name), request, { kernelTime }).timeMs;
  return 1 + (factor - 1) * (1 - timeMs({ [kind]: noTime }) / timeMs({}));
}

function withEnergy(job: JobLink, factor: number): JobLink {
  const times = ({ value, low, high }: Ranged): Ranged => ({ value: factor * value, low: factor * low, high: factor * high });
  return { ...job, watts: times(job.watts), joules: times(job.joules) };
}

function jobLink({ model: name, device, clockShare = 1, kernelTime, batch = 1, amount }: Variant): JobLink {
  const model = servedModelNamed(name);
  const clockMhz = clockShare * servingDevice(device).maxClockMhz;
  const request = { device, clockMhz, batch };
  const kernels = kernelTime === undefined ? {} : { kernelTime };
  if (model.kind === 'image') return imageLink(model, { ...request, work: { steps: amount } }, kernels);
  const { seconds, joules, memoryBytes } = profileOf(model, kernels).cost({ ...request, work: { tokens: amount, promptTokens: amount } });
  const exact = (value: number): Ranged => ({ value, low: value, high: value });
  return { model: name, ...request, seconds: exact(seconds), watts: exact((joules * batch) / seconds), joules: exact(joules), memoryGb: memoryBytes / 1e9 };
}

function imageLink(model: ImageModel, request: Parameters<typeof imageEstimate>[1], kernels: Parameters<typeof imageEstimate>[2]): JobLink {
  const { timeMs, powerW, energyJ, interval, memoryBytes } = imageEstimate(model, request, kernels);
  const ranged = (value: number, [low, high]: readonly [number, number], scale: number): Ranged => ({ value: value * scale, low: low * scale, high: high * scale });
  const { device, clockMhz, batch } = request;
  return {
    model: model.name,
    device,
    clockMhz,
    batch,
    seconds: ranged(timeMs, interval.timeMs, 1e-3),
    watts: ranged(powerW, interval.powerW, 1),
    joules: ranged(energyJ, interval.energyJ, 1 / batch),
    memoryGb: memoryBytes / 1e9,
  };
}

/** Throws InputError unless the name is an image model's. */
export function imageModelNamed(name: string): ImageModel {
  const model = servedModelNamed(name);
  if (model.kind !== 'image') throw new InputError(`--model: "${name}" generates text; expected an image model.`);
  return model;
}
