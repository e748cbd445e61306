import { InputError, suggest } from '../../src/io/errors.js';
import type { FleetView } from '../view.js';

/** Something that can be observed of a site between two slots or when a job arrives. */
export interface SiteFeature {
  readonly name: string;
  readonly unit: string;
  readonly about: string;
  of(view: FleetView, site: number): number;
}

/** Prices have heavy tails and both signs: asinh(price / 50 USD per MWh) / 2. */
export const priceFeature = (usdPerKwh: number): number => Math.asinh(usdPerKwh / 0.05) / 2;

/** Mean price over the hour that begins `hours` from the current slot; the last price foreseen goes on. USD per kWh. */
function hourPrice({ conditions, slot, slotSeconds, foreseenSlots }: FleetView, site: number, hours: number): number {
  const { priceUsdPerKwh } = conditions.sites[site]!;
  const perHour = 3600 / slotSeconds;
  let sum = 0;
  for (let i = 0; i < perHour; i++) sum += priceUsdPerKwh[Math.min(foreseenSlots - 1, slot + hours * perHour + i)]!;
  return sum / perHour;
}

/** The day-ahead prices of the coming 24 hours, hour by hour. */
const priceOutlook = Array.from({ length: 24 }, (_, hours): SiteFeature => ({
  name: `priceHour${hours}`,
  unit: 'asinh(USD per MWh / 50) / 2',
  about: `Mean market price over the hour that begins ${hours} h from now`,
  of: (view, site) => priceFeature(hourPrice(view, site, hours)),
}));

/** How far the value of stored energy lies from the market price matters on the scale of so much, USD per kWh. */
const storedScale = 0.02;

/** What prices of GPU time and of stored energy hang on beside what is always observed. */
const prices: readonly SiteFeature[] = [
  {
    name: 'backlogSquared',
    unit: '(300 s per GPU)^2 / 3',
    about: 'Square of the backlog in units of 300 s per GPU, at most 3',
    of: (view, site) => Math.min(view.backlogSeconds(site, view.slot * view.slotSeconds) / 300, 3) ** 2 / 3,
  },
  {
    name: 'arrivalsAhead',
    unit: '2 (ratio - 1)',
    about: "Jobs expected over the next hour relative to the day's mean",
    of: (view) => 2 * (view.arrivalsAhead(view.slot * view.slotSeconds) - 1),
  },
  {
    name: 'storedLessPrice',
    unit: 'asinh(USD per MWh / 20) / 2',
    about: 'Value of a kWh more in the battery less its market price',
    of: (view, site) => Math.asinh((view.storedUsdPerKwh(site) - view.conditions.sites[site]!.priceUsdPerKwh[Math.min(view.slot, view.slots - 1)]!) / storedScale) / 2,
  },
];

/** Lists of features that an environment can be asked to observe besides its own. */
export const extraFeatures = { prices, priceOutlook } as const satisfies Record<string, readonly SiteFeature[]>;
export type FeatureList = keyof typeof extraFeatures;
export const featureLists = Object.keys(extraFeatures) as readonly FeatureList[];

/** The features of the lists named. Throws InputError for an unknown name. */
export function featuresOf(lists: readonly string[]): SiteFeature[] {
  return lists.flatMap((name) => {
    if (!Object.hasOwn(extraFeatures, name)) throw new InputError(`Features "${name}" are unknown.${suggest(name, Object.keys(extraFeatures))}`);
    return extraFeatures[name as FeatureList];
  });
}
