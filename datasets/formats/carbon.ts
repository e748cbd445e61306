import { basename } from 'node:path';
import { readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import type { HourlyFile, Plausible } from './hourlyCsv.js';
import { hourlyFile } from './hourlyCsv.js';

const plausible: Plausible = { unit: 'gCO2eq/kWh', low: 0, high: 2_500, reaches: 1.5, mistaken: 'kg/kWh or g/MWh' };

const oneZoneName = /^(.+?)_\d{4}_hourly/;
const direct = /^carbon intensity gco.?eq\/kwh \(direct\)$/i;

/**
 * Direct carbon intensity in gCO2eq/kWh by zone, from either published format: one zone of Electricity Maps
 * (`Datetime (UTC)`, `Carbon Intensity gCO₂eq/kWh (direct)` and others, file `ZONE_YEAR_hourly.csv`) or aligned
 * (`datetime_utc` and one column per zone). Throws InputError as `hourlyFile`.
 */
export function readCarbon(file: string): HourlyFile {
  const table = readCsv(file);
  const intensity = table.columns.find((column) => direct.test(column));
  if (table.has('datetime_utc') || intensity === undefined) return hourlyFile(table, 'datetime_utc', 'others', plausible);
  const zone = oneZoneName.exec(basename(file))?.[1];
  if (zone === undefined) throw new InputError(`${file} does not name its zone; expected a file name such as US-CAL-CISO_2023_hourly.csv.`);
  const { rows, series } = hourlyFile(table, 'Datetime (UTC)', [intensity], plausible);
  return { file, rows, series: new Map([[zone, series.get(intensity)!]]) };
}
