export { Afterstates, afterstateNames } from './features.js';
export { AfterstateScheduler } from './scheduler.js';
export { createAfterstateTraining, slotsCount } from './training.js';
export { createValueLearner, valueNetwork } from './learner.js';
