import type { Conditions, Place, World } from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';

const hourMs = 3_600_000;
const places: Record<string, Place & { base: number; swing: number }> = {
  'US-CAL-CISO': { latitudeDegrees: 34.05, longitudeDegrees: -118.24, timeZone: 'America/Los_Angeles', base: 60, swing: 35 },
  'US-TEX-ERCO': { latitudeDegrees: 32.78, longitudeDegrees: -96.8, timeZone: 'America/Chicago', base: 40, swing: 50 },
  'US-MIDA-PJM': { latitudeDegrees: 39.04, longitudeDegrees: -77.49, timeZone: 'America/New_York', base: 35, swing: 12 },
};

/** A repeatable pseudo-random value in [0, 1) for an hour of a region. */
function noise(region: string, hour: number, salt: number): number {
  let h = 2166136261 ^ salt;
  for (let i = 0; i < region.length; i++) h = Math.imul(h ^ region.charCodeAt(i), 16777619);
  h = Math.imul(h ^ hour, 2246822519);
  h = Math.imul(h ^ (h >>> 13), 3266489917);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** A small world of daily waves with noise, covering any time: enough to exercise the fleet, true to no market. */
export function testWorld(): World {
  const known = (region: string): (typeof places)[string] => {
    const place = places[region];
    if (place === undefined) throw new InputError(`Region "${region}" is unknown.`);
    return place;
  };
  return {
    name: 'test',
    regions: Object.keys(places),
    span: () => ({ startMs: -Infinity, endMs: Infinity }),
    place: known,
    conditions: (region, startMs, slots, slotSeconds) => {
      const { base, swing, longitudeDegrees } = known(region);
      const instants = Array.from({ length: slots }, (_, slot) => {
        const hour = Math.floor((startMs + slot * slotSeconds * 1000) / hourMs);
        const local = (hour + longitudeDegrees / 15) % 24;
        const evening = Math.cos(((local - 19) * Math.PI) / 12);
        return {
          priceUsdPerMwh: base + swing * evening + 20 * (noise(region, hour, 1) - 0.5) - (noise(region, hour, 2) < 0.02 ? 150 : 0),
          carbonKgPerKwh: 0.35 + 0.1 * evening,
          outdoorCelsius: 15 + 8 * Math.cos(((local - 15) * Math.PI) / 12),
          cloudCover: noise(region, Math.floor(hour / 6), 3),
          windMetresPerSecond: 10 * noise(region, Math.floor(hour / 3), 4),
        };
      });
      return columns((key) => Float64Array.from(instants, (instant) => instant[key]));
    },
  };
}

interface Instant {
  priceUsdPerMwh: number;
  carbonKgPerKwh: number;
  outdoorCelsius: number;
  cloudCover: number;
  windMetresPerSecond: number;
}

/** A world whose conditions never change, so that results must not depend on the length of a slot. */
export function constantWorld(
  instant: Instant = { priceUsdPerMwh: 50, carbonKgPerKwh: 0.4, outdoorCelsius: 15, cloudCover: 0.5, windMetresPerSecond: 0 },
): World {
  return {
    ...testWorld(),
    name: 'constant',
    conditions: (_region, _startMs, slots) => columns((key) => new Float64Array(slots).fill(instant[key])),
  };
}

function columns(column: (key: keyof Instant) => Float64Array): Conditions {
  return {
    priceUsdPerMwh: column('priceUsdPerMwh'),
    carbonKgPerKwh: column('carbonKgPerKwh'),
    outdoorCelsius: column('outdoorCelsius'),
    cloudCover: column('cloudCover'),
    windMetresPerSecond: column('windMetresPerSecond'),
  };
}

/** Weights of office-hours arrivals, peak 1 at 15:00 local. */
export const testProfile: readonly number[] = Array.from({ length: 24 }, (_, hour) => (1 + Math.cos(((hour - 15) * Math.PI) / 12)) / 2);
