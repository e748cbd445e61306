import { clairvoyantBound } from '../../agents/bound/index.js';
import { generateJobs, loadHighs } from '../../envs/index.js';
import { progressBar } from '../../src/io/progress.js';
import { textTable } from '../../src/io/table.js';
import { mean } from '../../src/math/statistics.js';
import { resolveExperiment } from '../run/config.js';
import type { Output } from './output.js';
import type { Setting } from '../run/setting.js';
import { covered, loadSetting } from '../run/setting.js';

export interface BoundArguments {
  days?: string | undefined;
  preset?: string | undefined;
  data?: string | undefined;
  seed?: number | undefined;
  set?: readonly string[] | undefined;
}

/** The bound of one day in utility units, and how long it took to find. */
export interface DayBound {
  readonly day: string;
  readonly bound: number;
  readonly seconds: number;
}

/** `jouleflow bound`: the utility that no policy can exceed on each of the days. */
export async function boundCommand(args: BoundArguments, output: Output): Promise<void> {
  const setting = await loadSetting(resolveExperiment(args));
  const dates = args.days === undefined ? setting.days.test : covered(setting, args.days, '--days');
  const days = await dayBounds(setting, dates, args.seed ?? setting.config.evaluation.seed);
  const average = mean(days.map((day) => day.bound));
  const rows = days.map(({ day, bound, seconds }) => [day, bound.toFixed(1), seconds.toFixed(1)]);
  output.say(textTable(['day', 'bound', 'seconds'], [...rows, ['mean', average.toFixed(1), '']]));
  output.document({ days, mean: average });
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
