/** What other programs may use: every link of the chain, from a kernel's time to the agent that schedules a fleet. */

// Tensor programs: what a kernel takes, and learning to make it take less.
export { createTuner, knobFeatures, methods as tunerMethods } from './workloads/tensor/index.js';
export type { Measurement, SearchSpace, Tuner, TunerInput, TunerMethod } from './workloads/tensor/index.js';

// A workload on a device: time, power and energy.
export { deviceNamed, estimate, loadDevice, modelNamed, workloadOf } from './workloads/power/index.js';
export type { Device, Estimate, EstimateRequest, Kernel, ModelledDevice, Workload } from './workloads/power/index.js';

// The outside world: prices, carbon, weather, arrivals.
export { arrivalProfile, genTd26Profile, loadWorld, syntheticWorld } from './datasets/index.js';
export type { ArrivalProfile, Conditions, Place, Span, World } from './datasets/index.js';

// The fleet and its environments.
export { checkEnv, FleetControlEnv, FleetSimulator, generateJobs, JobDispatchEnv, loadHighs, parseFleet } from './envs/index.js';
export type {
  DayRecord,
  DayTotals,
  Decision,
  EnergyManager,
  Environment,
  FleetConfig,
  FleetControlOptions,
  FleetInput,
  FleetOptions,
  FleetView,
  JobBatch,
  JobDispatchOptions,
  Market,
  Outcome,
  ServedFleet,
  SlotAccount,
  Step,
  Storage,
} from './envs/index.js';

// Who schedules: rules, plans and agents; and what no one can exceed.
export { createPlanner, createScheduler, plannerNames, runDay, schedulerNames, tuneLambda } from './agents/schedulers/index.js';
export type { Scheduler } from './agents/schedulers/index.js';
export { agentKinds, agentOf, createShaper } from './agents/index.js';
export type { Agent, AgentKind, AgentSetting, DayResults, RunPolicy, SchedulingEnvironment, Trainee, Training, TrainingDay } from './agents/index.js';
export { shapingKinds, shapingSchema } from './diffusion/index.js';
export type { Shaper, ShapingBatch, ShapingOptions, ShapingSizes } from './diffusion/index.js';
export { clairvoyantBound, hindsightUtility, isBounded, isSearched } from './agents/bound/index.js';
export type { BoundProblem } from './agents/bound/index.js';
export { randomStream } from './src/math/random.js';
export type { RandomStream } from './src/math/random.js';

// Experiments: training and judging.
export { createTrainee, evaluate, loadSetting, resolveExperiment, train } from './experiments/index.js';
export type { EvaluateOptions, Evaluation, Experiment, ExperimentConfig, RunSummary, Setting, Subject, TrainOptions } from './experiments/index.js';

// Decisions of a trained policy.
export { loadPolicy } from './web/decide/policy.js';
export type { DecisionPolicy, JobDecision } from './web/decide/policy.js';
export type { DecisionRequest } from './web/decide/request.js';
