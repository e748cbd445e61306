import { tunePrices } from '../../agents/schedulers/index.js';
import { InputError } from '../../src/io/errors.js';
import { textTable } from '../../src/io/table.js';
import { resolveExperiment } from '../run/config.js';
import { loadSetting } from '../run/setting.js';
import type { Output } from './output.js';

export interface PricesArguments {
  preset?: string | undefined;
  config?: string | undefined;
  data?: string | undefined;
  set?: readonly string[] | undefined;
  late?: number | undefined;
}

/** `jouleflow prices`: the rule of prices that is best on the validation days of an experiment's fleet. */
export async function pricesCommand(args: PricesArguments, output: Output): Promise<void> {
  if (args.late !== undefined && !(args.late >= 0 && args.late <= 1)) throw new InputError(`--late: found ${args.late}, expected a share from 0 to 1.`);
  const { config, days, simulator } = await loadSetting(resolveExperiment(args), { schedulers: [] });
  const { rule, utility, lateRate, tried } = tunePrices(simulator(), days.validation, config.evaluation.seed, args.late);
  const rounded = Object.fromEntries(Object.entries(rule).map(([key, value]) => [key, Number(value.toPrecision(6))]));
  output.say(`${tried} rules tried on ${days.validation.length} validation days.`);
  output.say(textTable([...Object.keys(rounded), 'utility', 'late %'], [[...Object.values(rounded).map(String), utility.toFixed(0), (100 * lateRate).toFixed(2)]]));
  output.say(`To use it: --set 'environment.rule=${JSON.stringify(rounded)}'`);
  output.document({ rule: rounded, validation: { utility, lateRate }, tried });
}
