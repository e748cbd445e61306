import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { parseJson } from '../../src/io/json.js';
import type { ExperimentConfig } from './config.js';
import type { PriceCoefficients } from '../../envs/index.js';
import { experimentSchema, ruleSchema } from './config.js';

/** What a policy must know, beside its weights, to decide for a fleet outside the simulator. */
export interface Served {
  readonly environment: ExperimentConfig['environment'];
  readonly fleet: ExperimentConfig['fleet'];
  /** As configured or tuned; see `Setting`. */
  readonly rule: PriceCoefficients;
}

const { environment, fleet } = experimentSchema.shape;
const servedSchema = z.object({ environment, fleet, rule: ruleSchema }) satisfies z.ZodType<Served>;

/** The same as text, kept in the metadata of `policy.onnx`. */
export function servedText({ environment, fleet }: ExperimentConfig, rule: PriceCoefficients): string {
  return JSON.stringify({ environment, fleet, rule } satisfies Served);
}

/** Throws InputError naming `where` if the text is no such description. */
export function readServed(text: string, where: string): Served {
  return validate(servedSchema, parseJson(text, `${where}: what it serves`), where);
}
