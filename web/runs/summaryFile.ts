import { z } from 'zod';
import type { Evaluation } from '../../experiments/index.js';
import type { RunKind } from './catalogue.js';
import { parseJson } from './json.js';

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
  hindsight: z.number().nullable().default(null),
  shareOfHindsight: z.number().nullable().default(null),
}) satisfies z.ZodType<Partial<Evaluation>>;

const summarySchema = z.object({
  steps: z.number(),
  parameters: z.number(),
  validation: z.object({ utility: z.number(), lateRate: z.number(), step: z.number() }),
  test: z.object({ best: evaluationSchema, last: evaluationSchema }),
  schedulers: z.record(z.string(), z.object({ validation: evaluationSchema.optional(), test: evaluationSchema })),
});
const schedulerSchema = z.object({ test: evaluationSchema });
const boundSchema = z.object({ days: z.array(z.unknown()), mean: z.number(), meanHindsight: z.number().nullable().default(null) });

/** What a summary.json holds, as far as the page shows it: of a training, of a scheduler, of the bound. */
export type ShownSummary = z.output<typeof summarySchema>;
export type ShownScheduler = z.output<typeof schedulerSchema>;
export type ShownBound = z.output<typeof boundSchema>;

/** The content of a summary.json of a kind; null if it is missing or no such summary. */
export const parseSummary = (text: string): ShownSummary | null => parseJson(summarySchema, text);
export const parseScheduler = (text: string): ShownScheduler | null => parseJson(schedulerSchema, text);
export const parseBound = (text: string): ShownBound | null => parseJson(boundSchema, text);

const headSchema = z.object({ utility: z.object({ mean: z.number() }), lateRate: z.number() });
const trainHead = z.object({ steps: z.number(), test: z.object({ best: headSchema }) });
const schedulerHead = z.object({ test: headSchema });

/** What the list shows of a summary; null if it is none. */
export function headOfSummary(kind: RunKind, text: string): { steps: number | null; utility: number; lateRate: number | null } | null {
  if (kind === 'bound') {
    const bound = parseBound(text);
    return bound === null ? null : { steps: null, utility: bound.mean, lateRate: null };
  }
  const training = kind === 'train' ? parseJson(trainHead, text) : null;
  const judged = kind === 'train' ? training?.test.best : parseJson(schedulerHead, text)?.test;
  return judged === undefined ? null : { steps: training?.steps ?? null, utility: judged.utility.mean, lateRate: judged.lateRate };
}
