export { createDiffusionModel } from './ddpm.js';
export type { DiffusionModel, DiffusionModelOptions } from './ddpm.js';
export { shapingKinds, shapingSchema } from './shapers/options.js';
export type { ShapingOptions } from './shapers/options.js';
export { noiseSchedule, stepEmbedding } from './schedule.js';
export { createShaper } from './shapers/shaper.js';
export type { Shaper, ShapingBatch, ShapingSizes } from './shapers/shaper.js';
