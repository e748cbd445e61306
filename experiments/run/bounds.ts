import { clairvoyantBound, hindsightUtility, isSearched } from '../../agents/bound/index.js';
import { generateJobs, loadHighs } from '../../envs/index.js';
import { progressBar } from '../../src/io/progress.js';
import type { Setting } from './setting.js';

/** What brackets the best utility of one day, and how long it took to find. */
export interface DayBound {
  readonly day: string;
  /** What no policy can exceed, utility units. */
  readonly bound: number;
  /** What a search that knows the whole day reaches, utility units; null if not asked for or not known, see `isSearched`. */
  readonly hindsight: number | null;
  readonly seconds: number;
}

/** Bounds of days with the jobs of `seed`, for every policy of the setting's configuration; `hindsight` also searches each day. */
export async function dayBounds(setting: Setting, days: readonly string[], seed: number, { hindsight }: { hindsight: boolean }): Promise<DayBound[]> {
  const { config, world, profile, rule } = setting;
  const { fleet, environment } = config;
  const choosesSupply = fleet.management.strategy === 'learned' || environment.controls.includes('supply');
  const highs = await loadHighs();
  const progress = progressBar('bound', days.length);
  const searches = hindsight && isSearched(fleet);
  try {
    return days.map((day, done) => {
      progress.update(done, day);
      const started = performance.now();
      const jobs = generateJobs(fleet, world, profile, day, seed);
      const bound = clairvoyantBound({ fleet, world, day, jobs, choosesSupply }, highs);
      const found = searches ? hindsightUtility({ fleet, world, profile, day, jobs, rule }) : null;
      return { day, bound, hindsight: found, seconds: (performance.now() - started) / 1000 };
    });
  } finally {
    progress.stop();
  }
}

/** Means over days; null where a day has none. */
export interface Bracket {
  readonly bound: number | null;
  readonly hindsight: number | null;
}

/** The mean bracket of days, null for no days. */
export function meanBracket(days: readonly Pick<DayBound, 'bound' | 'hindsight'>[]): Bracket {
  const over = (of: (day: Pick<DayBound, 'bound' | 'hindsight'>) => number | null): number | null => {
    const values = days.map(of);
    return values.length > 0 && values.every((value) => value !== null) ? values.reduce((a, b) => a + b, 0) / values.length : null;
  };
  return { bound: over((day) => day.bound), hindsight: over((day) => day.hindsight) };
}
