import type { World } from '../../datasets/index.js';
import { quantile } from '../../src/math/statistics.js';
import type { FleetConfig, SiteConfig } from '../config/fleetConfig.js';
import { siteMarket } from '../market/index.js';
import { coolingRatio, itPowerFactor } from './cooling.js';
import { daySeconds, parseDay } from './day.js';
import { clearSkyIrradiance, cloudTransmission, cosineZenith, pvPowerKw } from './solar.js';
import type { EnergyBlock, StoredValue } from './storage/index.js';
import { createStorage, valueAfterDay } from './storage/index.js';
import { hubWindRatio, turbineShare } from './wind.js';

/** Mean price over so many hours is the outlook. */
export const outlookHours = 6;

/** What the world does to one site over a day and the hours after it that can be foreseen; one value per slot. */
export interface SiteConditions {
  readonly priceUsdPerKwh: Float64Array;
  /** Mean price over the six hours, or what is foreseen of them, from a slot of the day or its end on. */
  readonly priceAheadUsdPerKwh: (slot: number) => number;
  readonly carbonKgPerKwh: Float64Array;
  readonly outdoorCelsius: Float64Array;
  readonly pvKw: Float64Array;
  readonly windKw: Float64Array;
  readonly renewableKw: Float64Array;
  /** Whether the next day's prices are known; else its last slot goes on. */
  readonly nextDayKnown: boolean;
  /** Prices and renewables of the day before, slot by slot; null where the world begins with the day. */
  readonly dayBefore: () => Pick<SiteConditions, 'priceUsdPerKwh' | 'renewableKw'> | null;
  /**
   * What energy left at the day's end is worth, see `valueAfterDay`; where the next day is not known, as if it were like
   * this one.
   */
  readonly valueAfterDay: () => StoredValue;
  /** Of the day's own slots. */
  readonly chargeBelowUsdPerKwh: number;
  readonly dischargeAboveUsdPerKwh: number;
}

export interface DayConditions {
  readonly day: string;
  readonly startMs: number;
  /** Slots of the day itself; the arrays go on for `foreseenSlots` more. */
  readonly slots: number;
  readonly foreseenSlots: number;
  readonly sites: readonly SiteConditions[];
}

/**
 * Reads the conditions of a UTC day and of the day after it (day-ahead prices are published by then) from the world.
 * Where what is known of a site's region ends sooner, its last slot goes on.
 * Throws InputError for an unknown region or a day that the world does not cover.
 */
export function loadDay(fleet: FleetConfig, world: World, day: string): DayConditions {
  const startMs = parseDay(day);
  const slots = daySeconds / fleet.slotSeconds;
  return {
    day,
    startMs,
    slots,
    foreseenSlots: slots,
    sites: fleet.sites.map((site) => siteConditions({ fleet, world, site }, startMs, slots)),
  };
}

interface Place {
  readonly fleet: FleetConfig;
  readonly world: World;
  readonly site: SiteConfig;
}

function siteConditions(at: Place, startMs: number, slots: number): SiteConditions {
  const { fleet, world, site } = at;
  const { slotSeconds, management } = fleet;
  const span = world.span(site.region);
  const covered = Math.floor((span.endMs - startMs) / (slotSeconds * 1000));
  const read = Math.max(slots, Math.min(2 * slots, covered));
  const series = readSeries(at, { startMs, read, slots: 2 * slots });
  const { priceUsdPerKwh } = series;
  const nextDayKnown = read === 2 * slots;
  const today = priceUsdPerKwh.subarray(0, slots);
  let ahead: Float64Array | undefined;
  let left: StoredValue | undefined;
  return {
    ...series,
    nextDayKnown,
    priceAheadUsdPerKwh: (slot) => (ahead ??= meansAhead(priceUsdPerKwh, slots, (outlookHours * 3600) / slotSeconds))[slot]!,
    dayBefore: () => (startMs - daySeconds * 1000 < span.startMs ? null : readSeries(at, { startMs: startMs - daySeconds * 1000, read: slots, slots })),
    valueAfterDay: () => (left ??= valueAfterDay(createStorage(site.battery), idleHours(at, series, nextDayKnown ? slots : 0))),
    chargeBelowUsdPerKwh: quantile(today, management.chargeBelowQuantile),
    dischargeAboveUsdPerKwh: quantile(today, management.dischargeAboveQuantile),
  };
}

type Series = Pick<SiteConditions, 'priceUsdPerKwh' | 'carbonKgPerKwh' | 'outdoorCelsius' | 'pvKw' | 'windKw' | 'renewableKw'>;

/** The 24 hours from a slot on as a storage sees them beside the site's idle load. */
function idleHours({ fleet, site }: Place, series: Series, from: number): EnergyBlock[] {
  const perHour = 3600 / fleet.slotSeconds;
  const market = siteMarket(site);
  const { gpus, cooling } = site;
  const idleKw = gpus.count * gpus.powerKw * gpus.idleShare * itPowerFactor(cooling.supplyCelsius, cooling);
  return Array.from({ length: 24 }, (_, hour) => {
    const mean = (values: Float64Array): number => {
      const start = from + hour * perHour;
      return values.subarray(start, start + perHour).reduce((a, b) => a + b, 0) / perHour;
    };
    const loadKw = idleKw * (1 + coolingRatio(cooling.supplyCelsius, mean(series.outdoorCelsius), cooling));
    return market.block({ hours: 1, price: mean(series.priceUsdPerKwh), loadKw, renewableKw: mean(series.renewableKw) });
  });
}

/** The first `read` of `slots` slots from a time on; beyond them the last one goes on. */
function readSeries({ fleet, world, site }: Place, { startMs, read, slots }: { startMs: number; read: number; slots: number }): Series {
  const { slotSeconds } = fleet;
  const raw = world.conditions(site.region, startMs, read, slotSeconds);
  const place = world.place(site.region);
  const extend = (value: (slot: number) => number): Float64Array => {
    const series = new Float64Array(slots);
    for (let slot = 0; slot < series.length; slot++) series[slot] = value(Math.min(slot, read - 1));
    return series;
  };
  const priceUsdPerKwh = extend((slot) => raw.priceUsdPerMwh[slot]! / 1000);
  const pvKw = extend((slot) => {
    if (site.pv.peakKw === 0) return 0;
    const middleMs = startMs + (slot + 0.5) * slotSeconds * 1000;
    const clear = clearSkyIrradiance(cosineZenith(middleMs, place.latitudeDegrees, place.longitudeDegrees));
    return pvPowerKw(site.pv.peakKw, site.pv.yieldRatio * clear * cloudTransmission(raw.cloudCover[slot]!));
  });
  const atHub = site.wind.speedRatio * hubWindRatio(site.wind.hubMetres);
  const windKw = extend((slot) => site.wind.ratedKw * turbineShare(atHub * raw.windMetresPerSecond[slot]!));
  return {
    priceUsdPerKwh,
    carbonKgPerKwh: extend((slot) => raw.carbonKgPerKwh[slot]!),
    outdoorCelsius: extend((slot) => raw.outdoorCelsius[slot]!),
    pvKw,
    windKw,
    renewableKw: pvKw.map((pv, slot) => pv + windKw[slot]!),
  };
}

/** For each of the first `slots` places and the next one, the mean of the `width` values (or those left) from there on. */
function meansAhead(values: Float64Array, slots: number, width: number): Float64Array {
  return new Float64Array(slots + 1).map((_, from) => {
    const to = Math.min(from + width, values.length);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    return sum / (to - from);
  });
}
