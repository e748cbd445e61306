import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ExperimentConfig } from '../../experiments/run/config.js';
import { experimentSchema, resolveExperiment } from '../../experiments/run/config.js';
import { sweepSchema, sweepSpecs } from '../../experiments/sweep/config.js';
import { jobsOf, readManifest, writeManifest } from '../../experiments/sweep/index.js';
import { validate } from '../../src/io/config.js';
import { InputError } from '../../src/io/errors.js';
import { requestSchema } from '../../web/decide/request.js';
import { jouleflow, temporaryFolder } from '../support/cli.js';

interface Node {
  readonly type?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

interface Limits {
  /** As `--set` names it. */
  readonly path: string;
  readonly least: number | undefined;
  readonly most: number | undefined;
}

/** Every number of a schema, with its limits. */
function numbersOf(schema: z.ZodType): Limits[] {
  const found: Limits[] = [];
  const walk = (node: Node, path: string): void => {
    if (node.type === 'number' || node.type === 'integer') {
      found.push({ path, least: node.minimum ?? node.exclusiveMinimum, most: node.maximum ?? node.exclusiveMaximum });
    }
    for (const [key, inner] of Object.entries(node.properties ?? {})) walk(inner, path === '' ? key : `${path}.${key}`);
    if (node.items !== undefined) walk(node.items, `${path}.*`);
    for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(inner, path);
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node, '');
  return found;
}

const numbers = numbersOf(experimentSchema);
/** Beyond it a whole number is no longer itself. */
const farthest = 2 ** 40;

describe('every number that can be configured', () => {
  it.each([
    ['of an experiment', experimentSchema],
    ['of a sweep', sweepSchema],
    ['of a decision request', requestSchema('slot')],
  ])('%s has limits that a machine can hold', (_name, schema) => {
    for (const { path, least, most } of numbersOf(schema)) {
      expect([path, least !== undefined && Math.abs(least) < farthest, most !== undefined && most < farthest]).toEqual([path, true, true]);
    }
  });

  it('is refused beyond its limit, and at it goes through every file that keeps it', () => {
    const folder = temporaryFolder();
    const kept: ExperimentConfig[] = [];
    for (const { path, most } of numbers) {
      const at = (value: number) => resolveExperiment({ preset: 'quickstart', set: [`${path}=${value}`] });
      expect(() => at(most! * 2 + 1), path).toThrow(InputError);
      try {
        kept.push(at(most!));
      } catch (error) {
        // Keys that must agree with others.
        expect([path, error]).toEqual([path, expect.any(InputError)]);
      }
    }
    expect(kept.length).toBeGreaterThan(0.8 * numbers.length);
    for (const config of kept) expect(validate(experimentSchema, parse(stringify(config)), 'config.yaml')).toEqual(config);
    const jobs = jobsOf(kept.map((config) => ({ kind: 'train' as const, config })), folder);
    writeManifest(join(folder, 'manifest.jsonl'), jobs);
    expect(readManifest(join(folder, 'manifest.jsonl'))).toEqual(jobs);
  });

  it.runIf(process.env['JOULEFLOW_FULL'] === '1')('ends well or is refused in a sentence when it runs at its limit', { timeout: 3_600_000 }, () => {
    for (const { path, most } of numbers) {
      const short = ['agent.hidden=[8]', 'evaluation.schedulers=[]', 'days.validation=2022-02-01', 'days.test=2023-03-01'];
      const { status, stderr } = jouleflow(
        ['train', '--preset', 'quickstart', '--steps', '300', '--out', temporaryFolder(), ...[...short, `${path}=${most}`].flatMap((set) => ['--set', set])],
        { timeoutMs: 30_000 },
      );
      // What takes its time is stopped, and is no fault.
      expect([path, status, /Maximum call stack|heap out of memory|allocation failed|\n\s+at /.test(stderr)]).toEqual([path, expect.toBeOneOf([0, 2, null]), false]);
    }
  });
});

describe('a sweep', () => {
  const specs = (given: object): number => sweepSpecs(validate(sweepSchema, { experiment: 'x', preset: 'price', ...given }, 's.yaml'), 's.yaml').length;

  it('takes every seed that a run takes', () => {
    expect(specs({ seeds: [0, 2 ** 31 - 1] })).toBe(2);
    expect(specs({ seeds: '2147483640..2147483647' })).toBe(8);
  });

  it.each([
    [{ seeds: [2 ** 31] }, /"seeds\.0": too big: expected number to be <=2147483647; found 2147483648/],
    [{ seeds: '2147483640..2147483648' }, /"seeds": too big: expected number to be <=2147483647; found 2147483648/],
    [{ seeds: '0..200000000' }, /"seeds": 0\.\.200000000 names 200000001 seeds; expected at most 100000/],
    [{ seeds: '0..99999999999999999999' }, /"seeds": .*found 100000000000000000000/],
    [{ seeds: '5..3' }, /5\.\.3 ends before it starts/],
    [{ seeds: '0..999', grid: { steps: Array.from({ length: 101 }, (_, i) => i + 1) } }, /make 101000 runs; expected at most 100000/],
    [{ seeds: [0], grid: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, Array(10).fill(0)])) }, /make 1000000 runs/],
  ])('refuses %j before anything runs', (given, message) => {
    expect(() => specs(given)).toThrow(InputError);
    expect(() => specs(given)).toThrow(message);
  });
});

describe('the name of an experiment', () => {
  it.each(['..', '.', '...', 'a/b', '../a', '/etc', 'a\\b', '', 'x'.repeat(101), 'a\0b', '~/x '])('is refused as %j', (name) => {
    expect(() => resolveExperiment({ preset: 'price', set: [`experiment=${JSON.stringify(name)}`] })).toThrow(InputError);
    expect(() => validate(sweepSchema, { experiment: name }, 's.yaml')).toThrow(InputError);
  });

  it.each(['a', 'a.b', '.a', 'a-b_c.9', '..a'])('may be %j', (name) => {
    expect(resolveExperiment({ preset: 'price', set: [`experiment=${name}`] }).experiment).toBe(name);
  });
});
