import type { Highs } from 'highs';
import type { SchedulingEnvironment, StepInfo } from '../../agents/index.js';
import { plannerNames, tunePrices } from '../../agents/schedulers/index.js';
import type { TextRequests, World } from '../../datasets/index.js';
import { arrivalProfile, azureText, loadWorld, syntheticWorld, textRequests } from '../../datasets/index.js';
import type { FleetEnvironment, PriceCoefficients } from '../../envs/index.js';
import { energyControls, FleetControlEnv, FleetSimulator, JobDispatchEnv, loadHighs, ThresholdManager, TwinEnv } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';
import type { ExperimentConfig } from './config.js';
import { placesOf } from './places.js';
import type { SettingDays } from './settingDays.js';
import { allDays, judgedDays } from './settingDays.js';
import type { SchedulerMaker } from './ownScheduler.js';
import { isOwnScheduler, loadOwnScheduler } from './ownScheduler.js';
import { servedText } from './served.js';

/** The world of an experiment: what its configuration names, loaded. */
export interface Setting {
  readonly config: ExperimentConfig;
  readonly world: World;
  /** What is not known of the fleet's regions and therefore generated, a sentence each. */
  readonly generated: readonly string[];
  /** Weights of arrivals by local hour; the busiest is 1. */
  readonly profile: Float64Array;
  /** The rule that prices start from, as configured or tuned. */
  readonly rule: PriceCoefficients;
  /** What a policy must know of it to decide outside the simulator; see `readServed`. */
  readonly served: string;
  /** Schedulers of one's own that it was loaded for, by name. */
  readonly own: ReadonlyMap<string, SchedulerMaker>;
  /** Loaded if one of the schedulers it was loaded for plans. */
  readonly highs: Highs | undefined;
  readonly days: SettingDays;
  /** A fresh environment of the configured kind, and one to learn in, which pays relative to a twin if that is configured. */
  environment(): SchedulingEnvironment;
  learningEnvironment(): SchedulingEnvironment;
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
  const places = placesOf(fleet);
  const world =
    source.data === null
      ? syntheticWorld({ seed: source.seed, regions: [...new Set(fleet.sites.map((site) => site.region))], places })
      : loadWorld(source.data, { places });
  const profile = arrivalProfile(source.data ?? undefined).weightByLocalHour;
  const days = judged === undefined ? allDays({ world, config }) : judgedDays({ world, config }, judged);
  for (const { region } of fleet.sites) world.place(region);
  const generated = [...new Set(fleet.sites.map(({ region }) => region))].flatMap((region) => world.generated?.(region) ?? []);
  const text = fleet.jobs.text.perDay > 0 ? textRequests(source.data ?? undefined) : azureText;
  const parts = { fleet, world, profile, text };
  const { strategy } = fleet.management;
  // Where the agent learns to manage energy, rule-based schedulers, which cannot, have price thresholds do it.
  const others = strategy === 'learned' ? { manager: new ThresholdManager() } : {};
  const simulator = (): FleetSimulator => new FleetSimulator({ ...parts, ...others });
  const wanted = config.environment.rule;
  const rule = wanted === 'tuned' ? tunePrices(simulator(), days.validation, config.evaluation.seed).rule : wanted;
  const drawn = (): readonly string[] => (judged === undefined ? days.train : days.test);
  return {
    config,
    world,
    generated,
    profile,
    rule,
    served: servedText(config, rule),
    own: new Map(await Promise.all(schedulers.filter(isOwnScheduler).map(async (name) => [name, await loadOwnScheduler(name)] as const))),
    highs: schedulers.some((name) => plannerNames.includes(name)) ? await loadHighs() : undefined,
    days,
    environment: () => createEnvironment(config, parts, drawn(), rule),
    learningEnvironment: () => {
      const own = createEnvironment(config, parts, drawn(), rule);
      return config.environment.twin ? new TwinEnv(own, referenceEnvironment(config, parts, drawn(), rule)) : own;
    },
    simulator,
  };
}

/** Says on stderr what is generated because it is not known. */
export const sayGenerated = ({ generated }: Setting): void => generated.forEach((sentence) => process.stderr.write(`${sentence}\n`));

/** An environment whose policy at an action of zeros is the rule, with no energy controls. */
function referenceEnvironment(config: ExperimentConfig, ...parts: Parameters<typeof createEnvironment> extends [unknown, ...infer Rest] ? Rest : never): FleetEnvironment<StepInfo> {
  const management = config.fleet.management.strategy === 'learned' ? { ...config.fleet.management, strategy: 'threshold' as const } : config.fleet.management;
  const fleet = { ...config.fleet, management };
  return createEnvironment({ ...config, fleet, environment: { ...config.environment, dispatch: 'price', controls: [] } }, { ...parts[0], fleet }, parts[1], parts[2]);
}

function createEnvironment(
  { environment: { kind, dispatch, controls, settlement, priceRange, features } }: ExperimentConfig,
  parts: { fleet: ExperimentConfig['fleet']; world: World; profile: Float64Array; text: TextRequests },
  days: readonly string[],
  rule: PriceCoefficients,
): FleetEnvironment<StepInfo> {
  const prices = { rule, priceRange, features };
  const unfit = (key: string, found: string, fits: string): InputError =>
    new InputError(`environment.${key}: ${found} does not go with ${kind}; expected ${fits}.`);
  if (kind === 'fleet-control') {
    if (dispatch === 'logits') throw unfit('dispatch', dispatch, 'price or shares');
    const all = parts.fleet.management.strategy === 'learned' && controls.length === 0;
    return new FleetControlEnv({ ...parts, days, dispatch, controls: all ? energyControls : controls, settlement, ...prices });
  }
  if (dispatch === 'shares') throw unfit('dispatch', dispatch, 'price or logits');
  if (controls.length > 0) throw unfit('controls', controls.join(', '), 'none');
  return new JobDispatchEnv({ ...parts, days, encoding: dispatch, settlement, ...prices });
}
