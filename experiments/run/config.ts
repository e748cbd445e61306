import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { agentSchema, checkAgent, plannerNames, schedulerNames } from '../../agents/index.js';
import { shapingSchema } from '../../diffusion/index.js';
import { defaultPrices, energyControls, featureLists, fleetConfigSchema, settlements, usualPriceRange } from '../../envs/index.js';
import { expandAlias } from './aliases.js';
import { tunedName } from './evaluate.js';
import { overlay, readYaml, setByPath, validate } from '../../src/io/config.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';

const days = (range: string, what: string) => z.string().default(range).describe(`${what}; FROM..TO[/EVERY], comma-separated, UTC`);

/** Days of 86,400 steps of a second, for longer than any machine runs. */
const mostSteps = 1e9;
const seed = () => z.int().min(0).max(2 ** 31 - 1);

/** The name of a folder below that of all runs, and never of one outside it. */
export const experimentName = z
  .string()
  .max(100)
  .regex(/^[\w.-]+$/, 'expected letters, digits, ".", "_" and "-" only')
  .refine((name) => !/^\.+$/.test(name), 'expected a name that is more than dots');

const coefficient = (value: number) => z.number().min(-10).max(10).default(value);

/** The rule of prices; see `PriceRule`. */
export const ruleSchema = z.strictObject({
  linear: coefficient(defaultPrices.linear).describe('price of 300 s of backlog per GPU, utility units per GPU-second'),
  quadratic: coefficient(defaultPrices.quadratic).describe('price of its square'),
  arrivals: coefficient(defaultPrices.arrivals).describe("price of expected arrivals of the next hour relative to the day's mean, less 1"),
  margin: z.number().min(0).max(100).default(defaultPrices.margin).describe('share of the expected time of a job that is kept before its deadline, for where it may take longer'),
});

/** A whole experiment; every key has a default, and its unit in its name or its description. */
export const experimentSchema = z.strictObject({
  experiment: experimentName
    .default('default')
    .describe('name of the folder under which runs are kept'),
  seed: seed().default(0).describe('seed of every random stream of the run'),
  steps: z.int().min(1).max(mostSteps).default(100_000).describe('environment steps to train for'),
  world: z
    .strictObject({
      data: z.string().nullable().default(null).describe('folder of real series; null takes the embedded generator'),
      seed: seed().default(0).describe('seed of the embedded generator'),
    })
    .prefault({}),
  days: z
    .strictObject({
      train: days('2022-01-01..2022-12-31', 'days to learn on'),
      validation: days('2022-01-15..2022-12-31/30', 'days that choose the best policy; left out of training'),
      test: days('2023-01-10..2023-12-31/26', 'days that are reported'),
    })
    .prefault({}),
  environment: z
    .strictObject({
      kind: z.enum(['fleet-control', 'job-dispatch']).default('fleet-control').describe('a step is a slot, or a job'),
      dispatch: z
        .enum(['price', 'shares', 'logits'])
        .default('price')
        .describe('what the action says of jobs: shadow prices, shares origin x site (slots only), or a destination and a step level (jobs only)'),
      priceRange: z.number().positive().max(1000).default(usualPriceRange).describe("price of GPU time that an action of 1 adds to the rule's, utility units per GPU-second"),
      rule: z
        .union([ruleSchema, z.literal('tuned')])
        .prefault({})
        .describe('the rule of prices that an action of 0 leaves, and the scheduler "prices" goes by; tuned: the best on the validation days'),
      settlement: z.enum(settlements).default('sparse').describe('when and whether the reward is paid'),
      features: z.array(z.enum(featureLists)).default([]).describe('what is observed of each site besides: prices, what prices of GPU time and of stored energy hang on; priceOutlook, prices of the next 24 hours'),
      twin: z.boolean().default(false).describe('whether an agent is paid for what it does better than the rule on the same jobs'),
      controls: z
        .array(z.enum(energyControls))
        .default([])
        .describe('what else the agent sets at each site (slots only); all of it if none is named and fleet.management.strategy is learned'),
    })
    .prefault({}),
  agent: agentSchema,
  shaping: shapingSchema,
  fleet: fleetConfigSchema.prefault({}),
  evaluation: z
    .strictObject({
      everySteps: z.int().min(1).max(mostSteps).default(2880).describe('environment steps between two looks at the validation days'),
      seed: seed().default(1).describe("seed of the jobs of validation and test days; not the run's, so that runs compare"),
      schedulers: z
        .array(z.enum([...schedulerNames, ...plannerNames, tunedName]))
        .default(['random', 'local', 'shortest-wait', 'greedy', tunedName])
        .describe('rule-based schedulers reported beside the agent'),
    })
    .prefault({}),
  checkpointSteps: z.int().min(1).max(mostSteps).default(28_800).describe('environment steps between two checkpoints (taken at the end of a day)'),
});

export type ExperimentConfig = z.infer<typeof experimentSchema>;

const presetFolder = join(import.meta.dirname, '..', 'presets');

export const presetNames = (): string[] =>
  readdirSync(presetFolder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();

/** What a preset is for, as the comment at its head says it. */
export function presetAbout(name: string): string {
  const head = /^(#.*\n)+/.exec(readText(join(presetFolder, `${name}.yaml`)))?.[0] ?? '';
  return head.replace(/^# ?/gm, '').replace(/\s+/g, ' ').trim();
}

/** What the command line may say about an experiment; later ones win: preset, config file, flags, `set`. */
export interface ExperimentArguments {
  preset?: string | undefined;
  config?: string | undefined;
  agent?: string | undefined;
  shaping?: string | undefined;
  seed?: number | undefined;
  steps?: number | undefined;
  data?: string | undefined;
  set?: readonly string[] | undefined;
}

/** Resolves presets, files, flags and single keys into one checked configuration. Throws InputError for anything wrong. */
export function resolveExperiment(given: ExperimentArguments): ExperimentConfig {
  let raw: unknown = { experiment: given.preset ?? 'default' };
  let where = 'configuration';
  const check = (value: unknown): ExperimentConfig => validate(experimentSchema, value, where);
  if (given.preset !== undefined) {
    if (!presetNames().includes(given.preset)) {
      throw new InputError(`--preset: there is no "${given.preset}".${suggest(given.preset, presetNames())}`);
    }
    where = `preset ${given.preset}`;
    raw = overlay(raw, readYaml(join(presetFolder, `${given.preset}.yaml`)));
  }
  if (given.config !== undefined) {
    where = given.config;
    raw = overlay(raw, readYaml(given.config) ?? {});
  }
  const flags = {
    ...(given.seed === undefined ? {} : { seed: given.seed }),
    ...(given.steps === undefined ? {} : { steps: given.steps }),
    ...(given.data === undefined ? {} : { world: { data: given.data } }),
    ...(given.agent === undefined ? {} : { agent: { kind: given.agent } }),
    ...(given.shaping === undefined ? {} : { shaping: { kind: given.shaping } }),
  };
  check(raw);
  where = 'command line';
  // Paths of --set address the resolved whole, so that they reach defaults inside lists.
  let resolved: unknown = check(overlay(raw, flags));
  for (const assignment of (given.set ?? []).flatMap(expandAlias)) resolved = setByPath(resolved, assignment);
  const config = check(resolved);
  checkAgent(config);
  return config;
}
