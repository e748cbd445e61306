import type { BatteryConfig } from './battery.js';
import { Battery, batteryProblem, batterySchema } from './battery.js';
import type { Storage } from './storage.js';

export { valueAfterDay } from './afterDay.js';
export { Battery } from './battery.js';
export type { Storage, StorageLimits } from './storage.js';
export { StoredValue } from './storedValue.js';
export type { EnergyBlock } from './storedValue.js';

/** How a site's storage is configured, and what is wrong with it that its keys alone do not tell. */
export const storageSchema = batterySchema;
export const storageProblem = batteryProblem;
export type StorageConfig = BatteryConfig;

/** The storage of a site, as it is configured. */
export const createStorage = (config: StorageConfig): Storage => new Battery(config);
