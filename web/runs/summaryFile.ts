import { z } from 'zod';
import type { Evaluation } from '../../experiments/index.js';

const evaluationSchema = z.object({
  days: z.array(z.string()),
  utility: z.object({ mean: z.number(), ci95: z.number().nullable() }),
  lateRate: z.number(),
  revenue: z.number(),
  penalty: z.number(),
  transferCost: z.number(),
  energyCost: z.number(),
  energyKwh: z.number(),
  gridImportKwh: z.number(),
  renewableKwh: z.number(),
  carbonKg: z.number(),
  meanSteps: z.number(),
  bound: z.number().nullable().default(null),
  shareOfBound: z.number().nullable().default(null),
}) satisfies z.ZodType<Partial<Evaluation>>;

const summarySchema = z.object({
  steps: z.number(),
  wallSeconds: z.number().optional(),
  parameters: z.number(),
  validation: z.object({ utility: z.number(), lateRate: z.number(), step: z.number() }),
  test: z.object({ best: evaluationSchema, last: evaluationSchema }),
  schedulers: z.record(z.string(), z.object({ validation: evaluationSchema, test: evaluationSchema })),
});

/** A summary.json as the page gets it: times, which another version may keep elsewhere, can be missing. */
export type ShownSummary = z.output<typeof summarySchema>;

/** The content of a summary.json; null if it is missing or no summary. */
export function parseSummary(text: string): ShownSummary | null {
  try {
    return summarySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const headSchema = z.object({
  steps: z.number(),
  test: z.object({ best: z.object({ utility: z.object({ mean: z.number() }), lateRate: z.number() }) }),
});

/** What the list shows of a summary; null if it is none. */
export function headOfSummary(text: string): { steps: number; utility: number; lateRate: number } | null {
  try {
    const { steps, test } = headSchema.parse(JSON.parse(text));
    return { steps, utility: test.best.utility.mean, lateRate: test.best.lateRate };
  } catch {
    return null;
  }
}
