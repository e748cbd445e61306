import { z } from 'zod';
import type { ServedModel } from '../../workloads/aigc/index.js';
import { servedModelNamed, servingDevice } from '../../workloads/aigc/index.js';
import { InputError } from '../../src/io/errors.js';

const kernelShare = () => z.number().positive().max(100).default(1);

/** How a site whose device is named serves its models. */
export const servingSchema = z
  .strictObject({
    batch: z.int().min(1).max(1024).default(1).describe('Images that one device makes at once.'),
    hostFactor: z.number().min(1).max(10).default(1.82).describe("Power of a device with its share of the host, as a multiple of the device's own (DGX H100: 10.2 kW rated over eight times 700 W)."),
    clockLimitShare: z.number().min(0.5).max(1).default(1).describe("Highest clock that is used, as a share of the device's highest."),
    timeFactor: kernelShare().describe('Measured time of a batch over that of the profile: corrects the profile (share).'),
    energyFactor: kernelShare().describe('Measured energy of a batch over that of the profile: corrects the profile (share).'),
    textModels: z.array(z.string().min(1)).max(16).default([]).describe('Text models that the site serves besides, by catalogue name.'),
    textBatches: z.array(z.int().min(1).max(4096)).min(1).max(16).default([32]).describe('Text requests that run together: choices.'),
    kernelTime: z
      .strictObject({
        gemm: kernelShare().describe('Time of matrix products relative to the library kernels (share).'),
        attention: kernelShare().describe('Time of attention kernels relative to the library kernels (share).'),
        conv: kernelShare().describe('Time of convolutions relative to the library kernels (share).'),
      })
      .prefault({}),
  })
  .prefault({});

/** Text-generation jobs beside those for images. */
export const textJobsSchema = z
  .strictObject({
    perDay: z.number().nonnegative().max(1e7).default(0).describe('Expected text jobs per day over the fleet.'),
    bundleRequests: z.int().min(1).max(1e6).default(64).describe('Like requests that one text job stands for.'),
    promptTokens: z.int().min(1).max(1e6).nullable().default(null).describe('Tokens of every prompt; null takes them from the Azure trace.'),
    generatedTokens: z.int().min(1).max(1e6).nullable().default(null).describe('Tokens of every answer; null takes them from the Azure trace.'),
    utilityPerRequest: z.number().positive().max(1e3).default(0.004).describe('Utility units that an answer of the best model earns in time.'),
    latePenaltyPerRequest: z.number().nonnegative().max(1e3).default(0.005).describe('Utility units per request of a late text job.'),
    firstTokenSeconds: z.number().nonnegative().max(1e4).default(1).describe('Nominal time to the first token, which deadlines are multiples of, s.'),
    secondsPerToken: z.number().positive().max(1e4).default(0.05).describe('Nominal time of a further token, which deadlines are multiples of, s.'),
  })
  .prefault({});

interface Hosting {
  readonly device: string | null;
  readonly model: { readonly name: string };
  readonly serving: { readonly textModels: readonly string[] };
}

/** The models of a site with a named device; the first is its image model if it has one. Throws InputError for an unknown name. */
export function hostedModels({ device, model, serving }: Hosting): ServedModel[] {
  return device === null ? [] : [model.name, ...serving.textModels].map(servedModelNamed);
}

/** Whether a site serves jobs of either kind; one whose device is not named serves images. */
export function kindsServed(site: Hosting): { image: boolean; text: boolean } {
  const models = hostedModels(site);
  return { image: site.device === null || models[0]!.kind === 'image', text: models.some(({ kind }) => kind === 'text') };
}

/** What is wrong with how sites host models, if anything: the key within the fleet and a sentence. */
export function hostingProblem(
  sites: readonly Hosting[],
  jobs: { readonly perDay: number; readonly text: { readonly perDay: number } },
): { path: PropertyKey[]; message: string } | undefined {
  for (const [k, site] of sites.entries()) {
    const tries: [PropertyKey[], () => unknown][] = [
      [['device'], () => site.device !== null && servingDevice(site.device)],
      [['model', 'name'], () => site.device !== null && servedModelNamed(site.model.name)],
      ...site.serving.textModels.map((name, i): [PropertyKey[], () => unknown] => [['serving', 'textModels', i], () => textModelNamed(name)]),
    ];
    for (const [path, check] of tries) {
      try {
        check();
      } catch (error) {
        if (error instanceof InputError) return { path: ['sites', k, ...path], message: error.message.replace(/\.$/, '') };
        throw error;
      }
    }
    if (site.device === null && site.serving.textModels.length > 0) return { path: ['sites', k, 'serving', 'textModels'], message: 'expected none without a device' };
  }
  const served = sites.map(kindsServed);
  if (jobs.perDay + jobs.text.perDay <= 0) return { path: ['jobs', 'perDay'], message: 'expected jobs of images, of text, or both' };
  if (jobs.perDay > 0 && !served.some(({ image }) => image)) return { path: ['jobs', 'perDay'], message: 'expected 0 where no site serves images' };
  if (jobs.text.perDay > 0 && !served.some(({ text }) => text)) return { path: ['jobs', 'text', 'perDay'], message: 'expected 0 where no site serves text' };
  return undefined;
}

function textModelNamed(name: string): void {
  if (servedModelNamed(name).kind !== 'text') throw new InputError(`Model "${name}" makes images; expected a text model.`);
}
