import { z } from 'zod';
import type { OptionsOf } from '../agent.js';
import { sharedOptions } from '../sharedOptions.js';

export const afterstateOptions = {
  hidden: sharedOptions.hidden,
  criticLearningRate: sharedOptions.criticLearningRate,
  finalLearningRateShare: sharedOptions.finalLearningRateShare,
  targetRate: sharedOptions.targetRate,
  batchSize: sharedOptions.batchSize,
  bufferSize: sharedOptions.bufferSize,
  nStep: sharedOptions.nStep,
  updatesPerStep: sharedOptions.updatesPerStep,
  rewardScale: sharedOptions.rewardScale,
  controlVariate: sharedOptions.controlVariate,
  maxGradientNorm: sharedOptions.maxGradientNorm,
  initialOutputScale: sharedOptions.initialOutputScale,
  exploration: sharedOptions.exploration,
  afterstate: z
    .strictObject({
      label: z
        .enum(['known', 'none'])
        .default('known')
        .describe("a decision's own credit: as the simulator knows it beforehand, or not used, so that only what is paid counts"),
      horizonSeconds: z.number().positive().max(1e6).default(1800).describe('what is t seconds away is discounted by exp(-t / this)'),
    })
    .prefault({})
    .describe('afterstate only'),
};

export type AfterstateSettings = OptionsOf<typeof afterstateOptions>;
