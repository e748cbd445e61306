export { describeStudy } from './describe.js';
export { readKernelTunerCache } from './kernel-tuner-cache.js';
export { parseMethods } from './options.js';
export { replayStudy } from './study.js';
