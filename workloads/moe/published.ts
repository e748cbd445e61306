import type { ServedModel } from './servedModels.js';

/** A figure that Huang et al. (2024) measured of their mixture-of-experts models. */
export interface PublishedFigure {
  readonly model: ServedModel['name'];
  readonly figure:
    | 'staticLatencyMs'
    | 'speedupOneNode'
    | 'speedupManyNodes'
    | 'memoryPerDeviceGb'
    | 'staticActivationGb'
    | 'dynamicActivationGb'
    | 'wasteFactor';
  readonly value: number;
}

/**
 * What the simulator is compared with; nothing that predicts reads this file. Speed-ups are of dynamic over static
 * gating; the memory of the translation model is compared with its encoder's, the larger one.
 */
export const publishedFigures: readonly PublishedFigure[] = [
  { model: 'lm', figure: 'staticLatencyMs', value: 1090 },
  { model: 'mt-encoder', figure: 'staticLatencyMs', value: 2260 },
  { model: 'mt-decoder', figure: 'staticLatencyMs', value: 90 },
  { model: 'lm', figure: 'speedupOneNode', value: 6.21 },
  { model: 'mt-encoder', figure: 'speedupOneNode', value: 5.75 },
  { model: 'mt-decoder', figure: 'speedupOneNode', value: 2.58 },
  { model: 'lm', figure: 'speedupManyNodes', value: 11.55 },
  { model: 'mt-encoder', figure: 'speedupManyNodes', value: 10.98 },
  { model: 'mt-decoder', figure: 'speedupManyNodes', value: 5.71 },
  { model: 'lm', figure: 'memoryPerDeviceGb', value: 18.88 },
  { model: 'mt-encoder', figure: 'memoryPerDeviceGb', value: 21.16 },
  { model: 'lm', figure: 'staticActivationGb', value: 6.29 },
  { model: 'lm', figure: 'dynamicActivationGb', value: 1.28 },
  { model: 'mt-encoder', figure: 'staticActivationGb', value: 1.89 },
  { model: 'mt-encoder', figure: 'dynamicActivationGb', value: 1.05 },
  { model: 'lm', figure: 'wasteFactor', value: 12.8 },
  { model: 'mt-encoder', figure: 'wasteFactor', value: 64 },
];
