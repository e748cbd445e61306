import type { Highs } from 'highs';
import type { SchedulingEnvironment } from '../../agents/index.js';
import { plannerNames, tuneLambda } from '../../agents/schedulers/index.js';
import type { TextRequests, World } from '../../datasets/index.js';
import { arrivalProfile, azureText, loadWorld, syntheticWorld, textRequests } from '../../datasets/index.js';
import type { EnergyManager } from '../../envs/index.js';
import { energyControls, FleetControlEnv, FleetSimulator, JobDispatchEnv, loadHighs, loadManager, ThresholdManager } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';
import type { ExperimentConfig } from './config.js';
import type { SettingDays } from './settingDays.js';
import { allDays, judgedDays } from './settingDays.js';
import { servedText } from './served.js';

/** The world of an experiment: what its configuration names, loaded. */
export interface Setting {
  readonly config: ExperimentConfig;
  readonly world: World;
  /** Weights of arrivals by local hour; the busiest is 1. */
  readonly profile: Float64Array;
  /** Shadow price of 300 s of backlog, as configured or tuned; utility units per GPU-second. */
  readonly backlogPrice: number;
  /** What a policy must know of it to decide outside the simulator; see `readServed`. */
  readonly served: string;
  /** Loaded if one of the schedulers it was loaded for plans. */
  readonly highs: Highs | undefined;
  readonly days: SettingDays;
  /** A fresh environment of the configured kind. */
  environment(): SchedulingEnvironment;
  /** A fresh simulator of the configured fleet, for schedulers. */
  simulator(): FleetSimulator;
}

/** What a setting is loaded for, where that is less than a whole experiment. */
export interface Purpose {
  /** Those that `schedulerFor` will be asked for on it; the configuration's by default. */
  readonly schedulers?: readonly string[] | undefined;
  /** Only these days, as `--days` says them, are to be judged: the configuration's are looked at where something asks for them. */
  readonly days?: string | undefined;
}

/**
 * Loads the world and expands the days. Throws InputError for a bad data folder, a region it does not have, or days it does
 * not cover.
 */
export async function loadSetting(
  config: ExperimentConfig,
  { schedulers = config.evaluation.schedulers, days: judged }: Purpose = {},
): Promise<Setting> {
  const { fleet, world: source } = config;
  const world =
    source.data === null
      ? syntheticWorld({ seed: source.seed, regions: [...new Set(fleet.sites.map((site) => site.region))] })
      : loadWorld(source.data);
  const profile = arrivalProfile(source.data ?? undefined).weightByLocalHour;
  const days = judged === undefined ? allDays({ world, config }) : judgedDays({ world, config }, judged);
  for (const { region } of fleet.sites) world.place(region);
  const text = fleet.jobs.text.perDay > 0 ? textRequests(source.data ?? undefined) : azureText;
  const parts = { fleet, world, profile, text };
  const { strategy } = fleet.management;
  // One for all: a manager plans afresh at the start of a day, and no two days are run at once. Where the agent learns to
  // manage energy, rule-based schedulers, which cannot, have price thresholds do it on the same fleet.
  const manager = strategy === 'learned' ? new ThresholdManager() : await loadManager(fleet);
  const simulator = (): FleetSimulator => new FleetSimulator({ ...parts, manager });
  const wanted = config.environment.backlogPrice;
  const backlogPrice = wanted === 'tuned' ? tuneLambda(simulator(), days.validation, config.evaluation.seed).lambda : wanted;
  return {
    config,
    world,
    profile,
    backlogPrice,
    served: servedText(config, backlogPrice),
    highs: schedulers.some((name) => plannerNames.includes(name)) ? await loadHighs() : undefined,
    days,
    environment: () => {
      const drawn = judged === undefined ? days.train : days.test;
      return createEnvironment(config, strategy === 'lp' ? { ...parts, manager } : parts, drawn, backlogPrice);
    },
    simulator,
  };
}

function createEnvironment(
  { environment: { kind, dispatch, controls, settlement, priceRange } }: ExperimentConfig,
  parts: { fleet: ExperimentConfig['fleet']; world: World; profile: Float64Array; text: TextRequests; manager?: EnergyManager },
  days: readonly string[],
  backlogPrice: number,
): SchedulingEnvironment {
  const shadowPrices = { actionPerGpuSecond: priceRange, backlogPerGpuSecond: backlogPrice };
  const unfit = (key: string, found: string, fits: string): InputError =>
    new InputError(`environment.${key}: ${found} does not go with ${kind}; expected ${fits}.`);
  if (kind === 'fleet-control') {
    if (dispatch === 'logits') throw unfit('dispatch', dispatch, 'price or shares');
    const all = parts.fleet.management.strategy === 'learned' && controls.length === 0;
    return new FleetControlEnv({ ...parts, days, dispatch, controls: all ? energyControls : controls, settlement, shadowPrices });
  }
  if (dispatch === 'shares') throw unfit('dispatch', dispatch, 'price or logits');
  if (controls.length > 0) throw unfit('controls', controls.join(', '), 'none');
  return new JobDispatchEnv({ ...parts, days, encoding: dispatch, settlement, shadowPrices });
}
