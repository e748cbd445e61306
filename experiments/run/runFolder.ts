import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { InputError } from '../../src/io/errors.js';
import { readYaml, validate } from '../../src/io/config.js';
import { clearAside, ensureFolder, readJson, readText, writeAtomic } from '../../src/io/files.js';
import type { Lock } from '../../src/io/lock.js';
import { withLock } from '../../src/io/lock.js';
import type { ExperimentConfig } from './config.js';
import { experimentSchema } from './config.js';
import type { Evaluation } from './summarise.js';
import { summarySchema } from './summaryFile.js';

/** Where the parts of a run lie. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly metrics: string;
  /** All that is needed to go on bit for bit. */
  readonly checkpoint: string;
  /** Weights of the policy that did best on the validation days. */
  readonly policyWeights: string;
  readonly policyOnnx: string;
  readonly summary: string;
  /** The first test day of the best policy, for viewers. */
  readonly day: string;
  readonly figures: string;
  /** Seconds since the run began at each row of `metrics`: all that differs when a run is repeated. */
  readonly timing: string;
  /** The numbers of `metrics` for TensorBoard. */
  readonly events: string;
  /** Which run of which MLflow server it is, if it is one. */
  readonly mlflow: string;
  /** What kind of run of a sweep it is. */
  readonly spec: string;
  /** Why the run failed, until it is run again. */
  readonly failure: string;
  /** How far the run is, while it runs in a sweep. */
  readonly progress: string;
  readonly lock: string;
}

/** What `summary.json` of a training holds: a function of the configuration only. */
export interface RunSummary {
  readonly steps: number;
  readonly parameters: number;
  readonly validation: { readonly utility: number; readonly lateRate: number; readonly step: number };
  /** On the test days: the best validated policy, the last one, and the one that training began with. */
  readonly test: { readonly best: Evaluation; readonly last: Evaluation; readonly start?: Evaluation | undefined };
  readonly schedulers: Readonly<Record<string, { readonly validation?: Evaluation | undefined; readonly test: Evaluation }>>;
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, 'config.yaml'),
    metrics: join(path, 'metrics.csv'),
    checkpoint: join(path, 'checkpoint', 'state.safetensors'),
    policyWeights: join(path, 'checkpoint', 'policy.safetensors'),
    policyOnnx: join(path, 'policy.onnx'),
    summary: join(path, 'summary.json'),
    day: join(path, 'day.json'),
    figures: join(path, 'figures'),
    timing: join(path, 'timing.csv'),
    events: join(path, 'events.out.tfevents.jouleflow'),
    mlflow: join(path, 'mlflow.json'),
    spec: join(path, 'spec.json'),
    failure: join(path, 'failure.json'),
    progress: join(path, 'progress.json'),
    lock: join(path, 'lock'),
  };
}

/** `<out>/<experiment>/<agent>-<shaping>-s<seed>`. */
export const runPath = (out: string, { experiment, agent, shaping, seed }: ExperimentConfig): string =>
  join(out, experiment, `${agent.kind}-${shaping.kind}-s${seed}`);

/** Makes the folder of a new run; what is left there of an earlier one is removed. */
export function createRun(path: string, config: ExperimentConfig): RunFolder {
  const folder = runFolder(path);
  ensureFolder(path);
  const { metrics, timing, checkpoint, policyWeights, policyOnnx, summary, day, figures, failure, events, mlflow } = folder;
  for (const part of [metrics, timing, checkpoint, policyWeights, policyOnnx, summary, day, figures, failure, events, mlflow]) {
    rmSync(part, { recursive: true, force: true });
  }
  writeAtomic(folder.config, stringify(config));
  return folder;
}

/**
 * How far the run of this configuration is that the folder holds; `new` if there is none, or it has no checkpoint yet, or
 * `overwrite` says that whatever is there may go. Throws InputError if a run of another configuration is in the way.
 */
export function stateOf(folder: RunFolder, config: ExperimentConfig, overwrite: boolean): 'new' | 'stopped' | 'finished' {
  if (overwrite || !existsSync(folder.config)) return 'new';
  if (readText(folder.config) !== stringify(config)) {
    throw new InputError(`${folder.path} holds a run of another configuration; use --overwrite, --out or --set experiment=NAME.`);
  }
  if (existsSync(folder.summary)) return 'finished';
  return existsSync(folder.checkpoint) ? 'stopped' : 'new';
}

/**
 * Holds a run folder, made if it is not there, while `work` writes it, so that no other process does; what a killed one
 * left half written is cleared away. Throws InputError naming the process that holds it, or why it cannot be written.
 */
export async function withRunLock<T>(folder: RunFolder, work: (lock: Lock) => Promise<T>): Promise<T> {
  ensureFolder(folder.path);
  return withLock(folder.lock, async (lock) => {
    for (const at of [folder.path, dirname(folder.checkpoint)]) clearAside(at);
    return work(lock);
  });
}

/** Opens an existing run. Throws InputError if the folder holds none, or its configuration is not valid. */
export function openRun(path: string): { folder: RunFolder; config: ExperimentConfig } {
  const folder = runFolder(path);
  if (!existsSync(folder.config)) throw new InputError(`${path} is no run folder: it has no config.yaml.`);
  return { folder, config: validate(experimentSchema, readYaml(folder.config), folder.config) };
}

/** Makes a run a finished one; the last file that is written. */
export const writeSummary = (folder: RunFolder, summary: unknown): void =>
  writeAtomic(folder.summary, `${JSON.stringify(summary, null, 2)}\n`);

/** Throws InputError if the run has not finished. */
export function readSummary(folder: RunFolder): RunSummary {
  if (!existsSync(folder.summary)) throw new InputError(`${folder.path} has not finished: it has no summary.json.`);
  return validate(summarySchema, readJson(folder.summary), folder.summary);
}
