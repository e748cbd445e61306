import type { World } from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';
import type { ExperimentConfig } from './config.js';
import { parseDays } from './days.js';

/** The days of a setting, UTC dates; those to learn on leave out those that choose and judge. */
export interface SettingDays {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

interface Covering {
  readonly config: Pick<ExperimentConfig, 'days' | 'fleet'>;
  readonly world: World;
}

/** The configuration's days, all of them looked at. Throws InputError for days that the world does not cover. */
export function allDays(setting: Covering): SettingDays {
  const validation = configured(setting, 'validation');
  const test = configured(setting, 'test');
  const held = new Set([...validation, ...test]);
  const train = configured(setting, 'train').filter((day) => !held.has(day));
  if (train.length === 0) throw new InputError('days.train: no day is left once validation and test days are taken out.');
  return { train, validation, test };
}

/**
 * Where only the days of `--days` are judged: those are the test days, and the configuration's others are looked at when
 * something asks for them. Throws InputError for days that the world does not cover.
 */
export function judgedDays(setting: Covering, text: string): SettingDays {
  const test = covered(setting, text, '--days');
  return {
    test,
    get validation() {
      return configured(setting, 'validation');
    },
    get train() {
      return allDays(setting).train;
    },
  };
}

const configured = (setting: Covering, key: keyof ExperimentConfig['days']): readonly string[] =>
  covered(setting, setting.config.days[key], `days.${key}`);

const dayMs = 86_400_000;

/** The days that `text` names. Throws InputError naming the first that the world does not cover at every site of the fleet. */
export function covered({ world, config }: Covering, text: string, where: string): readonly string[] {
  const days = parseDays(text, where);
  const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  for (const region of new Set(config.fleet.sites.map((site) => site.region))) {
    const { startMs, endMs } = world.span(region);
    const outside = days.find((day) => Date.parse(day) < startMs || Date.parse(day) + dayMs > endMs);
    if (outside === undefined) continue;
    throw new InputError(`${where}: ${outside} is not covered by ${world.name}, which spans ${date(startMs)} to ${date(endMs - 1)} for ${region}.`);
  }
  return days;
}
