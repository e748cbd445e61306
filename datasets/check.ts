import { basename, dirname, join } from 'node:path';
import { InputError, messageOf } from '../src/io/errors.js';
import { genTd26File } from './arrivals.js';
import type { Quantity } from './conditions.js';
import { quantities } from './conditions.js';
import { filesIn, requireFolder } from './folder.js';
import { readCarbon } from './formats/carbon.js';
import { readEia } from './formats/eia.js';
import { readEpw, requireWholeYear } from './formats/epw.js';
import { readPrices } from './formats/prices.js';
import { readAzureLlm, readGenTd26, readServeGen } from './formats/requests.js';
import { readLocations, readWeather } from './formats/weather.js';
import type { GapReport, HourlySeries } from './hourly.js';
import { knownPlaces } from './places.js';
import { priceSuspicion } from './priceLevel.js';
import type { RealSeries } from './realWorld.js';
import { carbonFiles, priceFiles, readSeries, weatherFiles } from './realWorld.js';
import { nearestCalibrated } from './standIn.js';
import { hourMs, isoHour } from './time.js';

export interface FileCheck {
  readonly file: string;
  readonly kind: string;
  readonly rows?: number;
  /** First and last (exclusive) hour, UTC; absent for what has no calendar. */
  readonly from?: string;
  readonly to?: string;
  readonly series?: number;
  /** Values that are not there, over all series. */
  readonly missing?: number;
  /** One sentence; absent if the file is good. */
  readonly error?: string;
}

export interface RegionCheck {
  readonly region: string;
  /** Prices and a place are there; what else is not is generated. */
  readonly usable: boolean;
  readonly lacks: readonly string[];
  /** What is not there and therefore generated, and as in which region. */
  readonly generated?: { readonly what: readonly string[]; readonly as: string };
  /** Hours, UTC, for which everything is there. */
  readonly from?: string;
  readonly to?: string;
  /** Over prices, carbon and weather. */
  readonly gaps: GapReport;
}

export interface FolderCheck {
  readonly folder: string;
  readonly good: boolean;
  readonly files: readonly FileCheck[];
  readonly regions: readonly RegionCheck[];
  /** Files in the folders that are read, but of no format known here. */
  readonly unrecognised: readonly string[];
}

type Summary = Omit<FileCheck, 'file' | 'kind' | 'error'>;

interface Kind {
  readonly kind: string;
  files(folder: string): readonly string[];
  summary(file: string): Summary;
}

const named =
  (room: string, pattern: RegExp) =>
  (folder: string): string[] =>
    filesIn(folder, room).filter((file) => pattern.test(basename(file)));

/** Every kind of file that is read, and where in a data folder it lies. */
const kinds: readonly Kind[] = [
  { kind: 'prices', files: priceFiles, summary: priceSummary },
  { kind: 'carbon', files: carbonFiles, summary: (file) => hourlySummary(readCarbon(file)) },
  { kind: 'weather', files: weatherFiles, summary: weatherSummary },
  { kind: 'places', files: named('weather', /^locations\.csv$/), summary: (file) => ({ rows: readLocations(file).size }) },
  { kind: 'generation', files: named(join('renewables', 'eia_generation_2022'), /\.csv$/), summary: eiaSummary },
  { kind: 'typical year', files: named(join('renewables', 'epw_tmy'), /_slim\.csv$|\.epw$/), summary: typicalYearSummary },
  { kind: 'GenTD26', files: named(dirname(genTd26File), /^lora_request_trace\.csv$/), summary: (file) => ({ rows: readGenTd26(file).timeMs.length }) },
  { kind: 'Azure LLM', files: named(join('workload', 'azure_llm_2023'), /\.csv$/), summary: (file) => ({ rows: readAzureLlm(file).timeMs.length }) },
  { kind: 'ServeGen', files: named(join('workload', 'servegen'), /\.csv$/), summary: serveGenSummary },
];

/** Reads every recognised file of a data folder and says what is in it. Throws InputError only for a missing folder. */
export function checkFolder(folder: string): FolderCheck {
  requireFolder(folder);
  const files = kinds.flatMap(({ kind, files, summary }) => files(folder).map((file) => checked(file, kind, () => summary(file))));
  const recognised = new Set(files.map(({ file }) => file));
  const unrecognised = ['price', 'carbon', 'weather'].flatMap((room) => filesIn(folder, room)).filter((file) => !recognised.has(file));
  const bad = files.some(({ error }) => error !== undefined);
  const regions = bad || priceFiles(folder).length === 0 ? [] : regionChecks(readSeries(folder));
  return { folder, good: !bad && regions.some(({ usable }) => usable), files, regions, unrecognised };
}

function checked(file: string, kind: string, read: () => Summary): FileCheck {
  try {
    return { file, kind, ...read() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file, kind, error: messageOf(error) };
  }
}

function summaryOf(rows: number, all: readonly HourlySeries[]): Summary {
  return {
    rows,
    series: all.length,
    from: isoHour(Math.min(...all.map(({ firstHour }) => firstHour)) * hourMs),
    to: isoHour(Math.max(...all.map(({ firstHour, values }) => firstHour + values.length)) * hourMs),
    missing: all.reduce((sum, { values }) => sum + values.filter(Number.isNaN).length, 0),
  };
}

const hourlySummary = ({ rows, series }: { rows: number; series: ReadonlyMap<string, HourlySeries> }): Summary =>
  summaryOf(rows, [...series.values()]);

/** Throws InputError for prices that can be read but cannot be right. */
function priceSummary(file: string): Summary {
  const prices = readPrices(file);
  for (const [region, { values }] of prices.series) {
    const suspicion = priceSuspicion(region, values);
    if (suspicion !== null) throw new InputError(`${file}, ${region}: ${suspicion}.`);
  }
  return hourlySummary(prices);
}

/** Throws InputError for a year that is not whole, or a quantity of which there is nothing. */
function typicalYearSummary(file: string): Summary {
  const year = readEpw(file);
  requireWholeYear(year);
  const parts = { 'direct irradiation': year.directWhPerM2, 'diffuse irradiation': year.diffuseWhPerM2, 'dry-bulb temperature': year.dryBulbCelsius, wind: year.windMetresPerSecond };
  for (const [what, values] of Object.entries(parts)) if (values.every(Number.isNaN)) throw new InputError(`${file} holds no ${what}: all ${values.length} values are marked missing.`);
  const all = [year.globalWhPerM2, ...Object.values(parts)];
  return { rows: year.month.length, series: all.length, missing: all.reduce((sum, values) => sum + values.filter(Number.isNaN).length, 0) };
}

function weatherSummary(file: string): Summary {
  const { rows, series } = readWeather(file);
  return summaryOf(rows, [...series.values()].flatMap((sites) => [...sites.values()]));
}

function eiaSummary(file: string): Summary {
  const { generationMw } = readEia(file);
  for (const [fuel, { values }] of Object.entries(generationMw)) if (values.every(Number.isNaN)) throw new InputError(`${file}, column "${fuel}": holds no value.`);
  return summaryOf(generationMw.WND.values.length, Object.values(generationMw));
}

function serveGenSummary(file: string): Summary {
  const { requestsPerSecond } = readServeGen(file);
  const rates = [...requestsPerSecond.values()];
  const empty = [...requestsPerSecond].find(([, values]) => values.every(Number.isNaN));
  if (empty !== undefined) throw new InputError(`${file}, column "${empty[0]}": holds no value.`);
  return { rows: rates[0]!.length, series: rates.length, missing: rates.reduce((sum, values) => sum + values.filter(Number.isNaN).length, 0) };
}

const lackNames: Record<Quantity, string> = {
  price: 'prices',
  carbon: 'carbon',
  temperature: 'temperature',
  cloud: 'cloud cover',
  wind: 'wind speed',
};

function regionChecks({ series, gaps, places }: RealSeries): RegionCheck[] {
  return [...series.price.keys()].map((region) => {
    const there = quantities.flatMap((quantity) => series[quantity].get(region) ?? []);
    const lacks = quantities.filter((quantity) => series[quantity].get(region)?.values.length === 0).map((quantity) => `${lackNames[quantity]} (its column holds no value)`);
    const generated = quantities.filter((quantity) => !series[quantity].has(region)).map((quantity) => lackNames[quantity]);
    const place = places.get(region) ?? knownPlaces[region];
    if (place === undefined && generated.length === 0) lacks.push('a place');
    const first = Math.max(...there.map(({ firstHour }) => firstHour));
    const end = Math.min(...there.map(({ firstHour, values }) => firstHour + values.length));
    if (lacks.length === 0 && end <= first) lacks.push('an hour for which all are there');
    const total = (figure: keyof GapReport): number => quantities.reduce((sum, quantity) => sum + (gaps[quantity].get(region)?.[figure] ?? 0), 0);
    return {
      region,
      usable: lacks.length === 0,
      lacks,
      ...(generated.length > 0 && { generated: { what: generated, as: place === undefined ? 'the region nearest to the place that the fleet gives' : nearestCalibrated(place) } }),
      ...(lacks.length === 0 && { from: isoHour(first * hourMs), to: isoHour(end * hourMs) }),
      gaps: {
        missing: total('missing'),
        filledLinear: total('filledLinear'),
        filledFromAdjacentDay: total('filledFromAdjacentDay'),
        unfilled: total('unfilled'),
      },
    };
  });
}
