export type { Conditions, Place, World } from './world.js';
export { loadWorld } from './realWorld.js';
export { syntheticWorld } from './synthetic/index.js';
