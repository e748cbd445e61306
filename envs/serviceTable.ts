import type { FleetConfig } from './config.js';
import { imageUtility } from './physics/quality.js';

/** What one image of a job costs and earns at each site and step choice, at full clock; index `site * levels + level`. */
export interface ServiceTable {
  readonly levels: number;
  readonly steps: Int32Array;
  /** Level of a number of steps, -1 where it is no choice. */
  readonly levelOfSteps: Int16Array;
  /** GPU-seconds per image, the bundle included. */
  readonly gpuSeconds: Float64Array;
  /** Utility units per image done in time. */
  readonly utility: Float64Array;
}

export function serviceTable(fleet: FleetConfig): ServiceTable {
  const steps = Int32Array.from(fleet.stepsChoices);
  const levels = steps.length;
  const levelOfSteps = new Int16Array(steps[levels - 1]! + 1).fill(-1);
  steps.forEach((count, level) => (levelOfSteps[count] = level));
  const gpuSeconds = new Float64Array(fleet.sites.length * levels);
  const utility = new Float64Array(gpuSeconds.length);
  fleet.sites.forEach(({ model }, k) => {
    for (let level = 0; level < levels; level++) {
      const perRequest = model.baseSeconds + model.secondsPerStep * steps[level]!;
      gpuSeconds[k * levels + level] = fleet.jobs.bundleRequests * perRequest;
      utility[k * levels + level] = imageUtility(steps[level]!, model.quality);
    }
  });
  return { levels, steps, levelOfSteps, gpuSeconds, utility };
}
