export {
  Afterstates,
  afterstateNames,
  AfterstateScheduler,
  createAfterstateTraining,
  createValueLearner,
  slotsCount,
  valueNetwork,
} from './afterstate/index.js';
export { createSearch, featureWeights, greedyParameters, parameterCount, PriceRule, sharedFeatures, siteFeatures } from './cem/index.js';
export { demonstrate } from './actorCritic/demonstrations.js';
export { boxHead, choiceAndLevelHead } from './actorCritic/heads.js';
export type { ActionHead, Exploration, SampledAction } from './actorCritic/heads.js';
export { createLearner } from './actorCritic/learner.js';
export type { Learner, UpdateReport } from './actorCritic/learner.js';
export { actorCriticKinds, agentKinds, agentSchema, resolveAgent } from './options.js';
export type { ActorCriticKind, AgentKind, AgentOptions, AgentSettings } from './options.js';
export { jointPolicy, sharedPolicy } from './actorCritic/networks.js';
export type { PolicyNetwork } from './actorCritic/networks.js';
export { createReplayBuffer } from './replay.js';
export type { ReplayBuffer, Transition } from './replay.js';
export { choiceAndGaussianHead, gaussianHead } from './actorCritic/stochasticHeads.js';
export { createPlanner, createScheduler, plannerNames, runDay, schedulerNames, tuneLambda } from './schedulers/index.js';
export type { Scheduler } from './schedulers/index.js';
export { createTraining } from './actorCritic/training.js';
export type { StepInfo, Training, TrainingDay, TrainingParts } from './actorCritic/training.js';
