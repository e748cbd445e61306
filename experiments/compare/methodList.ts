import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { plannerNames, schedulerNames } from '../../agents/schedulers/index.js';
import { readYaml, validate } from '../../src/io/config.js';
import { InputError, suggest } from '../../src/io/errors.js';
import type { ExperimentConfig } from '../run/config.js';
import { experimentSchema, resolveExperiment } from '../run/config.js';
import { isOwnScheduler, pinScheduler } from '../run/ownScheduler.js';
import { tunedName } from '../run/evaluate.js';

const id = z.string().regex(/^[\w.-]+$/, 'expected letters, digits, ".", "_" and "-" only');
const assignments = z
  .record(z.string(), z.unknown())
  .default({})
  .describe('keys of the experiment by path, as in --set: {agent.nStep: 10, "fleet.sites.*.pv.peakKw": 0}');
const someMethods = z.array(id).optional();

const methodSchema = z.strictObject({
  id: id.describe('how other parts of the list and --methods call it'),
  name: z.string().min(1).describe('how figures and tables call it'),
  scheduler: z.string().optional().describe('a scheduler instead of an agent that learns: by name, or a module of your own, such as ./mine.js'),
  preset: z.string().optional().describe("experiment that it changes; the list's if not given"),
  set: assignments,
  steps: experimentSchema.shape.steps.unwrap().optional().describe("environment steps, where the list's would be no fair budget; --steps goes before both"),
  reference: z.boolean().default(false).describe('learns, but is what learners are measured by: no candidate for best-learner'),
  seeds: z.int().min(1).optional().describe('fewer seeds than the others, where a run costs too much'),
});

/** `learner`: whichever learning method did best on the validation days of the first problem, test days unseen. */
export const bestLearner = 'best-learner';

const claimSchema = z.union([
  z.strictObject({
    ask: z.string().describe('the question, answered yes or no'),
    better: id.describe('a method, or best-learner'),
    than: id,
    problem: id.optional().describe('the first one if not given'),
  }),
  z.strictObject({
    ask: z.string(),
    shareOf: id.describe('a method, or best-learner'),
    atLeast: z.number().optional().describe('aim; without it the share is only reported'),
    problem: id.optional(),
  }),
]);

/** Runs of a method beyond which its interval hardly narrows. */
export const mostSeeds = 1000;

const listSchema = z.strictObject({
  title: z.string(),
  about: z.string().describe('what is compared and under which settings, for the report'),
  preset: z.string().optional().describe('experiment that every method changes'),
  config: z.string().optional().describe('YAML file laid over the preset; its path is relative to that of the list'),
  seeds: z.int().min(1).max(mostSeeds).default(6).describe('runs of each method that learns'),
  steps: z.int().min(1).optional().describe("environment steps of each run; the experiment's if not given"),
  set: assignments,
  problems: z
    .array(
      z.strictObject({
        id,
        name: z.string(),
        set: assignments,
        methods: someMethods.describe('methods that are run on it; all if not given'),
        bound: z.boolean().default(true).describe('whether the clairvoyant bound holds for it and is computed'),
      }),
    )
    .min(1)
    .default([{ id: 'usual', name: 'usual', set: {}, bound: true }]),
  methods: z.array(methodSchema).min(1),
  claims: z.array(claimSchema).default([]),
  convergence: someMethods.describe('methods whose learning is drawn; all that learn if not given'),
  behaviour: z.array(id).default([bestLearner]).describe('methods whose decisions are looked at on the first problem'),
});

export type MethodList = z.infer<typeof listSchema>;
export type Method = MethodList['methods'][number];
export type Problem = MethodList['problems'][number];
export type Claim = MethodList['claims'][number];

const folder = join(import.meta.dirname, 'lists');

export const listNames = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();

/** The shipped method list of that name. Throws InputError for an unknown one, or one that contradicts itself. */
export function loadMethodList(name: string): MethodList {
  if (!listNames().includes(name)) throw new InputError(`--preset: there is no comparison "${name}".${suggest(name, listNames())}`);
  return readMethodList(join(folder, `${name}.yaml`), name);
}

/**
 * The method list of a file; paths in it are relative to it. Throws InputError for a file that cannot be read, or a list
 * that contradicts itself.
 */
export function readMethodList(file: string, name = file): MethodList {
  const list = validate(listSchema, readYaml(file), `comparison ${name}`);
  checkList(list, name);
  const from = dirname(file);
  return {
    ...list,
    ...(list.config !== undefined && { config: join(from, list.config) }),
    methods: list.methods.map((method) => ({ ...method, ...(method.scheduler !== undefined && { scheduler: pinScheduler(method.scheduler, from) }) })),
  };
}

function checkList(list: MethodList, name: string): void {
  const ids = list.methods.map((method) => method.id);
  const twice = ids.find((one, at) => ids.indexOf(one) < at);
  if (twice !== undefined) throw new InputError(`comparison ${name}: two methods are called "${twice}".`);
  const named = [
    ...list.problems.flatMap((problem) => problem.methods ?? []),
    ...list.claims.flatMap((claim) => ('shareOf' in claim ? [claim.shareOf] : [claim.better, claim.than])),
    ...(list.convergence ?? []),
    ...list.behaviour,
  ];
  const unknown = named.find((one) => one !== bestLearner && !ids.includes(one));
  if (unknown !== undefined) throw new InputError(`comparison ${name}: there is no method "${unknown}".${suggest(unknown, ids)}`);
  for (const { id: method, scheduler } of list.methods) {
    if (scheduler === undefined || schedulers.includes(scheduler) || isOwnScheduler(scheduler)) continue;
    throw new InputError(`comparison ${name}, method ${method}: there is no scheduler "${scheduler}".${suggest(scheduler, schedulers)}`);
  }
}

const schedulers = [...schedulerNames, ...plannerNames, tunedName];

/** What the command line says about a comparison. */
export interface Choice {
  readonly seeds?: number | undefined;
  readonly steps?: number | undefined;
  readonly data?: string | undefined;
  readonly methods?: readonly string[] | undefined;
}

/** One thing to run: a method on a problem with a seed (null for a scheduler, which has none), or a problem's bound. */
export interface Cell {
  readonly problem: Problem;
  readonly method: Method | null;
  readonly seed: number | null;
  readonly config: ExperimentConfig;
}

/**
 * Everything that a comparison runs: for each problem its bound, its schedulers, then every method's first seed, every
 * method's second and so on, so that a comparison stopped early has all methods with fewer seeds.
 * Throws InputError for a method that is not in the list, or a key that does not exist.
 */
export function expand(list: MethodList, choice: Choice): Cell[] {
  const ids = list.methods.map((method) => method.id);
  const strange = choice.methods?.find((one) => !ids.includes(one));
  if (strange !== undefined) throw new InputError(`--methods: there is no "${strange}".${suggest(strange, ids)}`);
  const chosen = list.methods.filter((method) => choice.methods?.includes(method.id) ?? true);
  const seeds = choice.seeds ?? list.seeds;
  const configOf = (problem: Problem, method: Method | null, seed: number): ExperimentConfig => {
    const steps = choice.steps ?? method?.steps ?? list.steps;
    return resolveExperiment({
      preset: method?.preset ?? list.preset,
      config: list.config,
      seed,
      ...(steps === undefined ? {} : { steps }),
      ...(choice.data === undefined ? {} : { data: choice.data }),
      // A run that learns judges no schedulers: they are methods of their own here.
      set: asAssignments({ experiment: 'runs', 'evaluation.schedulers': [], ...list.set, ...problem.set, ...(method?.set ?? {}) }),
    });
  };
  const on = (problem: Problem): Method[] => chosen.filter((method) => problem.methods?.includes(method.id) ?? true);
  const bounds = list.problems
    .filter((problem) => problem.bound)
    .map((problem) => ({ problem, method: null, seed: null, config: withoutLearning(configOf(problem, null, 0)) }));
  const rules = list.problems.flatMap((problem) =>
    on(problem)
      .filter((method) => method.scheduler !== undefined)
      .map((method) => ({ problem, method, seed: null, config: withoutLearning(configOf(problem, method, 0)) })),
  );
  const learned = Array.from({ length: seeds }, (_, seed) =>
    list.problems.flatMap((problem) =>
      on(problem)
        .filter((method) => method.scheduler === undefined && seed < (method.seeds ?? seeds))
        .map((method) => ({ problem, method, seed, config: configOf(problem, method, seed) })),
    ),
  );
  return [...rules, ...bounds, ...learned.flat()];
}

/** What no scheduler and no bound depends on, as it is by default: so that comparisons share their runs. */
function withoutLearning(config: ExperimentConfig): ExperimentConfig {
  const { seed, steps, agent, shaping, checkpointSteps, evaluation } = experimentSchema.parse({});
  return { ...config, seed, steps, agent, shaping, checkpointSteps, evaluation: { ...config.evaluation, everySteps: evaluation.everySteps } };
}

/** JSON is YAML, so that values go through --set's own door. */
const asAssignments = (set: Record<string, unknown>): string[] =>
  Object.entries(set).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
