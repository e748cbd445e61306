import { clairvoyantBound } from '../../agents/bound/index.js';
import { generateJobs, loadHighs } from '../../envs/index.js';
import { progressBar } from '../../src/io/progress.js';
import type { Setting } from './setting.js';

/** The bound of one day in utility units, and how long it took to find. */
export interface DayBound {
  readonly day: string;
  readonly bound: number;
  readonly seconds: number;
}

/** Bounds of days with the jobs of `seed`, for every policy of the setting's configuration. */
export async function dayBounds({ config, world, profile }: Setting, days: readonly string[], seed: number): Promise<DayBound[]> {
  const { fleet, environment } = config;
  const choosesSupply = fleet.management.strategy === 'learned' || environment.controls.includes('supply');
  const highs = await loadHighs();
  const progress = progressBar('bound', days.length);
  try {
    return days.map((day, done) => {
      progress.update(done, day);
      const started = performance.now();
      const jobs = generateJobs(fleet, world, profile, day, seed);
      const bound = clairvoyantBound({ fleet, world, day, jobs, choosesSupply }, highs);
      return { day, bound, seconds: (performance.now() - started) / 1000 };
    });
  } finally {
    progress.stop();
  }
}
