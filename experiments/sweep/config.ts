import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { parseYaml, validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';
import type { ExperimentConfig } from '../run/config.js';
import { experimentName, experimentSchema, resolveExperiment } from '../run/config.js';
import { pinScheduler } from '../run/ownScheduler.js';
import type { RunSpec } from './spec.js';

const settings = z.record(z.string(), z.unknown());
const seedRange = /^(\d+)\.\.(\d+)$/;

/** A sweep: every setting of `list`, combined with every one of `grid`, trained with every seed. */
export const sweepSchema = z.strictObject({
  experiment: experimentName
    .describe('name of the folder under which runs are kept'),
  preset: z.string().optional().describe('experiment that every run starts from'),
  config: z.string().optional().describe("experiment's YAML file laid over the preset; relative to the sweep's own"),
  set: settings.default({}).describe('keys that all runs share, such as agent.batchSize: 64'),
  grid: z.record(z.string(), z.array(z.unknown()).min(1)).default({}).describe('values of keys, of which every combination is run'),
  list: z.array(settings).min(1).default([{}]).describe('settings of keys that belong together'),
  seeds: z
    .union([z.array(experimentSchema.shape.seed.unwrap()), z.string().regex(seedRange, 'expected a list such as [0, 1, 2], or FROM..TO')])
    .default([0])
    .describe('seeds of each training: a list, or FROM..TO; [] trains nothing'),
  schedulers: z.array(z.string()).default([]).describe('rule-based schedulers, judged once for each setting'),
  bound: z.boolean().default(false).describe('also bound what any policy can reach, once for each setting'),
});

export type SweepConfig = z.infer<typeof sweepSchema>;

/** Reads a sweep's YAML file. Throws InputError naming the file and what is wrong with it. */
export function readSweep(file: string): { sweep: SweepConfig; specs: RunSpec[] } {
  const sweep = validate(sweepSchema, parseYaml(readText(file), file) ?? {}, file);
  return { sweep, specs: sweepSpecs(sweep, file) };
}

/** Every run of a sweep, resolved. `file` is what messages name and paths are relative to. */
export function sweepSpecs(sweep: SweepConfig, file: string): RunSpec[] {
  const seeds = seedsOf(sweep, file);
  checkSize(sweep, seeds.length, file);
  const specs: RunSpec[] = [];
  for (const setting of sweep.list.flatMap((entry) => combinations(sweep.grid).map((values) => ({ ...entry, ...values })))) {
    const resolved = resolveSetting(sweep, setting, file);
    for (const seed of seeds) specs.push({ kind: 'train', config: { ...resolved, seed } });
    for (const scheduler of sweep.schedulers) specs.push({ kind: 'scheduler', config: resolved, scheduler: pinScheduler(scheduler, dirname(file)) });
    if (sweep.bound) specs.push({ kind: 'bound', config: resolved });
  }
  if (specs.length === 0) throw new InputError(`${file}: there is nothing to run; give seeds, schedulers or bound: true.`);
  return specs;
}

/** More runs than a folder or a list of jobs is made for; who means it makes several sweeps. */
const mostRuns = 100_000;

/** Throws InputError for a seed that a run would refuse, a range that ends before it starts, or one that is too long. */
function seedsOf({ seeds }: SweepConfig, file: string): readonly number[] {
  if (typeof seeds !== 'string') return seeds;
  const [from, to] = seedRange.exec(seeds)!.slice(1).map(Number) as [number, number];
  validate(experimentSchema.shape.seed.unwrap(), to, `${file}: "seeds"`);
  if (to < from) throw new InputError(`${file}: "seeds": ${seeds} ends before it starts.`);
  if (to - from >= mostRuns) throw new InputError(`${file}: "seeds": ${seeds} names ${to - from + 1} seeds; expected at most ${mostRuns}.`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function checkSize({ list, grid, schedulers, bound }: SweepConfig, seeds: number, file: string): void {
  const settings = Object.values(grid).reduce((product, values) => product * values.length, list.length);
  const runs = settings * (seeds + schedulers.length + Number(bound));
  if (runs > mostRuns) throw new InputError(`${file}: its list, grid and seeds make ${runs} runs; expected at most ${mostRuns}.`);
}

function combinations(grid: SweepConfig['grid']): Record<string, unknown>[] {
  return Object.entries(grid).reduce<Record<string, unknown>[]>(
    (all, [key, values]) => all.flatMap((setting) => values.map((value) => ({ ...setting, [key]: value }))),
    [{}],
  );
}

/** These decide what else there is to set, so they come first, as flags do on the command line. */
const flags = { 'agent.kind': 'agent', 'shaping.kind': 'shaping', 'world.data': 'data', steps: 'steps' } as const;

function resolveSetting(sweep: SweepConfig, setting: Record<string, unknown>, file: string): ExperimentConfig {
  const keys = Object.entries({ ...sweep.set, ...setting });
  const isFlag = (key: string): key is keyof typeof flags => Object.hasOwn(flags, key);
  try {
    return resolveExperiment({
      preset: sweep.preset,
      config: sweep.config === undefined ? undefined : resolve(dirname(file), sweep.config),
      ...Object.fromEntries(keys.flatMap(([key, value]) => (isFlag(key) && value !== null ? [[flags[key], value]] : []))),
      set: [
        ...keys.filter(([key, value]) => !isFlag(key) || value === null).map(([key, value]) => `${key}=${JSON.stringify(value)}`),
        `experiment=${sweep.experiment}`,
      ],
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${file}: ${error.message}`);
  }
}
