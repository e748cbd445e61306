import { InputError } from '../../src/io/errors.js';
import type { CsvTable } from '../../src/io/csv.js';
import type { HourlySeries } from '../hourly.js';
import { dayMs, earliestMs, hourMs, latestMs, isoHour, parseStamp } from '../time.js';

/** What values of a column can be; the messages of what falls outside name `unit`. */
export interface Plausible {
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  /** One in 20 absolute values of a week or more reaches this, or the unit must be another. */
  readonly reaches: number;
  /** What a column out of range probably is. */
  readonly mistaken: string;
}

export interface HourlyFile {
  readonly file: string;
  readonly rows: number;
  readonly series: ReadonlyMap<string, HourlySeries>;
}

const longestJumpMs = 366 * dayMs;
const weekHours = 168;

/**
 * Takes hourly values out of a CSV file: a time column and one column per series. Stamps are UTC unless they carry an
 * offset; they must rise by whole hours, missing hours are allowed, a constant distance from the whole hour (as in
 * India) is resampled by time-weighted means. An empty cell is a missing value; "NaN" is not a number and is refused.
 * Throws InputError (file, line) for anything else.
 */
export function hourlyFile(table: CsvTable, timeColumn: string, columns: readonly string[] | 'others', plausible: Plausible): HourlyFile {
  const { file } = table;
  const names = columns === 'others' ? table.columns.filter((name) => name !== timeColumn) : columns;
  if (names.includes('')) throw new InputError(`${file} has a column without a name; expected a region in each.`);
  if (names.length === 0) throw new InputError(`${file} has no column beside "${timeColumn}"; expected one per region.`);
  for (const name of names) if (!table.has(name)) table.cell(0, name);
  if (table.length === 0) throw new InputError(`${file} has a header and no rows; expected hourly values.`);
  const hours = new Int32Array(table.length);
  let phaseMs = 0;
  let previous = -Infinity;
  for (let row = 0; row < table.length; row++) {
    const text = table.cell(row, timeColumn);
    const time = parseStamp(text);
    const where = `${file}, line ${table.line(row)}`;
    if (Number.isNaN(time)) throw new InputError(`${where}: "${text}" is no time; expected YYYY-MM-DD HH:MM:SS in UTC.`);
    if (time < earliestMs || time >= latestMs) throw new InputError(`${where}: ${text} is outside the years 1980 to 2100.`);
    if (row === 0) phaseMs = ((time % hourMs) + hourMs) % hourMs;
    else if (time === previous) throw new InputError(`${where}: the hour ${text} is there twice; expected each hour once, in UTC.`);
    else if (time < previous) throw new InputError(`${where}: ${text} comes after ${isoHour(previous)}; expected times that rise.`);
    else if ((time - previous) % hourMs !== 0) {
      throw new InputError(`${where}: ${text} is ${(time - previous) / 60_000} minutes after the line before; expected one value an hour.`);
    } else if (time - previous > longestJumpMs) {
      throw new InputError(`${where}: ${text} is more than a year after the line before (${isoHour(previous)}); expected one value an hour.`);
    }
    previous = time;
    hours[row] = (time - phaseMs) / hourMs;
  }
  const firstHour = hours[0]!;
  const length = hours[table.length - 1]! - firstHour + 1;
  const series = new Map<string, HourlySeries>();
  for (const name of names) {
    const values = new Float64Array(length).fill(NaN);
    for (let row = 0; row < table.length; row++) {
      if (table.cell(row, name) === '') continue;
      const value = table.number(row, name);
      if (value < plausible.low || value > plausible.high) {
        throw new InputError(
          `${file}, line ${table.line(row)}, column "${name}": ${value} is outside ${plausible.low} to ${plausible.high} ${plausible.unit}; is it ${plausible.mistaken}?`,
        );
      }
      values[hours[row]! - firstHour] = value;
    }
    checkMagnitude(file, name, values, plausible);
    series.set(name, onWholeHours({ firstHour, values }, phaseMs));
  }
  return { file, rows: table.length, series };
}

function checkMagnitude(file: string, name: string, values: Float64Array, plausible: Plausible): void {
  let known = 0;
  let reaching = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    known++;
    if (Math.abs(value) >= plausible.reaches) reaching++;
  }
  if (known < weekHours || reaching >= 0.05 * known) return;
  throw new InputError(
    `${file}, column "${name}": only ${reaching} of ${known} values reach ${plausible.reaches} ${plausible.unit}; is it ${plausible.mistaken}?`,
  );
}

/** Values that hold for the hour from hh:mm become time-weighted means of whole hours; the edge hours, half known, go. */
function onWholeHours(series: HourlySeries, phaseMs: number): HourlySeries {
  if (phaseMs === 0) return series;
  const late = phaseMs / hourMs;
  const values = new Float64Array(Math.max(series.values.length - 1, 0));
  for (let i = 0; i < values.length; i++) values[i] = late * series.values[i]! + (1 - late) * series.values[i + 1]!;
  return { firstHour: series.firstHour + 1, values };
}
