import type { SiteConfig } from '../config/fleetConfig.js';

/** Utility units that one image earns after `steps` denoising steps: U / (1 + exp(-a (s - b))). */
export function imageUtility(steps: number, { ceiling, slope, midpoint }: SiteConfig['model']['quality']): number {
  return ceiling / (1 + Math.exp(-slope * (steps - midpoint)));
}
