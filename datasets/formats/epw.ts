import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { decimalIn, readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';

/**
 * A typical meteorological year. Every array has one value an hour; entry i is the hour that ends at
 * `hourEndLocal[i]`:00 local standard time of `month[i]`/`day[i]` (months of different years are joined).
 */
export interface TypicalYear {
  readonly file: string;
  readonly month: Uint8Array;
  readonly day: Uint8Array;
  /** 1 to 24. */
  readonly hourEndLocal: Uint8Array;
  readonly dryBulbCelsius: Float64Array;
  /** Global horizontal, direct normal and diffuse horizontal irradiation, Wh/m2 in the hour; NaN where flagged missing. */
  readonly globalWhPerM2: Float64Array;
  readonly directWhPerM2: Float64Array;
  readonly diffuseWhPerM2: Float64Array;
  readonly windMetresPerSecond: Float64Array;
  /** Where it was, as far as the file (or the index.csv beside a slim file) says. */
  readonly site?: { readonly latitudeDegrees: number; readonly longitudeDegrees: number; readonly utcOffsetHours: number };
}

interface Cells {
  readonly length: number;
  number(row: number, column: keyof typeof columns): number;
  where(row: number): string;
}

/** What each quantity is called in the slim CSV, its place in an EPW line, its bounds and what marks it missing. */
const columns = {
  month: { slim: 'month', epw: 1, low: 1, high: 12, missing: Infinity },
  day: { slim: 'day', epw: 2, low: 1, high: 31, missing: Infinity },
  hour: { slim: 'hour_end_local_std', epw: 3, low: 1, high: 24, missing: Infinity },
  dryBulb: { slim: 'drybulb_c', epw: 6, low: -75, high: 60, missing: 99.9 },
  global: { slim: 'ghi_wh_m2', epw: 13, low: 0, high: 1500, missing: 9999 },
  direct: { slim: 'dni_wh_m2', epw: 14, low: 0, high: 1500, missing: 9999 },
  diffuse: { slim: 'dhi_wh_m2', epw: 15, low: 0, high: 1500, missing: 9999 },
  wind: { slim: 'wind_ms', epw: 21, low: 0, high: 80, missing: 999 },
} as const;

/**
 * Reads a typical year from EnergyPlus weather (`.epw`, 8 header lines) or from its slim CSV.
 * Throws InputError (file, line) for a missing column, a value that is no number or out of range, hours or days that are
 * missing, doubled, out of order or in no calendar, or a file without irradiation.
 */
export function readEpw(file: string): TypicalYear {
  const epw = file.toLowerCase().endsWith('.epw');
  const cells = epw ? epwCells(file) : slimCells(file);
  const take = (column: keyof typeof columns): Float64Array => {
    const { low, high, missing } = columns[column];
    const values = new Float64Array(cells.length);
    for (let row = 0; row < cells.length; row++) {
      const value = cells.number(row, column);
      if (value === missing) values[row] = NaN;
      else if (value >= low && value <= high) values[row] = value;
      else throw new InputError(`${cells.where(row)}: ${columns[column].slim} is ${value}; expected ${low} to ${high}.`);
    }
    return values;
  };
  const month = Uint8Array.from(take('month'));
  const day = Uint8Array.from(take('day'));
  const hourEndLocal = Uint8Array.from(take('hour'));
  checkCalendar(cells, { month, day, hourEndLocal });
  const globalWhPerM2 = take('global');
  if (globalWhPerM2.every(Number.isNaN)) throw new InputError(`${file} holds no global irradiation: all ${cells.length} values are marked missing.`);
  const peak = globalWhPerM2.reduce((most, value) => (value > most ? value : most), 0);
  if (cells.length >= 8760 && peak < 100) {
    throw new InputError(`${file}: global irradiation never exceeds ${peak} Wh/m2 in a year; is it kWh/m2?`);
  }
  const site = epw ? siteOfHeader(file) : siteOfIndex(file);
  return {
    file,
    month,
    day,
    hourEndLocal,
    dryBulbCelsius: take('dryBulb'),
    globalWhPerM2,
    directWhPerM2: take('direct'),
    diffuseWhPerM2: take('diffuse'),
    windMetresPerSecond: take('wind'),
    ...(site && { site }),
  };
}

/** Of a leap year: February has 29 days in some files. */
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const named = (month: number, day: number): string => `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** Throws InputError for hours or days that are missing, doubled, out of order, or in no calendar. */
function checkCalendar(cells: Cells, { month, day, hourEndLocal }: Pick<TypicalYear, 'month' | 'day' | 'hourEndLocal'>): void {
  for (let row = 0; row < cells.length; row++) {
    const [m, d, hour] = [month[row]!, day[row]!, hourEndLocal[row]!];
    if (d > daysOfMonth[m - 1]!) throw new InputError(`${cells.where(row)}: there is no day ${named(m, d)}.`);
    if (row === 0) continue;
    const [beforeM, beforeD, beforeHour] = [month[row - 1]!, day[row - 1]!, hourEndLocal[row - 1]!];
    const expected = (beforeHour % 24) + 1;
    if (hour !== expected) throw new InputError(`${cells.where(row)}: hour ${hour} after ${beforeHour}; expected ${expected}.`);
    const next = beforeHour === 24 ? daysAfter(beforeM, beforeD) : [named(beforeM, beforeD)];
    if (!next.includes(named(m, d))) {
      throw new InputError(`${cells.where(row)}: ${named(m, d)}, hour ${hour}, follows ${named(beforeM, beforeD)}, hour ${beforeHour}; expected ${next.join(' or ')}.`);
    }
  }
}

/** The day after a day, as MM-DD; two where the year may be a leap year. */
function daysAfter(month: number, day: number): string[] {
  const turn = named((month % 12) + 1, 1);
  if (day === daysOfMonth[month - 1]) return [turn];
  return month === 2 && day === 28 ? [named(2, 29), turn] : [named(month, day + 1)];
}

/** Throws InputError unless the hours are those of one whole year. */
export function requireWholeYear({ file, month, day }: TypicalYear): void {
  if (month.length === 8760 || month.length === 8784) return;
  const last = month.length - 1;
  throw new InputError(
    `${file} has ${month.length} hours, from ${named(month[0]!, day[0]!)} to ${named(month[last]!, day[last]!)}; expected the 8760 or 8784 of a year.`,
  );
}

function slimCells(file: string): Cells {
  const table = readCsv(file, Object.values(columns).map(({ slim }) => slim));
  if (table.length === 0) throw new InputError(`${file} has a header and no rows; expected the hours of a year.`);
  return {
    length: table.length,
    number: (row, column) => table.number(row, columns[column].slim),
    where: (row) => `${file}, line ${table.line(row)}`,
  };
}

const headerLines = 8;

function epwCells(file: string): Cells {
  const lines = readText(file)
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .slice(headerLines)
    .filter(({ text }) => text.trim() !== '');
  if (lines.length === 0) throw new InputError(`${file} has no hours after its ${headerLines} header lines; expected the hours of a year.`);
  const rows = lines.map(({ text }) => text.split(','));
  const where = (row: number): string => `${file}, line ${lines[row]!.line}`;
  return {
    length: rows.length,
    number: (row, column) => {
      const cell = rows[row]![columns[column].epw]?.trim() ?? '';
      const value = decimalIn(cell);
      if (!Number.isFinite(value)) throw new InputError(`${where(row)}: expected a number for ${columns[column].slim}, found "${cell}".`);
      return value;
    },
    where,
  };
}

function siteOfHeader(file: string): NonNullable<TypicalYear['site']> {
  const [first = ''] = readText(file).split('\n', 1);
  const [keyword, , , , , , latitude, longitude, zone] = first.split(',');
  const [latitudeDegrees, longitudeDegrees, utcOffsetHours] = [latitude, longitude, zone].map((cell) => decimalIn(cell?.trim() ?? '')) as [number, number, number];
  if (keyword !== 'LOCATION' || ![latitudeDegrees, longitudeDegrees, utcOffsetHours].every(Number.isFinite)) {
    throw new InputError(`${file}, line 1: expected LOCATION,city,...,latitude,longitude,time zone; found "${first.slice(0, 60)}".`);
  }
  return { latitudeDegrees, longitudeDegrees, utcOffsetHours };
}

function siteOfIndex(file: string): TypicalYear['site'] {
  const index = join(dirname(file), 'index.csv');
  if (!existsSync(index)) return undefined;
  const table = readCsv(index, ['file', 'lat', 'lon', 'tz']);
  const stem = basename(file).replace(/(_slim)?\.csv$/, '');
  for (let row = 0; row < table.length; row++) {
    if (table.cell(row, 'file').replace(/\.epw$/, '') !== stem) continue;
    return {
      latitudeDegrees: table.number(row, 'lat'),
      longitudeDegrees: table.number(row, 'lon'),
      utcOffsetHours: table.number(row, 'tz'),
    };
  }
  return undefined;
}
