import { describe, expect, it } from 'vitest';
import { checkFolder } from '../../datasets/check.js';
import { checkText, requireGood } from '../../datasets/checkReport.js';
import { syntheticWorld } from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';
import { hourlyCsv, smallFolder } from './support.js';

const hours = 120 * 24;
const prices = syntheticWorld({ seed: 3 }).conditions('US-CAL-CISO', Date.UTC(2023, 0, 1), hours, 3600).priceUsdPerMwh;
const priceFile = 'price/price_usd_per_mwh_utc_2023.csv';
const withPrices = (price: (hour: number) => number | string, region = 'US-CAL-CISO') => checkFolder(smallFolder({ [priceFile]: hourlyCsv({ [region]: price }, { hours }) }));

const epwPath = 'renewables/epw_tmy/X.epw';
const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const days = lengths.flatMap((length, m) => Array.from({ length }, (_, d) => [m + 1, d + 1] as const));
/** An EPW of these days; `missing` are places of a line that hold the mark of no value. */
function epw(dates: readonly (readonly [month: number, day: number])[] = days, missing: Readonly<Record<number, number>> = {}): string {
  const line = (month: number, day: number, hour: number): string => {
    const cells: (number | string)[] = [2010, month, day, hour, 0, '?9', 5, 0, 80, 0, 0, 0, 0, hour === 12 ? 700 : 0, 50, 50, 0, 0, 0, 0, 0, 3.5];
    for (const [at, mark] of Object.entries(missing)) cells[Number(at)] = mark;
    return cells.join(',');
  };
  const body = dates.flatMap(([month, day]) => Array.from({ length: 24 }, (_, hour) => line(month, day, hour + 1)));
  return ['LOCATION,Town,-,X,TMY,1,40.5,-3.5,1.0,600', ...Array.from({ length: 7 }, (_, i) => `HEADER ${i}`), ...body].join('\n');
}

const azure = (...rows: readonly string[]): string => `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.map((row, i) => `2023-11-16 18:15:${10 + i},${row}\n`).join('')}`;
const azurePath = 'workload/azure_llm_2023/AzureLLMInferenceTrace_conv.csv';

describe('data check, of prices', () => {
  it('finds nothing wrong with a market, whether its region is known or not', () => {
    expect(withPrices((hour) => prices[hour]!).good).toBe(true);
    expect(withPrices((hour) => prices[hour]!, 'XX').files.every(({ error }) => error === undefined)).toBe(true);
  });

  it.each<[string, (hour: number) => number | string, RegExp]>([
    ['a tenth', (hour) => prices[hour]! / 10, /US-CAL-CISO: the median price is [\d.]+ USD\/MWh, where that of 2022 and 2023 is [\d.]+; is it another unit or currency\?/],
    ['a hundredth', (hour) => prices[hour]! / 20, /the median price is [\d.]+ USD\/MWh, lower than in any known market; is it another unit\?/],
    ['ten times', (hour) => 10 * prices[hour]!, /where that of 2022 and 2023 is/],
    ['negated', (hour) => -prices[hour]!, /\d+ of 2880 prices are negative; is their sign turned\?/],
    ['constant', () => 50, /all 2880 prices are 50 USD\/MWh; expected a market's prices, which change/],
    ['zero', () => 0, /only 0 of 2880 values reach 1\.5/],
  ])('says what is wrong with prices that are %s', (_name, price, message) => {
    const check = withPrices(price);
    expect(check.good).toBe(false);
    expect(checkText(check)).toMatch(message);
    expect(() => requireGood(check)).toThrow(InputError);
  });

  it('names the column that is empty', () => {
    const check = withPrices(() => '');
    expect(check.regions[0]!.lacks).toEqual(['prices (its column holds no value)']);
    expect(() => requireGood(check)).toThrow(/US-CAL-CISO lacks prices \(its column holds no value\)/);
    const cloud = checkFolder(smallFolder({ 'weather/cloudcover_pct_utc_2023.csv': hourlyCsv({ 'US-CAL-CISO': () => '', 'US-TEX-ERCO': () => 50 }) }));
    expect(cloud.regions.map(({ lacks }) => lacks)).toEqual([['cloud cover (its column holds no value)'], []]);
  });
});

describe('data check, of typical years', () => {
  const errorOf = (text: string): string | undefined => checkFolder(smallFolder({ [epwPath]: text })).files.find(({ kind }) => kind === 'typical year')!.error;

  it('takes a year, a leap one too', () => {
    expect(errorOf(epw())).toBeUndefined();
    expect(errorOf(epw([...days.slice(0, 59), [2, 29], ...days.slice(59)]))).toBeUndefined();
  });

  it('refuses every year with a day that is missing or doubled, by its line', () => {
    for (let at = 1; at < days.length; at += 13) {
      const wholly = (dates: readonly (readonly [number, number])[]): string => errorOf(epw(dates)) ?? 'nothing';
      expect([at, wholly([...days.slice(0, at), ...days.slice(at + 1)])]).toEqual([at, expect.stringMatching(at === days.length - 1 ? /8736 hours/ : new RegExp(`line ${9 + 24 * at}: .* hour 1, follows .*; expected `))]);
      expect([at, wholly([...days.slice(0, at), ...days.slice(at - 1)])]).toEqual([at, expect.stringMatching(new RegExp(`line ${9 + 24 * at}: `))]);
    }
  });

  it.each<[string, string, RegExp]>([
    ['a day that no year has', epw([...days.slice(0, 58), [2, 30]]), /line 1401: there is no day 02-30/],
    ['April 31', epw([...days.slice(0, 120), [4, 31]]), /there is no day 04-31/],
    ['months in another order', epw([...days.slice(31), ...days.slice(0, 31), [12, 1]]), /12-01, hour 1, follows 01-31, hour 24; expected 02-01/],
    ['half a year', epw(days.slice(0, 181)), /has 4344 hours, from 01-01 to 06-30; expected the 8760 or 8784 of a year/],
    ['no global irradiation', epw(days, { 13: 9999 }), /holds no global irradiation: all 8760 values are marked missing/],
    ['no direct irradiation', epw(days, { 14: 9999 }), /holds no direct irradiation: all 8760/],
    ['no temperature', epw(days, { 6: 99.9 }), /holds no dry-bulb temperature/],
    ['no wind', epw(days, { 21: 999 }), /holds no wind/],
  ])('says what is wrong with %s', (_name, text, message) => {
    expect(errorOf(text)).toMatch(message);
  });
});

describe('data check, of requests', () => {
  const errorOf = (path: string, text: string): string | undefined => checkFolder(smallFolder({ [path]: text })).files.find(({ file }) => file.endsWith(path))!.error;

  it.each<[string, RegExp]>([
    [azure('374,0', '20,0'), /column "GeneratedTokens": all 2 values are below 1; expected requests with a prompt and an answer/],
    [azure('0,3', '0,4'), /column "ContextTokens": all 2 values are below 1/],
    [azure('374,0', '0,20'), /no request has both ContextTokens and GeneratedTokens of at least 1/],
  ])('refuses a trace that asks for nothing: %j', (text, message) => {
    expect(errorOf(azurePath, text)).toMatch(message);
  });

  it('takes a trace of which a part asks for nothing', () => {
    expect(errorOf(azurePath, azure('374,0', '20,5'))).toBeUndefined();
  });

  it('refuses rates and generation with a column of nothing', () => {
    expect(errorOf('workload/servegen/x.csv', 't_s,m-large,m-mid\n0,5,\n600,6,\n')).toMatch(/column "m-mid": holds no value/);
    const eia = hourlyCsv(Object.fromEntries(['WND', 'SUN', 'WAT', 'OIL', 'NG', 'COL', 'NUC', 'OTH'].map((fuel) => [fuel, () => (fuel === 'SUN' ? '' : 1000)])), { time: 'timestamp' });
    expect(errorOf('renewables/eia_generation_2022/e.csv', eia)).toMatch(/column "SUN": holds no value/);
  });
});
