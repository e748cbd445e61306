import { basename } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { readCsv } from '../../src/io/csv.js';
import type { Place } from '../world.js';
import type { HourlyFile, Plausible } from './hourlyCsv.js';
import { hourlyFile } from './hourlyCsv.js';

export type WeatherQuantity = 'temperature' | 'cloud' | 'wind' | 'humidity';

const formats: Record<WeatherQuantity, { readonly stem: string; readonly plausible: Plausible }> = {
  temperature: {
    stem: 'temperature_2m_degC',
    plausible: { unit: 'degrees Celsius', low: -75, high: 60, reaches: 0.5, mistaken: 'degrees Fahrenheit or kelvin' },
  },
  cloud: { stem: 'cloudcover_pct', plausible: { unit: '%', low: 0, high: 100, reaches: 1.5, mistaken: 'a fraction from 0 to 1' } },
  wind: { stem: 'windspeed_10m_kmh', plausible: { unit: 'km/h', low: 0, high: 250, reaches: 2, mistaken: 'another unit' } },
  humidity: {
    stem: 'relative_humidity_pct',
    plausible: { unit: '%', low: 0, high: 100, reaches: 1.5, mistaken: 'a fraction from 0 to 1' },
  },
};

/** What a weather file holds by its name, which also carries the unit; undefined for another name. */
export const weatherQuantityOf = (file: string): WeatherQuantity | undefined =>
  (Object.keys(formats) as WeatherQuantity[]).find((quantity) => basename(file).startsWith(formats[quantity].stem));

/** The start of the name of a file of this quantity. */
export const weatherStem = (quantity: WeatherQuantity): string => formats[quantity].stem;

/**
 * One weather quantity by site: `datetime_utc` and one column per site; the file's name says which quantity
 * (`temperature_2m_degC_*`, `cloudcover_pct_*`, `windspeed_10m_kmh_*`, `relative_humidity_pct_*`).
 * Throws InputError as `hourlyFile`, or for another name.
 */
export function readWeather(file: string): HourlyFile & { readonly quantity: WeatherQuantity } {
  const quantity = weatherQuantityOf(file);
  if (quantity === undefined) {
    const stems = Object.values(formats).map(({ stem }) => `${stem}_*.csv`);
    throw new InputError(`${file} does not say what it holds; expected a name such as ${stems.join(', ')}.`);
  }
  return { ...hourlyFile(readCsv(file, ['datetime_utc']), 'datetime_utc', 'others', formats[quantity].plausible), quantity };
}

/** Where each site stands: columns region, lat, lon, timezone. Throws InputError for impossible values. */
export function readLocations(file: string): ReadonlyMap<string, Place> {
  const table = readCsv(file, ['region', 'lat', 'lon', 'timezone']);
  const places = new Map<string, Place>();
  for (let row = 0; row < table.length; row++) {
    const latitudeDegrees = table.number(row, 'lat');
    const longitudeDegrees = table.number(row, 'lon');
    const timeZone = table.cell(row, 'timezone');
    const where = `${file}, line ${table.line(row)}`;
    if (Math.abs(latitudeDegrees) > 90) throw new InputError(`${where}: latitude ${latitudeDegrees} is outside -90 to 90 degrees.`);
    if (Math.abs(longitudeDegrees) > 180) throw new InputError(`${where}: longitude ${longitudeDegrees} is outside -180 to 180 degrees.`);
    if (!isTimeZone(timeZone)) throw new InputError(`${where}: unknown time zone "${timeZone}"; expected an IANA name such as Europe/Berlin.`);
    const region = table.cell(row, 'region');
    if (places.has(region)) throw new InputError(`${where}: ${region} is there twice; expected each region once.`);
    places.set(region, { latitudeDegrees, longitudeDegrees, timeZone });
  }
  return places;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
