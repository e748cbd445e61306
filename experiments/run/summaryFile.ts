import { z } from 'zod';
import type { RunSummary } from './runFolder.js';
import type { Evaluation } from './summarise.js';

const figure = z.number();

/** An evaluation, as summaries hold it. */
export const evaluationSchema: z.ZodType<Evaluation> = z.looseObject({
  days: z.array(z.string()),
  utility: z.object({ mean: figure, ci95: figure.nullable() }),
  utilityByDay: z.array(figure),
  lateRate: figure,
  revenue: figure,
  penalty: figure,
  transferCost: figure,
  energyCost: figure,
  energyKwh: figure,
  gridImportKwh: figure,
  renewableKwh: figure,
  carbonKg: figure,
  meanSteps: figure,
  bound: figure.nullable(),
  shareOfBound: figure.nullable(),
  // Summaries from before the search have neither.
  hindsight: figure.nullable().default(null),
  shareOfHindsight: figure.nullable().default(null),
});

/** `summary.json` of a training, as read back: files can be damaged, or another version's. */
export const summarySchema: z.ZodType<RunSummary> = z.looseObject({
  steps: figure,
  parameters: figure,
  validation: z.object({ utility: figure, lateRate: figure, step: figure }),
  test: z.object({ best: evaluationSchema, last: evaluationSchema, start: evaluationSchema.optional() }),
  schedulers: z.record(z.string(), z.object({ validation: evaluationSchema.optional(), test: evaluationSchema })),
});
