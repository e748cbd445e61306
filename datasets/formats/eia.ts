import { readCsv } from '../../src/io/csv.js';
import type { HourlySeries } from '../hourly.js';
import { hourlyFile } from './hourlyCsv.js';

/** Generation by fuel, in the codes of the EIA's hourly grid monitor. */
export const eiaFuels = ['WND', 'SUN', 'WAT', 'OIL', 'NG', 'COL', 'NUC', 'OTH'] as const;
export type EiaFuel = (typeof eiaFuels)[number];

export interface EiaGeneration {
  readonly file: string;
  /** MW by fuel. The stamps look hour-ending: a value is what was generated in the hour before its stamp. */
  readonly generationMw: Readonly<Record<EiaFuel, HourlySeries>>;
}

/**
 * A balancing authority's generation: `timestamp` and one column per fuel, MW; slightly negative values (a plant's own
 * use) are kept. Throws InputError as `hourlyFile`.
 */
export function readEia(file: string): EiaGeneration {
  const { series } = hourlyFile(readCsv(file, ['timestamp', ...eiaFuels]), 'timestamp', eiaFuels, {
    unit: 'MW',
    low: -10_000,
    high: 400_000,
    reaches: 0,
    mistaken: 'kW',
  });
  const generationMw = Object.fromEntries(eiaFuels.map((fuel) => [fuel, series.get(fuel)!])) as Record<EiaFuel, HourlySeries>;
  return { file, generationMw };
}
