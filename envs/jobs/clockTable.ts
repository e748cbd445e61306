import type { ServiceProfile, ServedModel } from '../../workloads/aigc/index.js';
import { profileOf, servingDevice } from '../../workloads/aigc/index.js';
import type { SiteConfig } from '../config/fleetConfig.js';
import { hostedModels } from '../config/serving.js';

/** Clocks at which profiles are tabulated, evenly spaced over the site's range; linear in between. */
const clocks = 13;

/** What one unit (a request's image, a token) takes at each clock: seconds of a device, and kWh above its idle power. */
export interface UnitCost {
  readonly seconds: Float64Array;
  readonly dynamicKwh: Float64Array;
}

/** A way to run text requests at a site. */
export interface TextChoice {
  readonly model: ServedModel & { kind: 'text' };
  readonly batch: number;
  readonly perPromptToken: UnitCost;
  readonly perToken: UnitCost;
}

/** The service profiles of a site, tabulated over its clocks when the fleet is loaded. */
export interface SiteProfiles {
  /** Shares of the highest clock in use, ascending to 1. */
  readonly shares: Float64Array;
  /** Of one device, its share of the host included. */
  readonly idleKw: number;
  readonly imageModel: (ServedModel & { kind: 'image' }) | undefined;
  /** By step choice; none where the site serves no images. */
  readonly images: readonly UnitCost[];
  readonly text: readonly TextChoice[];
}

const tabulated = new Map<string, SiteProfiles>();

/**
 * Asks the profiles of a site's models for every choice and clock, once for equal sites. `tokens` are the lengths at which
 * text is taken to grow in proportion to its tokens. Throws InputError for a model that the device cannot hold or run.
 */
export function siteProfiles(site: SiteConfig, stepsChoices: readonly number[], tokens: { readonly prompt: number; readonly generated: number }): SiteProfiles {
  const { device, model, serving, gpus } = site;
  const key = JSON.stringify([device, model.name, serving, gpus.clock.minShare, stepsChoices, tokens]);
  let profiles = tabulated.get(key);
  if (profiles === undefined) tabulated.set(key, (profiles = tabulate(site, stepsChoices, tokens)));
  return profiles;
}

function tabulate(site: SiteConfig, stepsChoices: readonly number[], tokens: { readonly prompt: number; readonly generated: number }): SiteProfiles {
  const { serving, gpus } = site;
  const device = servingDevice(site.device!);
  const highestMhz = serving.clockLimitShare * device.maxClockMhz;
  const lowest = Math.min(1, Math.max(gpus.clock.minShare, device.minClockMhz / highestMhz));
  const shares = Float64Array.from({ length: lowest === 1 ? 1 : clocks }, (_, i) => (lowest === 1 ? 1 : lowest + ((1 - lowest) * i) / (clocks - 1)));
  const { gemm, attention, conv } = serving.kernelTime;
  const kernelTime = { gemm, batched: attention, conv };
  const models = hostedModels(site);
  const profiles = new Map(models.map((model) => [model.name, profileOf(model, { kernelTime })]));
  const idleKwOf = ({ devices }: ServiceProfile): number => (serving.hostFactor * devices * device.idleWatts) / 1000;

  /** Of a whole batch at each clock. */
  const batchCost = (model: string, batch: number, work: Parameters<ServiceProfile['cost']>[0]['work']): UnitCost => {
    const profile = profiles.get(model)!;
    const costs = Array.from(shares, (share) => profile.cost({ device: device.name, clockMhz: share * highestMhz, batch, work }));
    const [time, energy] = [serving.timeFactor, serving.energyFactor];
    return {
      seconds: Float64Array.from(costs, ({ seconds }) => time * seconds),
      dynamicKwh: Float64Array.from(costs, ({ seconds, joules }) => Math.max(0, (energy * serving.hostFactor * batch * joules) / 1000 - idleKwOf(profile) * time * seconds) / 3600),
    };
  };

  const imageModel = models[0]!.kind === 'image' ? models[0] : undefined;
  const images = imageModel === undefined ? [] : stepsChoices.map((steps) => scaled(batchCost(imageModel.name, serving.batch, { steps }), 1 / serving.batch));
  const text = models
    .filter((model): model is ServedModel & { kind: 'text' } => model.kind === 'text')
    .flatMap((model) =>
      serving.textBatches.map((batch): TextChoice => {
        // An answer of one token is hardly more than its prompt; what further tokens take on top is theirs.
        const whole = batchCost(model.name, batch, { promptTokens: tokens.prompt, tokens: tokens.generated + 1 });
        const prompt = batchCost(model.name, batch, { promptTokens: tokens.prompt, tokens: 1 });
        return { model, batch, perPromptToken: scaled(prompt, 1 / (batch * tokens.prompt)), perToken: scaled(difference(whole, prompt), 1 / (batch * tokens.generated)) };
      }),
    )
    .sort((a, b) => secondsOf(a, tokens) - secondsOf(b, tokens));
  return { shares, idleKw: idleKwOf(profiles.get(models[0]!.name)!), imageModel, images, text };
}

const secondsOf = ({ perPromptToken, perToken }: TextChoice, { prompt, generated }: { prompt: number; generated: number }): number =>
  prompt * perPromptToken.seconds.at(-1)! + generated * perToken.seconds.at(-1)!;

const scaled = ({ seconds, dynamicKwh }: UnitCost, factor: number): UnitCost => ({
  seconds: seconds.map((value) => factor * value),
  dynamicKwh: dynamicKwh.map((value) => factor * value),
});
const difference = (a: UnitCost, b: UnitCost): UnitCost => ({
  seconds: a.seconds.map((value, i) => Math.max(1e-9, value - b.seconds[i]!)),
  dynamicKwh: a.dynamicKwh.map((value, i) => Math.max(0, value - b.dynamicKwh[i]!)),
});
