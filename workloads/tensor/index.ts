export { describeReport, describeRun, describeStudy } from './study/describe.js';
export { kernelExperience } from './models/experience.js';
export { readKernelTunerCache } from './measure/kernelTunerCache.js';
export { withUnit } from './measure/objective.js';
export { parseMethods } from './study/options.js';
export { reportHistories } from './study/report.js';
export { runTarget } from './study/run.js';
export { replayStudy } from './study/study.js';
