import { readCsv } from '../../src/io/csv.js';
import type { HourlyFile } from './hourlyCsv.js';
import { hourlyFile } from './hourlyCsv.js';

/**
 * Direct carbon intensity in gCO2eq/kWh by zone: `datetime_utc` and one column per zone.
 * Throws InputError as `hourlyFile`.
 */
export function readCarbon(file: string): HourlyFile {
  return hourlyFile(readCsv(file, ['datetime_utc']), 'datetime_utc', 'others', {
    unit: 'gCO2eq/kWh',
    low: 0,
    high: 2_500,
    reaches: 1.5,
    mistaken: 'kg/kWh or g/MWh',
  });
}
