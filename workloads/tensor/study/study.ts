import { meanWithInterval } from '../../../src/math/statistics.js';
import { kernelExperience } from '../models/experience.js';
import type { Experience } from '../models/transfer.js';
import { knobFeatures } from '../models/features.js';
import type { HistoryFile } from '../measure/history.js';
import { withHistory } from '../measure/history.js';
import type { MeasuredSpace } from '../measure/kernelTunerCache.js';
import type { Method } from '../strategies/methods.js';
import { createTuner } from '../strategies/methods.js';
import { wholeNumber } from './options.js';
import type { Objective } from '../measure/objective.js';
import { isTime, valueOfCost } from '../measure/objective.js';
import { replayMeasurer } from '../measure/replay.js';
import type { Trial } from './session.js';
import { runSession } from './session.js';
import { Tally } from '../measure/tally.js';

/** Share of a round for measuring again: a replayed measurement is a single sample. */
const confirm = 0.25;

export const budgets = [64, 128, 256, 512] as const;

export interface MethodResult {
  readonly name: Method;
  /** Cost of the best found / optimum after so many trials, over the seeds: 1 is best, whatever the objective's direction. */
  readonly ratio: Readonly<Record<string, { mean: number; ci95: number }>>;
  readonly tunerMsPerTrial: number;
  /** Sessions at whose end the history misled and was dropped; null where none was learned from. */
  readonly historyDropped: number | null;
}

export interface StudyResult {
  readonly space: string;
  readonly configurations: number;
  readonly failed: number;
  readonly objective: Objective;
  /** The best mean, in the objective's unit. */
  readonly optimum: number;
  /** The same, where the objective is a time. */
  readonly optimumMs?: number;
  readonly seeds: number;
  readonly methods: readonly MethodResult[];
}

export interface StudyOptions {
  methods: readonly Method[];
  trials: number;
  seeds: number;
  /** Histories or caches of the same kernel elsewhere to learn from. */
  history?: readonly string[];
  /** Where to keep every trial; a study that was interrupted goes on from it. */
  out?: string | undefined;
  /** Called after every session with how many are done. */
  onSession?: (done: number) => void;
}

/**
 * Replays every method with seeds 0, 1, ...: a tuner sees single samples, and is judged by the true mean of the
 * configuration that these make look best (`Tally.best`).
 */
export async function replayStudy(space: MeasuredSpace, { out, ...options }: StudyOptions): Promise<StudyResult> {
  wholeNumber('trials', options.trials, 1, 1_000_000);
  wholeNumber('seeds', options.seeds, 1, 10_000);
  const methods = out === undefined ? await replayMethods(space, options) : await withHistory(out, space, (file) => replayMethods(space, options, file));
  const optimum = valueOfCost(space.objective, space.optimum);
  return {
    space: space.name,
    configurations: space.indices.length,
    failed: space.failures.size,
    objective: space.objective,
    optimum,
    ...(isTime(space.objective) ? { optimumMs: optimum } : {}),
    seeds: options.seeds,
    methods,
  };
}

async function replayMethods(space: MeasuredSpace, { methods, trials, seeds, history = [], onSession }: Omit<StudyOptions, 'out'>, file?: HistoryFile): Promise<MethodResult[]> {
  const experience = kernelExperience(history, space);
  const marks = [...budgets.filter((budget) => budget < trials), trials];
  const results: MethodResult[] = [];
  let sessions = 0;
  for (const method of methods) {
    const ofMethod: ReplaySession[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      ofMethod.push(await replaySession(space, { method, seed, trials, experience, file }));
      onSession?.(++sessions);
    }
    const sum = (of: (session: ReplaySession) => number): number => ofMethod.reduce((total, session) => total + of(session), 0);
    results.push({
      name: method,
      ratio: Object.fromEntries(marks.map((mark) => [mark, meanWithInterval(ofMethod.map((session) => ratioAt(session, mark)))])),
      tunerMsPerTrial: sum(({ tunerMs }) => tunerMs) / sum(({ ratios }) => ratios.length),
      historyDropped: ofMethod.every(({ trustsHistory }) => trustsHistory === undefined) ? null : ofMethod.filter(({ trustsHistory }) => trustsHistory === false).length,
    });
  }
  return results;
}

export interface ReplaySession {
  /** Cost of what looks best after each trial / optimum, by true means. */
  readonly ratios: Float64Array;
  /** The tuner's own time. */
  readonly tunerMs: number;
  readonly trustsHistory: boolean | undefined;
}

/** A session's ratio after so many trials, or at its end where the space was used up before. */
export const ratioAt = ({ ratios }: ReplaySession, trials: number): number => ratios[Math.min(trials, ratios.length) - 1]!;

export interface SessionChoice {
  method: Method;
  seed: number;
  trials: number;
  experience?: Experience | undefined;
  file?: HistoryFile | undefined;
}

/** Lets one tuner spend its trials on a measured space. */
export async function replaySession(space: MeasuredSpace, { method, seed, trials, experience, file }: SessionChoice): Promise<ReplaySession> {
  const tuner = createTuner(method, { space, features: knobFeatures(space.knobs), seed, trials, experience, confirm });
  const history = file === undefined ? {} : { history: { file, method, seed } };
  const session = await runSession({ space, tuner, measurer: replayMeasurer(space, seed), trials, ...history });
  const ratios = trueCostOfBest(space, session.trials).map((cost) => cost / space.optimum);
  return { ratios, tunerMs: session.tunerMs, trustsHistory: tuner.trustsHistory };
}

/** After each trial, the true mean cost of the configuration that looks best by what was measured. */
function trueCostOfBest(space: MeasuredSpace, trials: readonly Trial[]): Float64Array {
  const tally = new Tally();
  return Float64Array.from(trials, ({ index, measurement }) => {
    tally.add(index, measurement);
    const best = tally.best();
    return best === undefined ? Infinity : space.costs[space.rowOf.get(tally.indices[best]!)!]!;
  });
}
