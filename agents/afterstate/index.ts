export { Afterstates, afterstateNames } from './features.js';
export { createValueLearner } from './learner.js';
export { valueNetwork } from './networks.js';
export { AfterstateScheduler } from './scheduler.js';
export { createAfterstateTraining, slotsCount } from './training.js';
