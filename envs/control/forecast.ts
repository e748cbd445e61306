import type { StoredValue } from '../site/storage/index.js';
import { valueAfterDay } from '../site/storage/index.js';
import type { EnergyBlock } from '../site/storage/index.js';
import type { FleetView } from '../view.js';
import type { ForecastKind } from './forecastKinds.js';

/** Share of the work offered lately that is planned with: what runs at a lower clock draws less than at full clock. */
const plannedLoadShare = 0.6;

/** Load that a site is expected to have at the rate of late, kW, cooling included. */
export function expectedLoadKw(view: FleetView, site: number): number {
  const { count, powerKw, idleShare } = view.fleet.sites[site]!.gpus;
  const dynamicKw = plannedLoadShare * view.offeredGpus[site]! * powerKw * (1 - idleShare);
  return (count * powerKw * idleShare + dynamicKw) * view.itFactor[site]! * (1 + view.coolingRatio[site]!);
}

/** The hours of a day as they are expected at a site, and what is left at its end is expected to be worth. */
export interface Outlook {
  /** The part of an hour of the day that lasts so long, h. */
  block(hour: number, hours: number): EnergyBlock;
  valueAfterDay(): StoredValue;
}

/** What is expected at a site from the view's current slot on. */
export function outlook(view: FleetView, site: number, kind: ForecastKind): Outlook {
  const here = view.conditions.sites[site]!;
  const before = kind === 'persistence' ? here.dayBefore() : null;
  const loadKw = expectedLoadKw(view, site);
  const perHour = 3600 / view.slotSeconds;
  const now = Math.floor(view.slot / perHour);
  const market = view.markets[site]!;
  /** Where nothing is known of yesterday, hours to come are like the present one. */
  const from = (hour: number): { series: Pick<typeof here, 'priceUsdPerKwh' | 'renewableKw'>; hour: number } => {
    if (kind !== 'persistence' || hour === now) return { series: here, hour };
    return before === null ? { series: here, hour: now } : { series: before, hour };
  };
  const block = (hour: number, hours: number): EnergyBlock => {
    const { series, hour: at } = from(hour);
    const price = hourMean(series.priceUsdPerKwh, at, perHour);
    return market.block({ hours, price, loadKw, renewableKw: hourMean(series.renewableKw, at, perHour) });
  };
  const known = kind === 'perfect' || (kind === 'day-ahead' && now >= 12);
  const limits = view.batteries[site]!;
  return {
    block,
    valueAfterDay: () => (known ? here.valueAfterDay() : valueAfterDay(limits, Array.from({ length: 24 }, (_, hour) => block(hour, 1)))),
  };
}

function hourMean(series: Float64Array, hour: number, perHour: number): number {
  let sum = 0;
  for (let i = 0; i < perHour; i++) sum += series[hour * perHour + i]!;
  return sum / perHour;
}
