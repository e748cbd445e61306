import { createHash } from 'node:crypto';
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
  /** Fingerprint of everything but the seed: runs that share it are seeds of one method. */
  readonly variant: string;
}

const wanted = /^(experiment|seed|steps|agent|shaping):/;
const key = /^[A-Za-z_"'][^#]*:/;
const plainScalar = /^(experiment|seed|steps): ([\w.-]+)$/;
const plainKind = /^ {2}kind: ([a-z][\w.-]*)$/;

/**
 * What the list needs of a config.yaml: null if it is not there. There may be thousands of runs, and a YAML parser takes
 * milliseconds for each: the plain lines that runs are written with are read as they stand, and only where something is
 * written in another way are its blocks parsed.
 */
export function configHead(text: string): ConfigHead | null {
  const found: Record<string, unknown> = {};
  const kept: string[] = [];
  let block = '';
  for (const line of text.split('\n')) {
    if (key.test(line)) block = wanted.exec(line)?.[1] ?? '';
    if (block === '') continue;
    kept.push(line);
    const scalar = plainScalar.exec(line);
    const kind = plainKind.exec(line);
    if (scalar !== null) found[block] = block === 'experiment' ? scalar[2] : Number(scalar[2]);
    else if (kind !== null && !(block in found)) found[block] = { kind: kind[1] };
  }
  try {
    const plain = headSchema.safeParse(found);
    const { experiment, seed, steps, agent, shaping } = plain.success ? plain.data : headSchema.parse(parseYaml(kept.join('\n'), 'config.yaml'));
    const variant = createHash('sha256').update(text.replace(/^seed: .*$/m, '')).digest('base64url').slice(0, 16);
    return { experiment, seed, steps, method: methodName({ agent, shaping }), variant };
  } catch {
    return null;
  }
}
