import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import type { ExperimentConfig } from './config.js';
import { experimentSchema } from './config.js';

/** What a policy must know, beside its weights, to decide for a fleet outside the simulator. */
export interface Served {
  readonly environment: ExperimentConfig['environment'];
  readonly fleet: ExperimentConfig['fleet'];
  /** As configured or tuned; see `Setting`. */
  readonly backlogPrice: number;
}

const { environment, fleet } = experimentSchema.shape;
const servedSchema = z.object({ environment, fleet, backlogPrice: z.number().min(0) }) satisfies z.ZodType<Served>;

/** The same as text, kept in the metadata of `policy.onnx`. */
export function servedText({ environment, fleet }: ExperimentConfig, backlogPrice: number): string {
  return JSON.stringify({ environment, fleet, backlogPrice } satisfies Served);
}

/** Throws InputError naming `where` if the text is no such description. */
export function readServed(text: string, where: string): Served {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InputError(`${where}: what it serves is not valid JSON.`);
  }
  return validate(servedSchema, content, where);
}
