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
export { demonstrate } from './demonstrations.js';
export { boxHead, choiceAndLevelHead } from './heads.js';
export type { ActionHead, Exploration, SampledAction } from './heads.js';
export { createLearner } from './learner.js';
export type { Learner, UpdateReport } from './learner.js';
export { actorCriticKinds, agentKinds, agentSchema, resolveAgent } from './options.js';
export type { ActorCriticKind, AgentKind, AgentOptions, AgentSettings } from './options.js';
export { jointPolicy, sharedPolicy } from './policyNetwork.js';
export type { PolicyNetwork } from './policyNetwork.js';
export { createReplayBuffer } from './replay.js';
export type { ReplayBuffer, Transition } from './replay.js';
export { choiceAndGaussianHead, gaussianHead } from './stochasticHeads.js';
export { createPlanner, createScheduler, plannerNames, runDay, schedulerNames, tuneLambda } from './schedulers/index.js';
export type { Scheduler } from './schedulers/index.js';
export { createTraining } from './train.js';
export type { StepInfo, Training, TrainingDay, TrainingParts } from './train.js';
