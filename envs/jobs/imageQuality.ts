import type { SiteConfig } from '../config/fleetConfig.js';

/**
 * Utility units that one image earns after `steps` denoising steps: a sigmoid in the steps, taken from where it stands
 * without any, so that an image of pure noise earns nothing and endless denoising the ceiling:
 * U (s(steps) - s(0)) / (1 - s(0)) with s(n) = 1 / (1 + exp(-a (n - b))).
 */
export function imageUtility(steps: number, { ceiling, slope, midpoint }: SiteConfig['model']['quality']): number {
  const sigmoid = (n: number): number => 1 / (1 + Math.exp(-slope * (n - midpoint)));
  return (ceiling * (sigmoid(steps) - sigmoid(0))) / (1 - sigmoid(0));
}
