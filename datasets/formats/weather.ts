import { basename } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { parseCsv, readCsv } from '../../src/io/csv.js';
import { readJson } from '../../src/io/files.js';
import type { HourlySeries } from '../hourly.js';
import type { Place } from '../world.js';
import type { Plausible } from './hourlyCsv.js';
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

/** The start of the name of a CSV file of this quantity; it says the unit too. */
export const weatherStem = (quantity: WeatherQuantity): string => formats[quantity].stem;

const quantityOf = (file: string): WeatherQuantity | undefined =>
  (Object.keys(formats) as WeatherQuantity[]).find((quantity) => basename(file).startsWith(formats[quantity].stem));

/** Whether a file's name is one of weather: `QUANTITY_UNIT_*.csv`, or `SITE_YEAR.json` of Open-Meteo. */
export const isWeatherFile = (file: string): boolean =>
  file.endsWith('.json') ? siteName.test(basename(file)) : file.endsWith('.csv') && quantityOf(file) !== undefined;

export interface WeatherFile {
  readonly file: string;
  readonly rows: number;
  /** By quantity, then by site; in the units of `QUANTITY_UNIT_*.csv`. */
  readonly series: ReadonlyMap<WeatherQuantity, ReadonlyMap<string, HourlySeries>>;
}

/**
 * Hourly weather, from either published format: one quantity by site (CSV: `datetime_utc` and one column per site; the
 * file's name says which quantity: `temperature_2m_degC_*`, `cloudcover_pct_*`, `windspeed_10m_kmh_*`,
 * `relative_humidity_pct_*`) or one site (JSON of Open-Meteo, named `SITE_YEAR.json`).
 * Throws InputError as `hourlyFile`, or for another name.
 */
export function readWeather(file: string): WeatherFile {
  if (file.endsWith('.json')) return readOpenMeteo(file);
  const quantity = quantityOf(file);
  if (quantity === undefined) {
    const stems = Object.values(formats).map(({ stem }) => `${stem}_*.csv`);
    throw new InputError(`${file} does not say what it holds; expected a name such as ${stems.join(', ')} or SITE_2023.json.`);
  }
  const { rows, series } = hourlyFile(readCsv(file, ['datetime_utc']), 'datetime_utc', 'others', formats[quantity].plausible);
  return { file, rows, series: new Map([[quantity, series]]) };
}

const siteName = /^(.+)_\d{4}\.json$/;

/** What Open-Meteo calls each quantity, and the unit it must be in. */
const openMeteo: Record<WeatherQuantity, { readonly names: readonly string[]; readonly unit: string }> = {
  temperature: { names: ['temperature_2m'], unit: '°C' },
  cloud: { names: ['cloudcover', 'cloud_cover'], unit: '%' },
  wind: { names: ['windspeed_10m', 'wind_speed_10m'], unit: 'km/h' },
  humidity: { names: ['relative_humidity_2m', 'relativehumidity_2m'], unit: '%' },
};

function readOpenMeteo(file: string): WeatherFile {
  const site = siteName.exec(basename(file))?.[1];
  if (site === undefined) throw new InputError(`${file} does not name its site; expected a file name such as US-CAL-CISO_2023.json.`);
  const document = readJson(file) as { hourly?: Record<string, unknown>; hourly_units?: Record<string, unknown>; utc_offset_seconds?: unknown } | null;
  const times = document?.hourly?.['time'];
  if (!Array.isArray(times)) throw new InputError(`${file} has no list hourly.time; expected a JSON answer of Open-Meteo.`);
  const offsetMinutes = Number(document?.utc_offset_seconds ?? 0) / 60;
  if (!Number.isInteger(offsetMinutes)) throw new InputError(`${file}: utc_offset_seconds is ${String(document?.utc_offset_seconds)}; expected whole minutes.`);
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offsetMinutes) / 60))}:${pad(Math.abs(offsetMinutes) % 60)}`;
  const columns = ['time'];
  const lists: unknown[][] = [times.map((time) => `${String(time)}${zone}`)];
  const found = new Map<WeatherQuantity, string>();
  for (const quantity of Object.keys(openMeteo) as WeatherQuantity[]) {
    const { names, unit } = openMeteo[quantity];
    const name = names.find((candidate) => document?.hourly?.[candidate] !== undefined);
    if (name === undefined) continue;
    const list = document!.hourly![name];
    if (!Array.isArray(list) || list.length !== times.length) throw new InputError(`${file}: hourly.${name} has not one value per time.`);
    const given = document?.hourly_units?.[name] ?? unit;
    if (given !== unit) throw new InputError(`${file}: hourly_units.${name} is "${String(given)}"; expected "${unit}".`);
    columns.push(name);
    lists.push(list);
    found.set(quantity, name);
  }
  const rows = times.map((_, i) => lists.map((list) => cellOf(list[i])).join(','));
  const table = parseCsv([columns.join(','), ...rows].join('\n'), `${file} (as a table)`, ['time']);
  const series = new Map([...found].map(([quantity, name]) => {
    const only = hourlyFile(table, 'time', [name], formats[quantity].plausible).series.get(name)!;
    return [quantity, new Map([[site, only]])] as const;
  }));
  return { file, rows: times.length, series };
}

/** What Python's writers leave for no value is none here either. */
const cellOf = (value: unknown): string => (value === null || value === undefined || Number.isNaN(value) ? '' : String(value));

const pad = (value: number): string => String(value).padStart(2, '0');

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
