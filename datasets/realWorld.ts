import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, suggest } from '../src/io/errors.js';
import type { HourlySource, Quantity } from './conditions.js';
import { quantities, resample } from './conditions.js';
import { filesIn, requireFolder } from './folder.js';
import { readCarbon } from './formats/carbon.js';
import type { PriceOptions } from './formats/prices.js';
import { readPrices } from './formats/prices.js';
import { isWeatherFile, readLocations, readWeather } from './formats/weather.js';
import type { GapReport, HourlySeries } from './hourly.js';
import { fillGaps, mergeHourly, windowOf } from './hourly.js';
import { knownPlaces } from './places.js';
import { nearestCalibrated, standIn } from './standIn.js';
import { hourMs, isoHour } from './time.js';
import type { Place, World } from './world.js';

type SeriesByRegion = ReadonlyMap<string, HourlySeries>;

/** Real series by quantity and region, filled by the gap rules. */
export interface RealSeries {
  readonly series: Readonly<Record<Quantity, ReadonlyMap<string, HourlySeries>>>;
  readonly gaps: Readonly<Record<Quantity, ReadonlyMap<string, GapReport>>>;
  readonly places: ReadonlyMap<string, Place>;
}

/** Files of the price folder that hold prices: aligned ones first, because they win over single-region ones. */
export function priceFiles(folder: string): string[] {
  const files = filesIn(folder, 'price');
  const named = (pattern: RegExp): string[] => files.filter((file) => pattern.test(basename(file)));
  return [...named(/^price_.*\.csv$/), ...named(/.+_electricity_prices.*\.csv$/)];
}

export const carbonFiles = (folder: string): string[] =>
  filesIn(folder, 'carbon').filter((file) => /^carbon_.*\.csv$|_hourly\.csv$/.test(basename(file)));

export const weatherFiles = (folder: string): string[] => filesIn(folder, 'weather').filter(isWeatherFile);

/**
 * Reads every price, carbon and weather file of a data folder and joins those of each region.
 * Throws InputError for a missing folder, one without prices, or a bad file.
 */
export function readSeries(folder: string, options: PriceOptions = {}): RealSeries {
  requireFolder(folder);
  const prices = priceFiles(folder);
  if (prices.length === 0) {
    throw new InputError(
      `${join(folder, 'price')} holds no prices; expected files such as price_usd_per_mwh_utc_2023.csv or US-CAL-CISO_electricity_prices_2023.csv.`,
    );
  }
  const weather = weatherFiles(folder).map(readWeather);
  const ofWeather = (quantity: 'temperature' | 'cloud' | 'wind'): SeriesByRegion[] => weather.flatMap(({ series }) => series.get(quantity) ?? []);
  const read: Record<Quantity, readonly SeriesByRegion[]> = {
    price: prices.map((file) => readPrices(file, options).series),
    carbon: carbonFiles(folder).map((file) => readCarbon(file).series),
    temperature: ofWeather('temperature'),
    cloud: ofWeather('cloud'),
    wind: ofWeather('wind'),
  };
  const series = {} as Record<Quantity, Map<string, HourlySeries>>;
  const gaps = {} as Record<Quantity, Map<string, GapReport>>;
  for (const quantity of quantities) {
    series[quantity] = new Map();
    gaps[quantity] = new Map();
    for (const region of new Set(read[quantity].flatMap((file) => [...file.keys()]))) {
      const filled = fillGaps(mergeHourly(read[quantity].flatMap((file) => file.get(region) ?? [])));
      series[quantity].set(region, filled.series);
      gaps[quantity].set(region, filled.report);
    }
  }
  const locations = join(folder, 'weather', 'locations.csv');
  return { series, gaps, places: existsSync(locations) ? readLocations(locations) : new Map() };
}

const quantityNames: Record<Quantity, string> = {
  price: 'prices',
  carbon: 'carbon intensity',
  temperature: 'temperature',
  cloud: 'cloud cover',
  wind: 'wind speed',
};

export interface WorldOptions extends PriceOptions {
  /** Where regions lie that neither the folder nor the list of known places has. */
  readonly places?: ReadonlyMap<string, Place>;
}

/**
 * The world of a data folder laid out as price/, carbon/, weather/: its regions are those with prices. Prices alone are
 * enough: carbon and weather that a region lacks are generated as in the calibrated region nearest to it.
 * Asking for the conditions of an unknown region, or for hours that the files do not cover, throws InputError saying what
 * is missing. The last hour's weather is held to its end.
 */
export function loadWorld(folder: string, { places: given = new Map(), ...options }: WorldOptions = {}): World {
  const { series, places } = readSeries(folder, options);
  const regions = [...series.price.keys()].filter((region) => series.price.get(region)!.values.length > 0);
  const checkRegion = (region: string): void => {
    if (!regions.includes(region)) throw new InputError(`${folder} has no prices for "${region}".${suggest(region, regions)}`);
  };
  const placeOf = (region: string): Place => {
    checkRegion(region);
    const place = given.get(region) ?? places.get(region) ?? knownPlaces[region];
    if (place === undefined) {
      const file = join(folder, 'weather', 'locations.csv');
      throw new InputError(`${file} has no line for ${region}; expected its lat, lon and timezone there, or latitude, longitude and timeZone in the fleet's site.`);
    }
    return place;
  };
  const absent = (region: string): Quantity[] => quantities.filter((quantity) => !series[quantity].has(region));
  const hours = (region: string): HourlySource => (quantity, firstHour, count, andNext) => {
    const found = series[quantity].get(region);
    if (found === undefined) return standIn(nearestCalibrated(placeOf(region)))(quantity, firstHour, count, andNext);
    const window = windowOf(found, firstHour, count + (andNext ? 1 : 0));
    if (andNext && Number.isNaN(window[count]!)) window[count] = window[count - 1]!;
    const hole = window.findIndex(Number.isNaN);
    if (hole >= 0) {
      const from = isoHour(found.firstHour * hourMs);
      const to = isoHour((found.firstHour + found.values.length) * hourMs);
      throw new InputError(
        `${folder} has no ${quantityNames[quantity]} for ${region} at ${isoHour((firstHour + hole) * hourMs)} UTC; it covers ${from} to ${to}.`,
      );
    }
    return window;
  };
  return {
    name: folder,
    regions,
    generated: (region) => {
      const lacking = absent(region).map((quantity) => quantityNames[quantity]);
      return lacking.length === 0 ? null : `${folder} has no ${lacking.join(', ')} for ${region}: generated as in ${nearestCalibrated(placeOf(region))}`;
    },
    span: (region) => {
      checkRegion(region);
      const all = quantities.flatMap((quantity) => series[quantity].get(region) ?? []);
      return {
        startMs: Math.max(...all.map(({ firstHour }) => firstHour)) * hourMs,
        endMs: Math.min(...all.map(({ firstHour, values }) => firstHour + values.length)) * hourMs,
      };
    },
    place: placeOf,
    conditions: (region, startMs, slots, slotSeconds) => {
      checkRegion(region);
      return resample(hours(region), startMs, slots, slotSeconds);
    },
  };
}
