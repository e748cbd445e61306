import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrivalProfile, genTd26Profile, loadWorld, readPrices } from '../../datasets/index.js';
import { loadDay, parseFleet } from '../../envs/index.js';
import { hasSharedData, sharedData } from '../support/data.js';
import { folderWith, hourlyCsv, smallFolder } from './support.js';

const start = Date.UTC(2023, 0, 1);
const hourMs = 3_600_000;

describe('loadWorld', () => {
  const world = loadWorld(smallFolder());

  it('says what it covers', () => {
    expect(world.regions).toEqual(['US-CAL-CISO', 'US-TEX-ERCO']);
    expect(world.span('US-TEX-ERCO')).toEqual({ startMs: start, endMs: start + 48 * hourMs });
    expect(() => world.span('US-TEX-ERC')).toThrow(/no prices for "US-TEX-ERC".*Did you mean "US-TEX-ERCO"/);
    expect(world.place('US-TEX-ERCO').timeZone).toBe('America/Chicago');
  });

  it('holds prices and carbon for their hour, interpolates weather, and turns units', () => {
    const c = world.conditions('US-CAL-CISO', start + 3 * hourMs, 4, 1800);
    expect(c.priceUsdPerMwh).toEqual(Float64Array.of(43, 43, 44, 44));
    expect(c.carbonKgPerKwh[0]).toBeCloseTo(0.303, 12);
    expect(c.outdoorCelsius[0]).toBeCloseTo(10.325, 12);
    expect(c.cloudCover[0]).toBeCloseTo(0.0325, 12);
    expect(c.windMetresPerSecond[0]).toBeCloseTo(18.325 / 3.6, 12);
  });

  it('covers the last hour to its end and not a slot more', () => {
    const last = world.conditions('US-CAL-CISO', start + 47 * hourMs, 12, 300);
    expect(last.outdoorCelsius.at(-1)).toBeCloseTo(14.7, 12);
    expect(() => world.conditions('US-CAL-CISO', start + 47 * hourMs, 13, 300)).toThrow(
      /no prices for US-CAL-CISO at 2023-01-03 00:00 UTC; it covers 2023-01-01 00:00 to 2023-01-03 00:00/,
    );
    expect(() => world.conditions('US-CAL-CISO', start - 1, 1, 300)).toThrow(/no prices/);
  });

  it.each([
    ['an unknown region', () => world.conditions('US-CAL-CSO', start, 1, 300), /no prices for "US-CAL-CSO".*Did you mean "US-CAL-CISO"/],
    ['no slots', () => world.conditions('US-CAL-CISO', start, 0, 300), /at least 1, not 0/],
    ['a slot of no length', () => world.conditions('US-CAL-CISO', start, 1, 0), /slotSeconds must be a positive number, not 0/],
    ['no time', () => world.conditions('US-CAL-CISO', NaN, 1, 300), /finite time/],
  ])('refuses %s', (_, ask, message) => expect(ask).toThrow(message));

  it('joins files of several years and fills the gap between them', () => {
    const folder = smallFolder({
      'price/price_usd_per_mwh_utc_later.csv': hourlyCsv({ 'US-CAL-CISO': () => 100 }, { startMs: start + 50 * hourMs, hours: 10 }),
    });
    const both = loadWorld(folder);
    expect(() => both.conditions('US-CAL-CISO', start + 48 * hourMs, 1, 3600)).toThrow(/no carbon intensity for US-CAL-CISO/);
  });

  it('ends, for each region, where the first of its series does', () => {
    const folder = smallFolder({
      'price/US-CAL-CISO_electricity_prices_2023.csv': hourlyCsv({ 'Price (USD/MWh)': () => 7 }, { time: 'Datetime', startMs: start + 48 * hourMs, hours: 8 }),
      'carbon/carbon_direct_gco2_kwh_utc_2023.csv': hourlyCsv({ 'US-CAL-CISO': () => 300 }),
      'carbon/carbon_texas.csv': hourlyCsv({ 'US-TEX-ERCO': () => 300 }, { startMs: start + 12 * hourMs, hours: 36 }),
    });
    const ragged = loadWorld(folder);
    expect(ragged.span('US-CAL-CISO')).toEqual({ startMs: start, endMs: start + 48 * hourMs });
    expect(ragged.span('US-TEX-ERCO')).toEqual({ startMs: start + 12 * hourMs, endMs: start + 48 * hourMs });
    const fleet = parseFleet({ sites: [{ name: 'west', region: 'US-CAL-CISO' }] });
    const [last] = loadDay(fleet, ragged, '2023-01-02').sites;
    expect(last!.priceUsdPerKwh.at(-1)).toBe(last!.priceUsdPerKwh[287]);
    expect(last!.carbonKgPerKwh.at(-1)).toBe(0.3);
  });

  it('lets aligned prices win over single-region ones, which add the hours that only they have', () => {
    const folder = smallFolder({
      'price/US-CAL-CISO_electricity_prices_2023.csv': hourlyCsv({ 'Price (USD/MWh)': () => 7 }, { time: 'Datetime', startMs: start - 2 * hourMs }),
      'carbon/carbon_more.csv': hourlyCsv({ 'US-CAL-CISO': () => 100 }, { startMs: start - 2 * hourMs, hours: 2 }),
      'weather/temperature_2m_degC_more.csv': hourlyCsv({ 'US-CAL-CISO': () => 5 }, { startMs: start - 2 * hourMs, hours: 2 }),
      'weather/cloudcover_pct_more.csv': hourlyCsv({ 'US-CAL-CISO': () => 5 }, { startMs: start - 2 * hourMs, hours: 2 }),
      'weather/windspeed_10m_kmh_more.csv': hourlyCsv({ 'US-CAL-CISO': () => 5 }, { startMs: start - 2 * hourMs, hours: 2 }),
    });
    expect(loadWorld(folder).conditions('US-CAL-CISO', start - 2 * hourMs, 3, 3600).priceUsdPerMwh).toEqual(Float64Array.of(7, 7, 40));
  });

  it('reads a region known only by its files, where locations.csv says where it is', () => {
    const one = (value: number): string => hourlyCsv({ 'XX-1': () => value });
    const files = {
      'price/XX-1_electricity_prices_2031.csv': hourlyCsv({ 'Price (EUR/MWh)': () => 100 }, { time: 'Datetime' }),
      'carbon/carbon_a.csv': one(300),
      'weather/temperature_2m_degC_a.csv': one(20),
      'weather/cloudcover_pct_a.csv': one(50),
      'weather/windspeed_10m_kmh_a.csv': one(36),
    };
    const without = loadWorld(folderWith(files));
    expect(() => without.place('XX-1')).toThrow(/locations\.csv has no line for XX-1/);
    const placed = loadWorld(folderWith({ ...files, 'weather/locations.csv': 'region,lat,lon,timezone\nXX-1,10,20,Asia/Tokyo\n' }), { usdPerEur: 1.1 });
    expect(placed.place('XX-1')).toEqual({ latitudeDegrees: 10, longitudeDegrees: 20, timeZone: 'Asia/Tokyo' });
    const c = placed.conditions('XX-1', start, 1, 3600);
    expect([c.priceUsdPerMwh[0], c.windMetresPerSecond[0]]).toEqual([110.00000000000001, 10]);
  });

  it('says what is generated because a region lacks it, and what a folder lacks', () => {
    const folder = smallFolder({ 'carbon/carbon_direct_gco2_kwh_utc_2023.csv': hourlyCsv({ 'US-TEX-ERCO': () => 300 }) });
    expect(loadWorld(folder).generated?.('US-CAL-CISO')).toMatch(/no carbon intensity for US-CAL-CISO: generated as in US-CAL-CISO/);
    expect(loadWorld(folder).generated?.('US-TEX-ERCO')).toBeNull();
    expect(() => loadWorld('/nowhere')).toThrow(/No data folder \/nowhere/);
    expect(() => loadWorld(folderWith({ 'price/notes.csv': 'a\n1\n' }))).toThrow(/holds no prices; expected files such as/);
  });
});

describe.skipIf(!hasSharedData)('with real data', () => {
  it('covers 2022 and 2023 for every region with prices, carbon and weather', () => {
    const world = loadWorld(sharedData);
    for (const region of ['US-CAL-CISO', 'US-TEX-ERCO', 'US-MIDA-PJM', 'DE-LU', 'JP-TK', 'AU-NSW']) {
      const { priceUsdPerMwh, outdoorCelsius } = world.conditions(region, Date.UTC(2022, 0, 1), 2 * 365 * 24, 3600);
      expect(priceUsdPerMwh.every(Number.isFinite) && outdoorCelsius.every(Number.isFinite)).toBe(true);
    }
    expect(world.conditions('US-TEX-ERCO', Date.UTC(2022, 0, 1), 2 * 365 * 24, 3600).priceUsdPerMwh.reduce((a, b) => Math.max(a, b))).toBe(4191.66);
  });

  it('finds in the aligned series what the raw file of CAISO says', () => {
    const world = loadWorld(sharedData);
    const { firstHour, values } = readPrices(join(sharedData, 'price', 'US-CAL-CISO_electricity_prices_2023.csv')).series.get('US-CAL-CISO')!;
    const hours = 8760;
    const aligned = world.conditions('US-CAL-CISO', firstHour * hourMs, hours, 3600).priceUsdPerMwh;
    const apart = aligned.map((value, hour) => Math.abs(value - values[hour]!));
    expect(apart.filter((value) => value < 0.001).length).toBeGreaterThan(0.999 * hours);
  });

  it('derives the shipped arrival profile from the trace', () => {
    const { weightByLocalHour, source } = arrivalProfile(sharedData);
    expect(source).toMatch(/lora_request_trace\.csv$/);
    weightByLocalHour.forEach((weight, hour) => expect(weight).toBeCloseTo(genTd26Profile.weightByLocalHour[hour]!, 3));
    expect(Math.max(...weightByLocalHour)).toBe(1);
  });
});
