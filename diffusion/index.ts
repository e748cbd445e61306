export { createDiffusionModel } from './ddpm.js';
export type { DiffusionModel, DiffusionModelOptions } from './ddpm.js';
export { shapingKinds, shapingSchema } from './shapers/options.js';
export type { ShapingOptions } from './shapers/options.js';
export { fillNormals } from './noiseTable.js';
export { noiseBlocks, reverseProcess } from './reverse.js';
export { noiseSchedule, stepEmbedding } from './schedule.js';
export { createLabelShaper } from './shapers/shaper.js';
export type { Shaper, ShapingBatch, ShapingSizes } from './shapers/shaper.js';
