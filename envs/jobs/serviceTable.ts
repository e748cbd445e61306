import { azureText } from '../../datasets/index.js';
import { imageCeiling, imageQualityShape } from '../../workloads/aigc/index.js';
import type { SiteProfiles } from './clockTable.js';
import { siteProfiles } from './clockTable.js';
import type { FleetConfig, SiteConfig } from '../config/fleetConfig.js';
import type { ServedFleet } from '../config/served.js';
import { imageUtility } from './imageQuality.js';

/** What jobs cost and earn at each site and choice, at full clock; index `site * levels + level`. */
export interface ServiceTable {
  readonly levels: number;
  readonly steps: Int32Array;
  /** Level of a number of steps, -1 where it is no choice. */
  readonly levelOfSteps: Int16Array;
  /** GPU-seconds per image, the bundle included; Infinity at a site that serves no images. */
  readonly gpuSeconds: Float64Array;
  /** Utility units per image done in time. */
  readonly utility: Float64Array;
  readonly text: TextTable;
  /** Tabulated profiles of sites whose device is named, null for the others. */
  readonly profiles: readonly (SiteProfiles | null)[];
}

/** Of text jobs: a choice is a model and a batch, the fastest first; index `site * levels + level`. */
export interface TextTable {
  /** Most choices of a site; 0 where no site serves text. */
  readonly levels: number;
  /** Choices of each site. */
  readonly choices: Int32Array;
  /** GPU-seconds per token of the prompt and of the answer, the bundle included; Infinity where there is no such choice. */
  readonly promptSeconds: Float64Array;
  readonly tokenSeconds: Float64Array;
  /** Utility units per job done in time. */
  readonly utility: Float64Array;
}

/** Lengths at which text profiles are taken: the fleet's own, or the Azure trace's means. */
export const usualTokens = ({ jobs: { text } }: FleetConfig): { prompt: number; generated: number } => ({
  prompt: Math.round(text.promptTokens ?? azureText.meanPromptTokens),
  generated: Math.round(text.generatedTokens ?? azureText.meanGeneratedTokens),
});

/** Throws InputError for a model that a site's device cannot run. */
export function serviceTable(fleet: FleetConfig): ServiceTable {
  const steps = Int32Array.from(fleet.stepsChoices);
  const levels = steps.length;
  const levelOfSteps = new Int16Array(steps[levels - 1]! + 1).fill(-1);
  steps.forEach((count, level) => (levelOfSteps[count] = level));
  const profiles = fleet.sites.map((site) => (site.device === null ? null : siteProfiles(site, fleet.stepsChoices, usualTokens(fleet))));
  const gpuSeconds = new Float64Array(fleet.sites.length * levels);
  const utility = new Float64Array(gpuSeconds.length);
  fleet.sites.forEach((site, k) => {
    const profile = profiles[k]!;
    for (let level = 0; level < levels; level++) {
      const perRequest = profile === null ? constantSeconds(site, steps[level]!) : (profile.images[level]?.seconds.at(-1) ?? Infinity);
      gpuSeconds[k * levels + level] = fleet.jobs.bundleRequests * perRequest;
      utility[k * levels + level] = imageUtility(steps[level]!, qualityOf(site, profile));
    }
  });
  return { levels, steps, levelOfSteps, gpuSeconds, utility, text: textTable(fleet, profiles), profiles };
}

const constantSeconds = ({ model }: SiteConfig, steps: number): number => model.baseSeconds + model.secondsPerStep * steps;

const qualityOf = ({ model }: SiteConfig, profile: SiteProfiles | null): SiteConfig['model']['quality'] =>
  profile?.imageModel === undefined ? model.quality : { ceiling: imageCeiling(profile.imageModel), ...imageQualityShape };

function textTable({ sites, jobs: { text } }: FleetConfig, profiles: readonly (SiteProfiles | null)[]): TextTable {
  const choices = Int32Array.from(profiles, (profile) => profile?.text.length ?? 0);
  const levels = Math.max(...choices);
  const filled = (value: number): Float64Array => new Float64Array(sites.length * levels).fill(value);
  const [promptSeconds, tokenSeconds, utility] = [filled(Infinity), filled(Infinity), filled(0)];
  profiles.forEach((profile, k) =>
    profile?.text.forEach(({ model, perPromptToken, perToken }, level) => {
      promptSeconds[k * levels + level] = text.bundleRequests * perPromptToken.seconds.at(-1)!;
      tokenSeconds[k * levels + level] = text.bundleRequests * perToken.seconds.at(-1)!;
      utility[k * levels + level] = text.bundleRequests * text.utilityPerRequest * model.quality;
    }),
  );
  return { levels, choices, promptSeconds, tokenSeconds, utility };
}

/**
 * The fleet as its profiles make it: where a device is named, power, clock range and the constants of the model are those
 * that come nearest to the tabulated profile, so that whatever reads them (idle power, planning, observations) agrees with it.
 */
export function servedFleet(fleet: FleetConfig, { profiles }: Pick<ServiceTable, 'profiles'> = serviceTable(fleet)): ServedFleet {
  if (profiles.every((profile) => profile === null)) return fleet as ServedFleet;
  return { ...fleet, sites: fleet.sites.map((site, k) => (profiles[k] === null ? site : servedSite(fleet, site, profiles[k]!))) } as ServedFleet;
}

function servedSite(fleet: FleetConfig, site: SiteConfig, profile: SiteProfiles): SiteConfig {
  const { shares, idleKw, images } = profile;
  const { seconds, dynamicKwh } = referenceCost(fleet, profile);
  const full = seconds.at(-1)!;
  const powerKw = idleKw + (3600 * dynamicKwh.at(-1)!) / full;
  const boundShare = shares.length === 1 ? site.gpus.clock.boundShare : Math.min(1, Math.max(0, (seconds[0]! / full - 1) / (1 / shares[0]! - 1)));
  const gpus = { ...site.gpus, powerKw, idleShare: idleKw / powerKw, clock: { ...site.gpus.clock, minShare: shares[0]!, boundShare } };
  if (images.length === 0) return { ...site, gpus };
  const steps = fleet.stepsChoices;
  const [first, last] = [images[0]!.seconds.at(-1)!, images.at(-1)!.seconds.at(-1)!];
  const secondsPerStep = steps.length === 1 ? site.model.secondsPerStep : (last - first) / (steps.at(-1)! - steps[0]!);
  const baseSeconds = Math.max(0, first - steps[0]! * secondsPerStep);
  return { ...site, gpus, model: { ...site.model, baseSeconds, secondsPerStep, quality: qualityOf(site, profile) } };
}

/** What stands for all of a site's work: images at the middle step choice, else its fastest text at the usual lengths. */
export function referenceCost(fleet: FleetConfig, { images, text }: SiteProfiles): { seconds: Float64Array; dynamicKwh: Float64Array } {
  if (images.length > 0) return images[images.length >> 1]!;
  const { perPromptToken, perToken } = text[0]!;
  const { prompt, generated } = usualTokens(fleet);
  const whole = (of: 'seconds' | 'dynamicKwh'): Float64Array => perPromptToken[of].map((value, i) => prompt * value + generated * perToken[of][i]!);
  return { seconds: whole('seconds'), dynamicKwh: whole('dynamicKwh') };
}
