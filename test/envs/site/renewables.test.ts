import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadWorld, readEia, readEpw } from '../../../datasets/index.js';
import { loadDay, parseFleet } from '../../../envs/index.js';
import { clearSkyIrradiance, cloudTransmission, cosineZenith } from '../../../envs/site/solar.js';
import { correlation, mean } from '../../../src/math/statistics.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const hours = 8760;
const startMs = Date.UTC(2022, 0, 1);
const areas = [
  ['US-CAL-CISO', 'CISO'],
  ['US-TEX-ERCO', 'ERCO'],
  ['US-MIDA-PJM', 'PJM'],
] as const;

describe.skipIf(!hasSharedData)('renewables against 2022 as it was', () => {
  const world = loadWorld(sharedData);

  /** A year of 1 kW of PV and 1 kW of wind in a region. */
  function year(region: string): { pv: Float64Array; wind: Float64Array } {
    const fleet = parseFleet({ slotSeconds: 3600, sites: [{ region, pv: { peakKw: 1 }, wind: { ratedKw: 1 } }] });
    const pv = new Float64Array(hours);
    const wind = new Float64Array(hours);
    for (let day = 0; day < 365; day++) {
      const [here] = loadDay(fleet, world, new Date(startMs + day * 86_400_000).toISOString().slice(0, 10)).sites;
      pv.set(here!.pvKw.subarray(0, 24), day * 24);
      wind.set(here!.windKw.subarray(0, 24), day * 24);
    }
    return { pv, wind };
  }

  const years = new Map(areas.map(([region]) => [region, year(region)]));

  it('has PV that moves with the generation of its market hour by hour', () => {
    for (const [region, area] of areas) {
      const { SUN } = readEia(join(sharedData, 'renewables', 'eia_generation_2022', `${area}_NG_avgCI_2022.csv`)).generationMw;
      // The EIA's stamps end their hour, so that the value of the hour from i is stamped i + 1.
      const offset = startMs / 3_600_000 - SUN.firstHour + 1;
      const pairs = Array.from({ length: hours }, (_, i) => [years.get(region)!.pv[i]!, SUN.values[i + offset] ?? NaN]).filter((pair) => Number.isFinite(pair[1]));
      expect(pairs.length).toBeGreaterThan(8500);
      expect(correlation(pairs.map((pair) => pair[0]!), pairs.map((pair) => pair[1]!))).toBeGreaterThan(0.8);
    }
  });

  it('has the capacity factors of its fleets: PV 16 to 24 %, wind 35 % on average over the three', () => {
    for (const { pv } of years.values()) {
      expect(mean(pv)).toBeGreaterThan(0.15);
      expect(mean(pv)).toBeLessThan(0.24);
    }
    expect(mean([...years.values()].map(({ wind }) => mean(wind)))).toBeCloseTo(0.353, 1);
  });

  it('has the irradiance of a typical year within 15 %', () => {
    for (const [region, file] of [['US-TEX-ERCO', 'USA_TX_Dallas-Fort.Worth_slim.csv'], ['US-MIDA-PJM', 'USA_VA_Leesburg.Exec_slim.csv']] as const) {
      const typical = mean(readEpw(join(sharedData, 'renewables', 'epw_tmy', file)).globalWhPerM2);
      const { latitudeDegrees, longitudeDegrees } = world.place(region);
      const { cloudCover } = world.conditions(region, startMs, hours, 3600);
      const modelled = mean(cloudCover.map((cloud, i) => clearSkyIrradiance(cosineZenith(startMs + (i + 0.5) * 3_600_000, latitudeDegrees, longitudeDegrees)) * cloudTransmission(cloud)));
      expect(Math.abs(modelled / typical - 1)).toBeLessThan(0.15);
    }
  });
});
