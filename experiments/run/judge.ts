import { existsSync } from 'node:fs';
import type { DayResults, Scheduler } from '../../agents/index.js';
import { InputError } from '../../src/io/errors.js';
import { loadRunPolicy } from './agent.js';
import type { ExperimentConfig } from './config.js';
import { evaluateScheduler, schedulerFor } from './evaluate.js';
import { policyFileResults, readPolicyFile } from './policyFile.js';
import { openRun } from './runFolder.js';
import type { Setting } from './setting.js';
import { loadSetting } from './setting.js';

/** Someone who decides, on the setting on which that is judged. */
export interface Judged {
  readonly name: string;
  readonly setting: Setting;
  results(days: readonly string[], seed: number, record: boolean): DayResults | Promise<DayResults>;
}

/**
 * A scheduler, by name or as an object, on an experiment's fleet; `days` as `--days` says them, the test days by default.
 * Throws InputError for an unknown name or days that the world does not cover.
 */
export async function judgeScheduler(scheduler: string | Scheduler, config: ExperimentConfig, days?: string): Promise<Judged> {
  const named = typeof scheduler === 'string';
  const setting = await loadSetting(config, { schedulers: named ? [scheduler] : [], days });
  const decides = named ? schedulerFor(setting, scheduler) : scheduler;
  return {
    name: named ? scheduler : scheduler.name,
    setting,
    results: (dates, seed, record) => evaluateScheduler(setting, decides, dates, { seed, record }),
  };
}

/** The best policy of a finished run; `data` is a folder of series instead of those it was trained on. Throws InputError for no run. */
export async function judgeRun(path: string, { data, days }: { data?: string | undefined; days?: string | undefined } = {}): Promise<Judged> {
  const { folder, config } = openRun(path);
  if (!existsSync(folder.policyWeights)) throw new InputError(`${path} has not finished training: it has no policy yet.`);
  const judged: ExperimentConfig = data === undefined ? config : { ...config, world: { ...config.world, data } };
  const setting = await loadSetting(judged, { schedulers: [], days });
  const policy = loadRunPolicy(folder, setting);
  return { name: path, setting, results: (dates, seed, record) => policy.results(dates, seed, { record }) };
}

/** A policy from an ONNX file, wherever it was trained, on an experiment's fleet. Throws InputError for what is no policy. */
export async function judgePolicy(path: string, config: ExperimentConfig, days?: string): Promise<Judged> {
  const policy = readPolicyFile(path);
  const setting = await loadSetting(config, { schedulers: [], days });
  return {
    name: path,
    setting,
    results: (dates, seed, record) => policyFileResults(policy, setting.environment(), dates, { seed, record }),
  };
}
