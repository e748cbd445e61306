import { z } from 'zod';
import type { OptionsOf } from '../agent.js';

export const cemOptions = {
  cem: z
    .strictObject({
      population: z.int().min(4).max(1000).default(32).describe('candidates of a generation'),
      eliteShare: z.number().positive().max(1).default(0.25).describe('share of them that the next generation is drawn around'),
      daysPerCandidate: z.int().min(1).max(366).default(6).describe('training days that each candidate is judged on'),
      initialDeviation: z.number().positive().max(1000).default(0.6).describe('spread of the first generation, in units of .002 utility per GPU-second'),
      smoothing: z.number().positive().max(1).default(0.7).describe("share of the elites' mean and spread in the next generation's"),
    })
    .prefault({})
    .describe('cem only'),
};

export type CemSettings = OptionsOf<typeof cemOptions>;
