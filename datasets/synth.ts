import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/io/errors.js';
import { ensureFolder, writeAtomic } from '../src/io/files.js';
import type { Quantity } from './conditions.js';
import { quantities } from './conditions.js';
import { weatherStem } from './formats/weather.js';
import { syntheticHours, syntheticWorld } from './synthetic/index.js';
import { dayMs, hourMs, isoHour, latestMs } from './time.js';

export interface SynthRequest {
  readonly seed: number;
  /** Default: every region that was fitted. */
  readonly regions?: readonly string[];
  readonly fromMs: number;
  readonly days: number;
  readonly out: string;
}

export const longestSynthDays = 3660;

const files: Record<Quantity, { readonly path: string; readonly digits: number }> = {
  price: { path: join('price', 'price_usd_per_mwh_utc_synthetic.csv'), digits: 4 },
  carbon: { path: join('carbon', 'carbon_direct_gco2_kwh_utc_synthetic.csv'), digits: 2 },
  temperature: { path: join('weather', `${weatherStem('temperature')}_utc_synthetic.csv`), digits: 2 },
  cloud: { path: join('weather', `${weatherStem('cloud')}_utc_synthetic.csv`), digits: 1 },
  wind: { path: join('weather', `${weatherStem('wind')}_utc_synthetic.csv`), digits: 2 },
};

/**
 * Writes a synthetic world as a data folder that `loadWorld` reads: hourly prices, carbon and weather and where the
 * sites are. Throws InputError for a bad request, or if the folder holds other data, with which it would be mixed.
 */
export function writeSyntheticData({ seed, regions, fromMs, days, out }: SynthRequest): { regions: readonly string[]; files: string[] } {
  if (!Number.isInteger(days) || days < 1 || days > longestSynthDays) {
    throw new InputError(`--days is ${days}; expected a whole number from 1 to ${longestSynthDays}.`);
  }
  if (fromMs + days * dayMs > latestMs) throw new InputError(`--days: ${days} days from ${isoHour(fromMs).slice(0, 10)} end after the year 2100, beyond which no series is read.`);
  const world = syntheticWorld({ seed, ...(regions && { regions }) });
  const locations = join('weather', 'locations.csv');
  const ours = new Set([...Object.values(files).map(({ path }) => path), locations]);
  for (const room of ['price', 'carbon', 'weather']) {
    ensureFolder(join(out, room));
    const other = readdirSync(join(out, room)).find((name) => !ours.has(join(room, name)));
    if (other !== undefined) throw new InputError(`${join(out, room)} already holds ${other}; give --out an empty folder, so that real and synthetic data stay apart.`);
  }
  const firstHour = fromMs / hourMs;
  const count = (days * dayMs) / hourMs;
  for (const quantity of quantities) {
    const columns = world.regions.map((region) => syntheticHours(seed, region, quantity, [firstHour, count]));
    const { path, digits } = files[quantity];
    const lines = Array.from({ length: count }, (_, i) =>
      [`${isoHour((firstHour + i) * hourMs)}:00`, ...columns.map((column) => Number(column[i]!.toFixed(digits)))].join(','),
    );
    writeAtomic(join(out, path), `datetime_utc,${world.regions.join(',')}\n${lines.join('\n')}\n`);
  }
  const places = world.regions.map((region) => {
    const { latitudeDegrees, longitudeDegrees, timeZone } = world.place(region);
    return [region, latitudeDegrees, longitudeDegrees, timeZone].join(',');
  });
  writeAtomic(join(out, locations), `region,lat,lon,timezone\n${places.join('\n')}\n`);
  return { regions: world.regions, files: [...ours].filter((path) => existsSync(join(out, path))).map((path) => join(out, path)) };
}
