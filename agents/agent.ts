import type { z } from 'zod';
import type { ShapingOptions } from '../diffusion/index.js';
import type { DayRecord, DayTotals, Environment, FleetConfig, FleetSimulator, Layout, PriceCoefficients, Settlement } from '../envs/index.js';
import type { Stateful } from '../src/io/checkpoint.js';
import type { DayResults } from './results.js';

/** One training day, as it is logged. Losses are means over the day; null before learning starts. */
export interface TrainingDay {
  readonly step: number;
  readonly episode: number;
  readonly day: string;
  /** null for a day that the step budget cut short. */
  readonly totals: DayTotals | null;
  /** Sum of the rewards that the environment paid, in utility units. */
  readonly paid: number;
  readonly criticLoss: number | null;
  readonly actorLoss: number | null;
  readonly shaperLoss: number | null;
  readonly value: number | null;
}

/** A training that is run a day at a time, and can be saved and taken up again between two days. */
export interface Training extends Stateful {
  readonly step: number;
  readonly done: boolean;
  /** Trains for one day (less if the step budget ends within it). */
  runDay(): Promise<TrainingDay>;
}

/** What a step tells besides its reward. */
export interface StepInfo {
  /** True credit of the step's jobs, as the operator's logs have it: of a slot, or of a single job. */
  readonly settled?: number;
  readonly credit?: number;
  /** Images that arrived in the slot, whatever was done. */
  readonly images?: number;
  /** Only where the outcome of a step shows later: when it is known, and the time now, in seconds of the day. */
  readonly doneSeconds?: number;
  readonly nowSeconds?: number;
  readonly totals?: DayTotals;
}

/** A slot or a job a step, as learning and evaluation see it. */
export interface SchedulingEnvironment extends Environment<StepInfo & { readonly record?: DayRecord }> {
  readonly observationNames: readonly string[];
  readonly observationLayout: Layout;
  readonly actionNames: readonly string[];
}

/** What of a configuration agents read besides their own options. */
export interface ProblemConfig {
  readonly seed: number;
  /** Environment steps to train for. */
  readonly steps: number;
  readonly environment: {
    readonly kind: 'fleet-control' | 'job-dispatch';
    readonly dispatch: 'price' | 'shares' | 'logits';
    readonly settlement: Settlement;
  };
  readonly fleet: FleetConfig;
  readonly shaping: ShapingOptions;
}

/** The same with the options under `agent`, those of other agents included. */
export interface AgentConfig extends ProblemConfig {
  readonly agent: {
    readonly kind: string;
    readonly warmStart: { readonly scheduler: string | null };
    readonly batchSize: number;
    readonly critic: string;
    readonly quantiles: number;
    readonly objective: string;
  };
}

/** What an agent is made for: its configuration, the days it may learn on, and the fleet. */
export interface AgentSetting<Options> {
  readonly config: ProblemConfig & { readonly agent: Options };
  /** The rule that prices start from, as configured or tuned. */
  readonly rule: PriceCoefficients;
  /** What a policy must know, beside its weights, to decide outside the simulator: text for the metadata of its model. */
  readonly served: string;
  /** UTC dates. */
  readonly days: { readonly train: readonly string[] };
  /** A fresh environment of the configured kind, and one to learn in, which may pay otherwise. */
  environment(): SchedulingEnvironment;
  learningEnvironment(): SchedulingEnvironment;
  /** A fresh simulator of the configured fleet. */
  simulator(): FleetSimulator;
}

/** An agent's options as configured, and the kind by which it was called. */
export type OptionsOf<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>> & { readonly kind: string };

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

/**
 * An agent: the names by which configurations call it, the options it reads, and how it is made. A folder of `agents/`
 * holds one (`options`, `networks`, `learner`, `agent`), and a line in `registered.ts` makes it known everywhere.
 */
export interface Agent<Kind extends string, Shape extends z.ZodRawShape> {
  readonly kinds: readonly Kind[];
  /**
   * The keys under `agent` that it reads, each with a unit and a default. Those that several agents read come from
   * `sharedOptions`.
   */
  readonly options: Shape;
  /** Throws InputError for keys that are right alone and wrong together. */
  check(config: AgentConfig): void;
  /** A policy with weights of zero, to be loaded. Throws InputError for a setting that the agent does not fit. */
  policy(setting: AgentSetting<OptionsOf<Shape>>): RunPolicy;
  /** Everything that learns, compiled and seeded. Throws InputError for a setting that the agent does not fit. */
  trainee(setting: AgentSetting<OptionsOf<Shape>>): Promise<Trainee>;
}
