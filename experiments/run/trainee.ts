import type { Training } from '../../agents/index.js';
import type { DayResults } from './evaluate.js';
import type { Setting } from './setting.js';

/** A policy that can be judged, kept and exported, however it decides. */
export interface RunPolicy {
  /** All that it has learned. Written over, it is another policy. */
  readonly weights: Float32Array;
  /** What it does on the days with the jobs of `seed`; nothing is explored or learned. */
  results(days: readonly string[], seed: number, options?: { record?: boolean }): DayResults;
  /** It as an ONNX model, or the part of it that is a function of numbers; its metadata says which. */
  onnx(): Promise<Uint8Array>;
}

/** Whatever learns to schedule, as a run needs it: something to train a day at a time, and the policy it has now. */
export interface Trainee {
  readonly training: Training;
  readonly policy: RunPolicy;
  /** Whether the policy has learned anything yet; before, it is no candidate for the best one. */
  readonly learned: boolean;
  /** By how much a checkpoint may grow until the end. */
  readonly replayBytes?: number;
}

/** How agents of a kind are made. Throws InputError for a setting that the kind does not fit. */
export interface AgentMaker {
  /** With weights of zero, to be loaded. */
  policy(setting: Setting): RunPolicy;
  /** Everything that learns, compiled and seeded. */
  trainee(setting: Setting): Promise<Trainee>;
}
