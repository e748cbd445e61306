export { describeReport, describeRun, describeStudy } from './describe.js';
export { kernelExperience } from './experience.js';
export { readKernelTunerCache } from './kernel-tuner-cache.js';
export { parseMethods } from './options.js';
export { reportHistories } from './report.js';
export { runTarget } from './run.js';
export { replayStudy } from './study.js';
