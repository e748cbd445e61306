import { z } from 'zod';
import { predictionKinds, scheduleKinds } from './kinds.js';

export const shapingKinds = ['none', 'diffusion', 'regression'] as const;

/** Reward shaping; the defaults are those of the recorded studies. */
export const shapingSchema = z
  .strictObject({
    kind: z.enum(shapingKinds).default('diffusion').describe('who synthesises the withheld reward'),
    label: z
      .enum(['settlement', 'slot'])
      .default('settlement')
      .describe("what it learns to generate: each slot's settled credit from the operator's logs, or only the paid reward"),
    weight: z.number().min(0).default(0.4).describe('eta: weight of the synthesised reward beside the paid one'),
    gain: z.number().positive().default(2.5).describe('synthesised reward per standard deviation of credit, in scaled reward'),
    warmUpSteps: z.int().min(0).default(4000).describe('environment steps before the synthesised reward is used'),
    denoisingSteps: z.int().min(1).max(1000).default(5).describe('W: reverse diffusion steps'),
    schedule: z.enum(scheduleKinds).default('vp').describe('noise schedule'),
    prediction: z.enum(predictionKinds).default('x0').describe('what the denoiser is trained to predict'),
    sampler: z.enum(['ddpm', 'ddim']).default('ddpm').describe('reverse process: ancestral or deterministic'),
    samples: z.int().min(1).max(64).default(1).describe('samples averaged for each reward'),
    hidden: z.array(z.int().positive()).min(1).default([64, 64]).describe('widths of the hidden layers'),
    embeddingSize: z.int().min(2).multipleOf(2).default(16).describe('components of the step embedding'),
    learningRate: z.number().positive().default(1e-3).describe('step size of Adam'),
    labelClip: z.number().positive().default(2.5).describe('standardised credit is clipped to this many deviations'),
  })
  .prefault({});

export type ShapingOptions = z.infer<typeof shapingSchema>;
