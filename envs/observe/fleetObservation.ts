import type { BoxSpace } from '../contract/environment.js';
import type { SiteFeature } from './features.js';
import { priceFeature } from './features.js';
import { jobsPerDay } from '../config/fleetConfig.js';
import type { FleetView } from '../view.js';

/** Observations are clamped to this; sensible values are of the order of 1. */
export const observationBound = 10;

/** How an observation or action vector is laid out: a global part, then one part per site, in the fleet's order. */
export interface Layout {
  readonly globalSize: number;
  readonly siteSize: number;
  readonly sites: number;
}

const globalNames = ['timeSin', 'timeCos', 'arrivals', 'recentLateShare'] as const;
const siteNames = [
  'logWait',
  'logBacklog',
  'backlog',
  'utilisation',
  'price',
  'priceInAnHour',
  'priceAhead',
  'renewables',
  'surplus',
  'soc',
  'outdoor',
  'gpus',
  'service',
  'quality',
] as const;

/**
 * What an agent sees of a fleet between two slots. Global: time of the UTC day (sine, cosine), running average of
 * arrivals relative to their mean less 1, running share of late jobs. Per site: log1p(wait s) / 6, log1p(backlog s) / 6,
 * backlog / 300 s / 3 (at most 10 / 3), GPU-seconds offered lately per GPU-second, price now, in an hour and on
 * average over 6 h (asinh(USD per MWh / 50) / 2), renewables and their surplus over the load offered lately (per full
 * IT power), state of charge, (outdoor degrees Celsius - 15) / 15, and three constants: ln(GPUs) / 3, seconds per
 * image at the middle step choice / 5, quality ceiling.
 */
export class FleetObserver {
  readonly names: readonly string[];
  readonly layout: Layout;
  readonly space: BoxSpace;
  readonly buffer: Float32Array;
  private readonly unclamped: Float64Array;
  /** What never changes of each site. */
  private readonly constants: readonly (readonly number[])[];

  /** `extra` features of each site come after its own. */
  constructor(
    private readonly fleet: FleetView,
    private readonly extra: readonly SiteFeature[] = [],
  ) {
    const names = [...siteNames, ...extra.map(({ name }) => name)];
    const { sites } = fleet.fleet;
    this.layout = { globalSize: globalNames.length, siteSize: names.length, sites: sites.length };
    this.names = [...globalNames, ...sites.flatMap((site) => names.map((name) => `${site.name}.${name}`))];
    this.space = boxSpace(this.names.length, observationBound);
    this.buffer = new Float32Array(this.names.length);
    this.unclamped = new Float64Array(this.names.length);
    const { steps, levels } = fleet.service;
    this.constants = sites.map(({ gpus, model }) => [
      Math.log(gpus.count) / 3,
      (model.baseSeconds + model.secondsPerStep * steps[levels >> 1]!) / 5,
      model.quality.ceiling,
    ]);
  }

  /** Writes the state before the fleet's current slot into the buffer and returns it. */
  observe(): Float32Array {
    const { fleet, buffer, unclamped } = this;
    const { slot, slotSeconds } = fleet;
    const now = slot * slotSeconds;
    const hour = 3600 / slotSeconds;
    const angle = (2 * Math.PI * slot) / fleet.slots;
    let i = 0;
    const put = (value: number): void => {
      unclamped[i++] = value;
    };
    put(Math.sin(angle));
    put(Math.cos(angle));
    put((fleet.jobsPerSlot * fleet.slots) / jobsPerDay(fleet.fleet) - 1);
    put(fleet.latePerSlot / Math.max(fleet.jobsPerSlot, 1e-9));
    for (let k = 0; k < fleet.siteCount; k++) {
      const { gpus } = fleet.fleet.sites[k]!;
      const here = fleet.conditions.sites[k]!;
      const backlog = fleet.backlogSeconds(k, now);
      const utilisation = fleet.offeredGpus[k]! / gpus.count;
      const fullKw = gpus.count * gpus.powerKw;
      const renewables = here.renewableKw[slot]! / fullKw;
      put(Math.log1p(Math.max(0, fleet.earliestFree(k) - now)) / 6);
      put(Math.log1p(backlog) / 6);
      put(Math.min(backlog / 300, 10) / 3);
      put(utilisation);
      put(priceFeature(here.priceUsdPerKwh[slot]!));
      put(priceFeature(here.priceUsdPerKwh[Math.min(slot + hour, fleet.foreseenSlots - 1)]!));
      put(priceFeature(here.priceAheadUsdPerKwh(slot)));
      put(renewables);
      put(renewables - gpus.idleShare - (1 - gpus.idleShare) * utilisation);
      put(fleet.batteries[k]!.soc);
      put((here.outdoorCelsius[slot]! - 15) / 15);
      for (const constant of this.constants[k]!) put(constant);
      for (const feature of this.extra) put(feature.of(fleet, k));
    }
    // Clamped in one go: a clamp in each `put` makes this several times as much code, which runs once a slot, out of a cold cache.
    for (i = 0; i < buffer.length; i++) buffer[i] = Math.min(observationBound, Math.max(-observationBound, unclamped[i]!));
    return buffer;
  }
}

/** A box of `size` components from -bound to bound. */
export function boxSpace(size: number, bound: number): BoxSpace {
  return { size, low: new Float32Array(size).fill(-bound), high: new Float32Array(size).fill(bound) };
}
