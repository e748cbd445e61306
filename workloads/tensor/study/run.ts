import { InputError } from '../../../src/io/errors.js';
import { kernelExperience, programExperience } from '../models/experience.js';
import { knobFeatures } from '../models/features.js';
import { withHistory } from '../measure/history.js';
import type { MeasuredSpace } from '../measure/kernelTunerCache.js';
import { readKernelTunerCache } from '../measure/kernelTunerCache.js';
import type { Direction, Objective } from '../measure/objective.js';
import { isTime, valueOfCost } from '../measure/objective.js';
import type { Measurer } from '../measure/measurer.js';
import type { Method, TunerInput } from '../strategies/methods.js';
import { createTuner } from '../strategies/methods.js';
import { parseMethods, wholeNumber } from './options.js';
import { replayMeasurer } from '../measure/replay.js';
import { runSession } from './session.js';
import type { Configuration } from '../space.js';
import { configurationAt } from '../space.js';
import { Tally } from '../measure/tally.js';
import { compareWithDefault } from '../wasm/compare.js';
import { wasmMeasurer } from '../wasm/measure.js';
import type { Operator } from '../wasm/operator.js';
import { parseOperator } from '../wasm/operator.js';
import { programFeatures } from '../wasm/programFeatures.js';
import { scheduleSpace } from '../wasm/schedule.js';

export interface RunOptions {
  method: Method;
  trials: number;
  seed: number;
  /** History file to write; a run that was interrupted goes on from it. */
  out: string;
  /** Histories (or caches) of other workloads or devices to learn from. */
  history: readonly string[];
  /** Called after every trial with how many are done and the best value so far; NaN while everything failed. */
  onTrial?: (done: number, best: number, objective: Objective) => void;
}

export interface RunResult {
  readonly space: string;
  readonly method: Method;
  readonly seed: number;
  readonly trials: number;
  /** Of these, taken from the history file. */
  readonly resumed: number;
  readonly failed: number;
  /** Whether the histories learned from agreed with what was measured; null where none was learned from. */
  readonly historyTrusted: boolean | null;
  readonly objective: Objective;
  /** Null when every trial failed. `value` is in the objective's unit; a time is there as `timeMs` too. */
  readonly best: { readonly config: Configuration; readonly value: number; readonly timeMs?: number } | null;
}

async function run(input: Omit<TunerInput, 'trials' | 'seed'>, measurer: Measurer, options: RunOptions): Promise<RunResult & { bestIndex: number | undefined }> {
  const { method, out, onTrial } = options;
  const trials = wholeNumber('trials', options.trials, 1, 1_000_000);
  const seed = wholeNumber('seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const { space } = input;
  const tuner = createTuner(method, { ...input, seed, trials });
  const tally = new Tally();
  let resumed = 0;
  let failed = 0;
  const valueAt = (at: number | undefined): number => (at === undefined ? NaN : valueOfCost(space.objective, tally.costs[at]!));
  await withHistory(out, space, (file) =>
    runSession({
      space,
      tuner,
      measurer,
      trials,
      history: { file, method, seed },
      onTrial: ({ index, measurement, known }, done) => {
        tally.add(index, measurement);
        if (!measurement.ok) failed++;
        if (known) resumed++;
        onTrial?.(done, valueAt(tally.best()), space.objective);
      },
    }),
  );
  const at = tally.best();
  const bestIndex = at === undefined ? undefined : tally.indices[at]!;
  const value = valueAt(at);
  const best = bestIndex === undefined ? null : { config: configurationAt(space.knobs, bestIndex), value, ...(isTime(space.objective) ? { timeMs: value } : {}) };
  return { space: space.name, objective: space.objective, method, seed, trials: tally.indices.length, resumed, failed, historyTrusted: tuner.trustsHistory ?? null, best, bestIndex };
}

export interface ReplayRunResult extends RunResult {
  /** The best mean, in the objective's unit; a time is there as `optimumMs` too. */
  readonly optimum: number;
  readonly optimumMs?: number;
  /** True mean cost of the best found / optimum: 1 is best, whatever the objective's direction. */
  readonly ratio: number | null;
}

/** What the command line gives. */
export interface TargetOptions extends Omit<RunOptions, 'method'> {
  target: 'wasm' | 'replay';
  method: string;
  op?: string | undefined;
  shape?: string | undefined;
  layer?: string | undefined;
  cache?: string | undefined;
  objective?: string | undefined;
  direction?: Direction | undefined;
}

/** Tunes the target that the options describe. Throws InputError if they do not describe one. */
export async function runTarget({ target, method: methodName, op, shape, layer, cache, objective, direction, ...rest }: TargetOptions): Promise<ReplayRunResult | WasmRunResult> {
  const methods = parseMethods(methodName);
  if (methods.length !== 1) throw new InputError(`--method is "${methodName}"; expected one method.`);
  const options = { ...rest, method: methods[0]! };
  if (target === 'replay') {
    if (cache === undefined) throw new InputError('--target replay needs --cache, a Kernel Tuner cache file.');
    return runReplay(readKernelTunerCache(cache, { objective, direction }), options);
  }
  if (objective !== undefined || direction !== undefined) throw new InputError('--objective and --direction go with --target replay; --target wasm measures times.');
  if (op === undefined) throw new InputError('--target wasm needs --op, matmul or conv2d.');
  return runWasm(parseOperator(op, shape, layer), options);
}

/** Tunes a measured space, as if it were measured now. */
export async function runReplay(space: MeasuredSpace, options: RunOptions): Promise<ReplayRunResult> {
  const input = { space, features: knobFeatures(space.knobs), experience: kernelExperience(options.history, space) };
  const { bestIndex, ...result } = await run(input, replayMeasurer(space, options.seed), options);
  const ratio = bestIndex === undefined ? null : space.costs[space.rowOf.get(bestIndex)!]! / space.optimum;
  const optimum = valueOfCost(space.objective, space.optimum);
  return { ...result, optimum, ...(isTime(space.objective) ? { optimumMs: optimum } : {}), ratio };
}

export interface WasmRunResult extends RunResult {
  readonly flop: number;
  readonly comparison: Awaited<ReturnType<typeof compareWithDefault>> | null;
}

/** Tunes generated programs on this machine, and compares the best with the untuned default and with ONNX Runtime. */
export async function runWasm(operator: Operator, options: RunOptions): Promise<WasmRunResult> {
  const space = scheduleSpace(operator);
  const experience = programExperience(options.history);
  const measurer = await wasmMeasurer(space);
  const { bestIndex, ...result } = await run({ space, features: programFeatures(space), experience }, measurer, options);
  const comparison = bestIndex === undefined ? null : await compareWithDefault(space, measurer, bestIndex);
  return { ...result, flop: operator.flop, comparison };
}
