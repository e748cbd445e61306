import { z } from 'zod';
import { parseYaml } from '../../src/io/config.js';
import { methodName } from '../../experiments/index.js';

const headSchema = z.object({
  experiment: z.string().max(200),
  seed: z.int(),
  steps: z.int(),
  agent: z.object({ kind: z.string().max(60) }),
  shaping: z.object({ kind: z.string().max(60) }),
});

export interface ConfigHead {
  readonly experiment: string;
  readonly method: string;
  readonly seed: number;
  readonly steps: number;
}

const wanted = /^(experiment|seed|steps|agent|shaping):/;
const key = /^[A-Za-z_"'][^#]*:/;

/**
 * What the list needs of a config.yaml: null if it is not there. Only those blocks are parsed: the whole takes some
 * milliseconds, and there may be thousands of runs.
 */
export function configHead(text: string): ConfigHead | null {
  const kept: string[] = [];
  let keep = false;
  for (const line of text.split('\n')) {
    if (key.test(line)) keep = wanted.test(line);
    if (keep) kept.push(line);
  }
  try {
    const { experiment, seed, steps, agent, shaping } = headSchema.parse(parseYaml(kept.join('\n'), 'config.yaml'));
    return { experiment, seed, steps, method: methodName({ agent, shaping }) };
  } catch {
    return null;
  }
}
