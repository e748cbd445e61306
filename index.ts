/** What other programs may use: the fleet and its environments, worlds, schedulers, and trained policies. */
export { createScheduler, runDay, schedulerNames, tuneLambda } from './agents/schedulers/index.js';
export type { Scheduler } from './agents/schedulers/index.js';
export { arrivalProfile, genTd26Profile, loadWorld, syntheticWorld } from './datasets/index.js';
export type { ArrivalProfile, Conditions, Place, World } from './datasets/index.js';
export { checkEnv, FleetControlEnv, FleetSimulator, JobDispatchEnv, parseFleet } from './envs/index.js';
export type { DayRecord, DayTotals, Environment, FleetConfig, Step } from './envs/index.js';
export { loadPolicy } from './web/decide/policy.js';
export type { DecisionPolicy, JobDecision } from './web/decide/policy.js';
export type { DecisionRequest } from './web/decide/request.js';
