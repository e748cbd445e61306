import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../support/cli.js';

const stamp = (startMs: number, hour: number): string => new Date(startMs + hour * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** CSV text of hourly values from a start, one column per entry of `columns`. */
export function hourlyCsv(
  columns: Readonly<Record<string, (hour: number) => number | string>>,
  { startMs = Date.UTC(2023, 0, 1), hours = 48, time = 'datetime_utc' } = {},
): string {
  const names = Object.keys(columns);
  const rows = Array.from({ length: hours }, (_, hour) => [stamp(startMs, hour), ...names.map((name) => columns[name]!(hour))].join(','));
  return `${[time, ...names].join(',')}\n${rows.join('\n')}\n`;
}

/** Writes files into a new temporary folder and returns it. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A file of that name with that text, in a folder of its own. */
export const fileWith = (name: string, text: string): string => join(folderWith({ [name]: text }), name);

/** A small, complete data folder: two regions, 48 hours. */
export function smallFolder(overrides: Readonly<Record<string, string>> = {}): string {
  const both = (value: (hour: number) => number) => ({ 'US-CAL-CISO': value, 'US-TEX-ERCO': (hour: number) => value(hour) + 1 });
  return folderWith({
    'price/price_usd_per_mwh_utc_2023.csv': hourlyCsv(both((hour) => 40 + hour)),
    'carbon/carbon_direct_gco2_kwh_utc_2023.csv': hourlyCsv(both((hour) => 300 + hour)),
    'weather/temperature_2m_degC_utc_2023.csv': hourlyCsv(both((hour) => 10 + hour / 10)),
    'weather/cloudcover_pct_utc_2023.csv': hourlyCsv(both((hour) => hour)),
    'weather/windspeed_10m_kmh_utc_2023.csv': hourlyCsv(both((hour) => 18 + hour / 10)),
    ...overrides,
  });
}
