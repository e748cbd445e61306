import { existsSync } from 'node:fs';
import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { readJson } from '../../src/io/files.js';
import { runFolder } from '../run/runFolder.js';
import { evaluationSchema, summarySchema } from '../run/summaryFile.js';
import type { BoundSummary, SchedulerSummary, SummaryOf } from './runSpec.js';
import type { Job, RunSpec } from './spec.js';

const day = z.custom<SchedulerSummary['totals'][number]>((value) => typeof value === 'object' && value !== null);
const schedulerSchema: z.ZodType<SchedulerSummary> = z.looseObject({ scheduler: z.string(), test: evaluationSchema, totals: z.array(day) });
const boundSchema: z.ZodType<BoundSummary> = z.looseObject({
  days: z.array(z.looseObject({ day: z.string(), bound: z.number(), hindsight: z.number().nullable().default(null) })),
  mean: z.number(),
  meanHindsight: z.number().nullable().default(null),
});
const schemas: { readonly [K in RunSpec['kind']]: z.ZodType<SummaryOf<K>> } = { train: summarySchema, scheduler: schedulerSchema, bound: boundSchema };

/** The summary of a finished run; null if there is none, or a damaged one, which the run makes anew. */
export function summaryOf<K extends RunSpec['kind']>({ spec, folder }: { readonly spec: { readonly kind: K }; readonly folder: string }): SummaryOf<K> | null {
  const file = runFolder(folder).summary;
  if (!existsSync(file)) return null;
  try {
    return validate<SummaryOf<K>>(schemas[spec.kind], readJson(file), file);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Whether a run has left a whole summary. */
export const isFinished = (job: Pick<Job, 'spec' | 'folder'>): boolean => summaryOf(job) !== null;
