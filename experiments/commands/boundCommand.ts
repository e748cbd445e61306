import { isSearched, unsearched } from '../../agents/bound/index.js';
import { InputError } from '../../src/io/errors.js';
import { textTable } from '../../src/io/table.js';
import type { Bracket } from '../run/bounds.js';
import { dayBounds, meanBracket } from '../run/bounds.js';
import { resolveExperiment } from '../run/config.js';
import { loadSetting } from '../run/setting.js';
import type { Output } from './output.js';

export interface BoundArguments {
  days?: string | undefined;
  preset?: string | undefined;
  config?: string | undefined;
  data?: string | undefined;
  seed?: number | undefined;
  hindsight?: boolean | undefined;
  set?: readonly string[] | undefined;
}

/** `jouleflow bound`: the utility that no policy can exceed on each of the days, and on demand what a search in hindsight reaches. */
export async function boundCommand({ hindsight = false, ...args }: BoundArguments, output: Output): Promise<void> {
  const setting = await loadSetting(resolveExperiment(args), { schedulers: [], days: args.days });
  if (hindsight && !isSearched(setting.config.fleet)) throw new InputError(unsearched);
  const days = await dayBounds(setting, setting.days.test, args.seed ?? setting.config.evaluation.seed, { hindsight });
  const mean = meanBracket(days);
  const searched = ({ bound, hindsight: found }: Bracket): string[] => (found === null ? [] : [found.toFixed(1), bound! > 0 ? (found / bound!).toFixed(3) : '-']);
  const rows = days.map((day) => [day.day, day.bound.toFixed(1), ...searched(day), day.seconds.toFixed(1)]);
  output.say(
    textTable(
      ['day', 'bound', ...(hindsight ? ['hindsight', 'share'] : []), 'seconds'],
      [...rows, ['mean', mean.bound!.toFixed(1), ...searched(mean), '']],
    ),
  );
  output.document({ days, mean: mean.bound, meanHindsight: mean.hindsight });
}
