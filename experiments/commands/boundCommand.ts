import { textTable } from '../../src/io/table.js';
import { mean } from '../../src/math/statistics.js';
import { dayBounds } from '../run/bounds.js';
import { resolveExperiment } from '../run/config.js';
import { loadSetting } from '../run/setting.js';
import type { Output } from './output.js';

export interface BoundArguments {
  days?: string | undefined;
  preset?: string | undefined;
  config?: string | undefined;
  data?: string | undefined;
  seed?: number | undefined;
  set?: readonly string[] | undefined;
}

/** `jouleflow bound`: the utility that no policy can exceed on each of the days. */
export async function boundCommand(args: BoundArguments, output: Output): Promise<void> {
  const setting = await loadSetting(resolveExperiment(args), { schedulers: [], days: args.days });
  const days = await dayBounds(setting, setting.days.test, args.seed ?? setting.config.evaluation.seed);
  const average = mean(days.map((day) => day.bound));
  const rows = days.map(({ day, bound, seconds }) => [day, bound.toFixed(1), seconds.toFixed(1)]);
  output.say(textTable(['day', 'bound', 'seconds'], [...rows, ['mean', average.toFixed(1), '']]));
  output.document({ days, mean: average });
}
