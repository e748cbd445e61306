import { basename } from 'node:path';
import { InputError } from '../../src/io/errors.js';
import { readCsv } from '../../src/io/csv.js';
import type { HourlyFile, Plausible } from './hourlyCsv.js';
import { hourlyFile } from './hourlyCsv.js';

/** Fixed exchange rate of EUR prices unless another is given: the mean of 2023 that the aligned series were made with. */
export const defaultUsdPerEur = 1.0776;

const plausiblePrice = (unit: string): Plausible => ({
  unit,
  low: -5_000,
  high: 30_000,
  reaches: 1.5,
  mistaken: `per kWh, or another currency`,
});

const rawName = /^(.+?)_electricity_prices/;
const rawColumn = /^Price \((.+)\/(.+)\)$/;

export interface PriceOptions {
  /** USD for one EUR, for files in EUR/MWh. */
  readonly usdPerEur?: number;
  /** Region of a single-region file whose name does not say it. */
  readonly region?: string;
}

/**
 * Prices in USD/MWh by region, from either published format: one region (`Datetime,Price (USD/MWh)` or `(EUR/MWh)`,
 * file `REGION_electricity_prices_*.csv`) or aligned (`datetime_utc` and one column per region, USD/MWh).
 * Negative prices and spikes stay as they are. Throws InputError as `hourlyFile`, or for another currency or unit.
 */
export function readPrices(file: string, options: PriceOptions = {}): HourlyFile {
  const table = readCsv(file);
  const { columns } = table;
  if (columns.includes('datetime_utc')) return hourlyFile(table, 'datetime_utc', 'others', plausiblePrice('USD/MWh'));
  const time = columns.find((column) => column === 'Datetime' || column === 'Datetime (UTC)');
  const price = columns.find((column) => column.startsWith('Price'));
  if (time === undefined || price === undefined) {
    throw new InputError(
      `${file} has columns ${columns.join(', ')}; expected datetime_utc and one per region, or Datetime and Price (USD/MWh).`,
    );
  }
  const [, currency, per] = rawColumn.exec(price) ?? [];
  const usdPerEur = options.usdPerEur ?? defaultUsdPerEur;
  if (!(usdPerEur > 0 && usdPerEur < 100)) throw new InputError(`usdPerEur is ${usdPerEur}; expected a rate such as ${defaultUsdPerEur}.`);
  const rate = currency === 'USD' ? 1 : currency === 'EUR' ? usdPerEur : NaN;
  if (Number.isNaN(rate) || per !== 'MWh') {
    throw new InputError(`${file} has the column "${price}"; expected Price (USD/MWh) or Price (EUR/MWh).`);
  }
  const region = options.region ?? rawName.exec(basename(file))?.[1];
  if (region === undefined) {
    throw new InputError(`${file} does not name its region; expected a file name such as US-CAL-CISO_electricity_prices_2023.csv.`);
  }
  const { rows, series } = hourlyFile(table, time, [price], plausiblePrice(`${currency}/MWh`));
  const only = series.get(price)!;
  return { file, rows, series: new Map([[region, { ...only, values: only.values.map((value) => value * rate) }]]) };
}
