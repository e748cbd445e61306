export { createDiffusionModel } from './ddpm.js';
export type { DiffusionModel, DiffusionModelOptions } from './ddpm.js';
export { shapingKinds, shapingSchema } from './options.js';
export type { ShapingOptions } from './options.js';
export { noiseSchedule, stepEmbedding } from './schedule.js';
export { createShaper } from './shaper.js';
export type { Shaper, ShapingBatch, ShapingSizes } from './shaper.js';
