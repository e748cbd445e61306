import { z } from 'zod';
import { scheduleKinds } from '../kinds.js';

export const shapingKinds = ['none', 'diffusion', 'diffusion-agent', 'regression', 'reward-agent'] as const;
export type ShapingKind = (typeof shapingKinds)[number];

/** What a shaper with labels learns to generate; see docs/shaping.md. */
export const labelKinds = ['settlement', 'slot', 'nstep', 'advantage'] as const;
export type LabelKind = (typeof labelKinds)[number];

/** Reward shaping; the defaults are those of the recorded studies. */
export const shapingSchema = z
  .strictObject({
    kind: z.enum(shapingKinds).default('diffusion').describe('who synthesises the withheld reward'),
    label: z
      .enum(labelKinds)
      .default('settlement')
      .describe(
        "what diffusion and regression learn: settled credit from the operator's logs, the paid reward, its n-step return, or its advantage",
      ),
    labelSteps: z.int().min(1).max(1000).default(10).describe('paid rewards summed by the nstep label, discounted as the agent does'),
    weight: z.number().min(0).max(1000).default(0.4).describe('eta: weight of the synthesised reward beside the paid one'),
    gain: z.number().positive().max(1000).default(2.5).describe('synthesised reward per standard deviation of credit, in scaled reward'),
    warmUpSteps: z.int().min(0).max(1e9).default(4000).describe('environment steps before the synthesised reward is used'),
    fitEvery: z.int().min(1).max(1000).default(1).describe('updates of the agent for each gradient step of the shaper'),
    condition: z.boolean().default(true).describe('whether the shaper sees state and action; without, it generates from noise alone'),
    denoisingSteps: z.int().min(1).max(200).default(5).describe('W: reverse diffusion steps, all in one graph'),
    schedule: z.enum(scheduleKinds).default('vp').describe('noise schedule'),
    samples: z.int().min(1).max(64).default(1).describe('samples averaged for each reward'),
    spreadWeight: z
      .number()
      .min(-1000)
      .max(1000)
      .default(0)
      .describe('c: reward is the mean of the samples + c x their standard deviation; above 0 is optimistic, below risk-averse'),
    hidden: z.array(z.int().min(1).max(2048)).min(1).max(8).default([64, 64]).describe('M: widths of the hidden layers; the first is the latent of diffusion-agent'),
    embeddingSize: z.int().min(2).max(1024).multipleOf(2).default(16).describe('components of the step embedding'),
    learningRate: z.number().positive().max(1).default(1e-3).describe('step size of Adam'),
    labelClip: z.number().positive().max(1000).default(2.5).describe('standardised credit is clipped to this many deviations'),
    agent: z
      .strictObject({
        criticLearningRate: z.number().positive().max(1).default(1e-3).describe("step size of Adam, twin critics of the reward agent"),
        targetRate: z.number().positive().max(1).default(0.005).describe('tau: share of the weights taken into its target each update'),
        entropyTarget: z.number().min(-1000).max(1000).default(-1).describe('entropy of proposed rewards that its temperature is tuned to, nats'),
        initialTemperature: z.number().positive().max(1e6).default(0.2).describe('weight of entropy at the start'),
        temperatureLearningRate: z.number().min(0).max(1).default(1e-3).describe('step size of Adam on its logarithm; 0 keeps it'),
      })
      .prefault({})
      .describe('diffusion-agent and reward-agent only'),
  })
  .superRefine(({ samples, spreadWeight, kind }, context) => {
    if (spreadWeight === 0) return;
    const wrong = (message: string): void => context.addIssue({ code: 'custom', path: ['spreadWeight'], message });
    if (kind !== 'diffusion') wrong(`expected 0 for kind ${kind}, which has no spread of samples, found ${spreadWeight}`);
    else if (samples < 2) wrong(`expected samples of at least 2, whose spread it weighs, found ${samples}`);
  })
  .prefault({});

export type ShapingOptions = z.infer<typeof shapingSchema>;
