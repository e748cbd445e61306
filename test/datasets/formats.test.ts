import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultUsdPerEur,
  readAzureLlm,
  readCarbon,
  readEia,
  readEpw,
  readGenTd26,
  readLocations,
  readPrices,
  readServeGen,
  readWeather,
} from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';
import { temporaryFolder } from '../support/cli.js';
import { fileWith, hourlyCsv } from './support.js';

const year = { hours: 24 * 30 };
const raw = (value: (hour: number) => number | string, unit = 'USD/MWh'): string =>
  hourlyCsv({ [`Price (${unit})`]: value }, { time: 'Datetime', ...year });
const rawName = 'SE-4_electricity_prices_2031.csv';

describe('readPrices', () => {
  it('reads one region, its name taken from the file, negative prices and spikes kept', () => {
    const { series, rows } = readPrices(fileWith(rawName, raw((hour) => (hour === 3 ? -500 : hour === 5 ? 9000 : 50))));
    expect([...series.keys()]).toEqual(['SE-4']);
    expect(rows).toBe(720);
    const { firstHour, values } = series.get('SE-4')!;
    expect(firstHour * 3_600_000).toBe(Date.UTC(2023, 0, 1));
    expect([values[3], values[5], values[6]]).toEqual([-500, 9000, 50]);
  });

  it('turns EUR into USD at a stated, fixed rate', () => {
    const file = fileWith(rawName, raw(() => 100, 'EUR/MWh'));
    expect(readPrices(file).series.get('SE-4')!.values[0]).toBeCloseTo(100 * defaultUsdPerEur, 9);
    expect(readPrices(file, { usdPerEur: 1.25 }).series.get('SE-4')!.values[0]).toBeCloseTo(125, 9);
  });

  it('reads aligned files and those with Datetime (UTC)', () => {
    const aligned = readPrices(fileWith('p.csv', hourlyCsv({ A: () => 30, B: () => 60 }))).series;
    expect([aligned.get('A')!.values[7], aligned.get('B')!.values[7]]).toEqual([30, 60]);
    const standard = hourlyCsv({ 'Price (USD/MWh)': () => 44 }, { time: 'Datetime (UTC)' });
    expect(readPrices(fileWith(rawName, standard)).series.get('SE-4')!.values[0]).toBe(44);
  });

  it('resamples a series half an hour off to whole hours', () => {
    const text = hourlyCsv({ 'Price (USD/MWh)': (hour) => 10 * hour + 20 }, { time: 'Datetime', startMs: Date.UTC(2023, 0, 1, 0, 30) });
    const { firstHour, values } = readPrices(fileWith(rawName, text)).series.get('SE-4')!;
    // From 01:00 to 01:30 the first value still holds, then the second.
    expect(firstHour * 3_600_000).toBe(Date.UTC(2023, 0, 1, 1));
    expect(values[0]).toBe(25);
    expect(values.length).toBe(47);
  });
});

const broken = (row: number, line: string) => (text: string) => text.split('\n').map((old, i) => (i === row ? line : old)).join('\n');

describe('bad price files are refused in one sentence with file and line', () => {
  it.each<[string, string, RegExp]>([
    ['no time column', raw(() => 50).replace('Datetime', 'Time'), /has columns Time, Price.*expected datetime_utc/],
    ['per kWh in the name', raw(() => 0.05, 'USD/kWh'), /column "Price \(USD\/kWh\)"; expected Price \(USD\/MWh\)/],
    ['another currency', raw(() => 5000, 'JPY/MWh'), /JPY\/MWh/],
    ['per kWh in the values', raw(() => 0.05), /only 0 of 720 values reach 1.5 USD\/MWh; is it per kWh/],
    ['cents, or per GWh', raw(() => 50_000), /line 2.*50000 is outside -5000 to 30000 USD\/MWh/],
    ['time going back', broken(5, '2023-01-01 00:30:00,50')(raw(() => 50)), /line 6: 2023-01-01 00:30:00 comes after 2023-01-01 03:00/],
    ['an hour twice', broken(5, '2023-01-01 03:00:00,50')(raw(() => 50)), /line 6: the hour 2023-01-01 03:00:00 is there twice/],
    ['quarter hours', broken(5, '2023-01-01 03:15:00,50')(raw(() => 50)), /line 6: .*15 minutes after the line before; expected one value an hour/],
    ['NaN', broken(9, '2023-01-01 08:00:00,NaN')(raw(() => 50)), /line 10, column "Price \(USD\/MWh\)": expected a finite number, found "NaN"/],
    ['a word', broken(9, '2023-01-01 08:00:00,n\/a')(raw(() => 50)), /line 10.*found "n\/a"/],
    ['no such day', broken(9, '2023-02-30 08:00:00,50')(raw(() => 50)), /line 10: "2023-02-30 08:00:00" is no time/],
    ['a far year', broken(9, '2923-01-01 08:00:00,50')(raw(() => 50)), /line 10: .*outside the years 1980 to 2100/],
    ['a jump of years', broken(9, '2033-01-01 08:00:00,50')(raw(() => 50)), /line 10: .*more than a year after/],
    ['a ragged line', broken(9, '2023-01-01 08:00:00')(raw(() => 50)), /line 10/],
    ['no rows', 'Datetime,Price (USD/MWh)\n', /a header and no rows/],
    ['nothing', '', /is empty/],
  ])('%s', (_, text, message) => {
    const read = (): unknown => readPrices(fileWith(rawName, text));
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
    expect(read).toThrow(new RegExp(rawName.replaceAll('.', '\\.')));
  });

  it('refuses an aligned file with a column twice, without a name, or without any', () => {
    expect(() => readPrices(fileWith('p.csv', 'datetime_utc,A,A\n2023-01-01,1,2\n'))).toThrow(/two columns "A"/);
    expect(() => readPrices(fileWith('p.csv', 'datetime_utc,A,\n2023-01-01,1,\n'))).toThrow(/column without a name/);
    expect(() => readPrices(fileWith('p.csv', 'datetime_utc\n2023-01-01\n'))).toThrow(/no column beside "datetime_utc"/);
  });

  it('refuses a missing file and a file that does not name its region', () => {
    expect(() => readPrices('/nowhere/p.csv')).toThrow(/Cannot read \/nowhere\/p\.csv: no such file/);
    expect(() => readPrices(fileWith('p.csv', raw(() => 50)))).toThrow(/does not name its region/);
  });
});

describe('readCarbon', () => {
  it('reads aligned files and those of Electricity Maps', () => {
    expect(readCarbon(fileWith('c.csv', hourlyCsv({ A: () => 250 }))).series.get('A')!.values[0]).toBe(250);
    const text = hourlyCsv({ 'Zone Name': () => 'Kyushu', 'Carbon Intensity gCO₂eq/kWh (direct)': () => 410 }, { time: 'Datetime (UTC)' });
    expect(readCarbon(fileWith('JP-KY_2024_hourly.csv', text)).series.get('JP-KY')!.values[3]).toBe(410);
  });

  it('catches kg for g and negative values', () => {
    expect(() => readCarbon(fileWith('c.csv', hourlyCsv({ A: () => 0.25 }, year)))).toThrow(/is it kg\/kWh/);
    expect(() => readCarbon(fileWith('c.csv', hourlyCsv({ A: () => -1 })))).toThrow(/line 2.*-1 is outside 0 to 2500/);
  });
});

describe('readWeather', () => {
  it('reads a quantity by site, its name and unit taken from the file', () => {
    const { series } = readWeather(fileWith('windspeed_10m_kmh_utc_2030.csv', hourlyCsv({ X: () => 36 })));
    expect(series.get('wind')!.get('X')!.values[0]).toBe(36);
  });

  const openMeteo = (change: object = {}): string =>
    JSON.stringify({
      utc_offset_seconds: 7200,
      hourly_units: { temperature_2m: '°C', windspeed_10m: 'km/h' },
      hourly: { time: ['2023-01-01T00:00', '2023-01-01T01:00', '2023-01-01T02:00'], temperature_2m: [4.5, null, 5], windspeed_10m: [1, 2, 3], cloudcover: [0, 50, 100] },
      ...change,
    });

  it('reads a site of Open-Meteo, in whose local time its stamps are', () => {
    const { series } = readWeather(fileWith('ZA_2023.json', openMeteo()));
    const temperature = series.get('temperature')!.get('ZA')!;
    expect(temperature.firstHour * 3_600_000).toBe(Date.UTC(2022, 11, 31, 22));
    expect(temperature.values).toEqual(Float64Array.of(4.5, NaN, 5));
    expect([...series.keys()]).toEqual(['temperature', 'cloud', 'wind']);
  });

  it('catches other units', () => {
    expect(() => readWeather(fileWith('temperature_2m_degC_x.csv', hourlyCsv({ A: () => 68 })))).toThrow(/is it degrees Fahrenheit/);
    expect(() => readWeather(fileWith('cloudcover_pct_x.csv', hourlyCsv({ A: (hour) => (hour % 10) / 10 }, year)))).toThrow(/is it a fraction/);
    const mph = openMeteo({ hourly_units: { windspeed_10m: 'mp/h' } });
    expect(() => readWeather(fileWith('ZA_2023.json', mph))).toThrow(/windspeed_10m is "mp\/h"; expected "km\/h"/);
    expect(() => readWeather(fileWith('ZA_2023.json', '{}'))).toThrow(/no list hourly\.time/);
    expect(() => readWeather(fileWith('ZA_2023.json', '[1,'))).toThrow(/is not valid JSON/);
  });

  it('reads where sites are and refuses impossible places', () => {
    const header = 'region,lat,lon,timezone\n';
    expect(readLocations(fileWith('l.csv', `${header}ZA,-26.2,28,Africa/Johannesburg\n`)).get('ZA')!.latitudeDegrees).toBe(-26.2);
    expect(() => readLocations(fileWith('l.csv', `${header}ZA,-96,28,Africa/Johannesburg\n`))).toThrow(/line 2: latitude -96/);
    expect(() => readLocations(fileWith('l.csv', `${header}ZA,-26,28,Africa/Jo\n`))).toThrow(/unknown time zone "Africa\/Jo"/);
  });
});

const epwLine = (hour: number, global = 100): string => `2010,1,1,${hour},0,?9,${[5, 0, 80, 0, 0, 0, 0, global, 50, 50, 0, 0, 0, 0, 0, 3.5].join(',')}`;
const epw = (lines: readonly string[]): string =>
  ['LOCATION,Town,-,X,TMY,1,40.5,-3.5,1.0,600', ...Array.from({ length: 7 }, (_, i) => `HEADER ${i}`), ...lines].join('\n');

describe('readEpw', () => {
  it('reads EnergyPlus files with their site, missing values as NaN', () => {
    const { site, globalWhPerM2, windMetresPerSecond, hourEndLocal } = readEpw(fileWith('a.epw', epw([epwLine(1), epwLine(2, 9999)])));
    expect(site).toEqual({ latitudeDegrees: 40.5, longitudeDegrees: -3.5, utcOffsetHours: 1 });
    expect(globalWhPerM2).toEqual(Float64Array.of(100, NaN));
    expect([windMetresPerSecond[0], hourEndLocal[1]]).toEqual([3.5, 2]);
  });

  it('refuses hours out of order, impossible irradiation and a broken header', () => {
    expect(() => readEpw(fileWith('a.epw', epw([epwLine(1), epwLine(3)])))).toThrow(/line 10: hour 3 after 1; expected 2/);
    expect(() => readEpw(fileWith('a.epw', epw([epwLine(1, 4000)])))).toThrow(/line 9: ghi_wh_m2 is 4000; expected 0 to 1500/);
    expect(() => readEpw(fileWith('a.epw', epw([epwLine(1)]).replace('LOCATION', 'PLACE')))).toThrow(/line 1: expected LOCATION/);
    expect(() => readEpw(fileWith('a.epw', 'LOCATION'))).toThrow(/no hours after its 8 header lines/);
  });
});

const genTd26 = `gmt_create,predict_type,predict_status,exec_time_seconds,num_images_per_prompt,num_inference_steps
2024-11-15 16:57:50,TXT_2_IMG,SUCCEED,32.0,1.0,30.0
2024-11-15 18:16:14,TXT_2_IMG,SUCCEED,43.0,,40.0
`;
const azure = 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n';
const serveGen = 't_s,m-large,mm-image\n0,212.78,5.5\n600,179.7,\n1200,180,6\n';
const eia = hourlyCsv(Object.fromEntries(['WND', 'SUN', 'WAT', 'OIL', 'NG', 'COL', 'NUC', 'OTH'].map((fuel) => [fuel, () => 1000])), { time: 'timestamp' });

describe('request traces and generation', () => {
  it('reads GenTD26, Azure, ServeGen and the EIA', () => {
    expect(readGenTd26(fileWith('g.csv', genTd26)).imagesPerPrompt).toEqual(Float64Array.of(1, NaN));
    expect(readAzureLlm(fileWith('a.csv', azure)).timeMs[0]).toBeCloseTo(Date.UTC(2023, 10, 16, 18, 15, 46) + 680.59, 3);
    const rates = readServeGen(fileWith('s.csv', serveGen));
    expect([rates.intervalSeconds, rates.requestsPerSecond.get('mm-image')]).toEqual([600, Float64Array.of(5.5, NaN, 6)]);
    expect(readEia(fileWith('e.csv', eia)).generationMw.SUN.values[0]).toBe(1000);
  });

  it('refuses what cannot be', () => {
    expect(() => readGenTd26(fileWith('g.csv', genTd26.replace('32.0', '-32')))).toThrow(/line 2, column "exec_time_seconds": -32 is outside/);
    expect(() => readAzureLlm(fileWith('a.csv', azure.replace('18:15:50', '18:14:50')))).toThrow(/line 3: .*comes before the line above/);
    expect(() => readServeGen(fileWith('s.csv', serveGen.replace('1200', '1300')))).toThrow(/line 4: t_s rises by 700; expected 600/);
    expect(() => readEia(fileWith('e.csv', eia.replace('WND', 'WIND')))).toThrow(/no column "WND".*Did you mean "WIND"/);
    expect(() => readEia(fileWith('e.csv', eia.replace(',1000', ',9000000')))).toThrow(/line 2.*is it kW/);
  });
});

describe('any corruption', () => {
  const cases: [string, string, (file: string) => unknown][] = [
    ['X_electricity_prices_1.csv', raw((hour) => hour), (file) => readPrices(file)],
    ['price_usd.csv', hourlyCsv({ A: () => 30, B: (hour) => -hour }), (file) => readPrices(file)],
    ['carbon_1.csv', hourlyCsv({ A: () => 250 }), readCarbon],
    ['temperature_2m_degC_1.csv', hourlyCsv({ A: () => 12.5 }), readWeather],
    ['ZA_2023.json', '{"utc_offset_seconds":3600,"hourly":{"time":["2023-01-01T00:00"],"cloudcover":[50]}}', readWeather],
    ['locations.csv', 'region,lat,lon,timezone\nZA,-26.2,28,Africa/Johannesburg\n', readLocations],
    ['a.epw', epw([epwLine(1), epwLine(2)]), readEpw],
    ['g.csv', genTd26, readGenTd26],
    ['a.csv', azure, readAzureLlm],
    ['s.csv', serveGen, readServeGen],
    ['e.csv', eia, readEia],
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    cut: fc.nat(40),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom(',', '\n', '"', 'NaN', '1e999', '-', '0', '9', '{', '}', ']', 'null', '\u0000', '\r', '2023-01-01 00:00:00'),
    ),
  });
  const folder = temporaryFolder();
  it.each(cases)('of %s lets only InputError escape', (name, text, read) => {
    const file = join(folder, name);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let corrupt = text;
        for (const { at, cut, insert } of edits) {
          const from = Math.floor(at * corrupt.length);
          corrupt = corrupt.slice(0, from) + insert + corrupt.slice(from + cut);
        }
        writeFileSync(file, corrupt);
        try {
          read(file);
        } catch (error) {
          if (!(error instanceof InputError) || error.message.includes('\n')) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
