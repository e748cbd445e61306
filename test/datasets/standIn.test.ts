import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadWorld, syntheticWorld } from '../../datasets/index.js';
import { checkFolder } from '../../datasets/check.js';
import { temporaryFolder } from '../support/cli.js';

const start = Date.UTC(2024, 0, 1);
const hour = 3_600_000;
const berlin = { latitudeDegrees: 52.52, longitudeDegrees: 13.4, timeZone: 'Europe/Berlin' };
const places = new Map([['OWN', berlin]]);

/** A data folder with nothing but two days of prices of one region. */
function pricesOnly(region: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'price'));
  const rows = Array.from({ length: 48 }, (_, h) => `${new Date(start + h * hour).toISOString().slice(0, 16).replace('T', ' ')},${40 + (h % 24)}`);
  writeFileSync(join(folder, 'price', 'price_own.csv'), `datetime_utc,${region}\n${rows.join('\n')}\n`);
  return folder;
}

describe('a data folder with prices alone', () => {
  it('keeps its prices, and has the rest generated as in the nearest calibrated region', () => {
    const folder = pricesOnly('OWN');
    const world = loadWorld(folder, { places });
    const own = world.conditions('OWN', start, 24, 3600);
    const like = syntheticWorld({ seed: 0, regions: ['DE-LU'] }).conditions('DE-LU', start, 24, 3600);
    expect([...own.priceUsdPerMwh]).toEqual(Array.from({ length: 24 }, (_, h) => 40 + h));
    expect(own.carbonKgPerKwh).toEqual(like.carbonKgPerKwh);
    expect(own.outdoorCelsius).toEqual(like.outdoorCelsius);
    expect(world.generated?.('OWN')).toContain('carbon intensity, temperature, cloud cover, wind speed for OWN: generated as in DE-LU');
    expect(world.span('OWN')).toEqual({ startMs: start, endMs: start + 48 * hour });
  });

  it('does not say where it lies, so somebody must', () => {
    expect(() => loadWorld(pricesOnly('OWN')).place('OWN')).toThrow(/latitude, longitude and timeZone/);
  });

  it('is good for data check, which says what is generated', () => {
    const { good, regions } = checkFolder(pricesOnly('US-TEX-ERCO'));
    expect(good).toBe(true);
    expect(regions[0]).toMatchObject({ usable: true, lacks: [], generated: { what: ['carbon', 'temperature', 'cloud cover', 'wind speed'], as: 'US-TEX-ERCO' } });
  });
});

it('a region that no generator was fitted for is generated as its neighbour, at its own place', () => {
  const world = syntheticWorld({ seed: 3, regions: ['OWN'], places });
  expect(world.place('OWN')).toEqual(berlin);
  expect(world.conditions('OWN', start, 24, 3600)).toEqual(syntheticWorld({ seed: 3, regions: ['DE-LU'] }).conditions('DE-LU', start, 24, 3600));
  expect(() => syntheticWorld({ seed: 3, regions: ['OWN'] })).toThrow(/latitude, longitude and timeZone/);
});
