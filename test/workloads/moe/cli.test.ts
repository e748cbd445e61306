import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const json = (args: readonly string[]): Record<string, unknown> => {
  const { status, stdout, stderr } = jouleflow(['moe', ...args, '--json']);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const names = (results: unknown): string[] => (results as { name: string }[]).map(({ name }) => name);

describe('jouleflow moe', () => {
  it('bench prints both gatings', () => {
    const result = json(['bench', '--experts', '16', '--tokens', '64', '--dim', '32', '--capacity-factor', '0.5', '--runs', '2']);
    expect(result).toMatchObject({ wasteFactor: 4, static: { rows: 512, capacity: 32 }, dynamic: { rows: 128, dropped: 0 } });
    expect(result['speedup']).toBeGreaterThan(0);
    expect((result['static'] as Record<string, number>)['tokensPerSecond']).toBeGreaterThan(0);
    expect((result['static'] as Record<string, number>)['peakBytes']).toBeGreaterThan(0);
  });

  it('replay prints every policy and its control', () => {
    const result = json(['replay', '--devices', '4', '--slots', '5', '--tokens', '500']);
    expect(result).toMatchObject({ tokens: 500, experts: 60, synthetic: true });
    expect(names(result['policies'])).toEqual(['lifo', 'lru', 'lfu', 'fifo', 'predictive', 'belady']);
    expect(names(result['shuffled'])).toEqual(names(result['policies']));
    expect(names(json(['replay', '--policy', 'lru', '--tokens', '50'])['policies'])).toEqual(['lru']);
  });

  it('place prints both halves', () => {
    const result = json(['place', '--devices', '2', '--experts', '8', '--tokens', '400', '--top-k', '2']);
    for (const half of ['train', 'test']) {
      expect(Object.keys(result[half] as object)).toEqual(['identity', 'random', 'greedy', 'anticorrelation', 'replication', 'optimum', 'replicated-optimum']);
    }
  });

  it('simulate prints a prediction and a profile', () => {
    const result = json(['simulate', '--model', 'lm', '--gating', 'dynamic', '--nodes', '2', '--buffer-slots', '16', '--placement', 'greedy']);
    expect(result).toMatchObject({ model: 'lm', gating: 'dynamic', nodes: 2, devices: 16 });
    expect((result['profile'] as object[]).length).toBeGreaterThan(2);
  });

  it('reproduce prints every figure and draws them', () => {
    const folder = temporaryFolder();
    const { rows, figures } = json(['reproduce', '--figures', folder]) as { rows: object[]; figures: string[] };
    expect(rows).toHaveLength(17);
    expect(figures).toHaveLength(3);
    for (const file of figures) expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
  });

  it.skipIf(!hasSharedData)('reads a routing log', () => {
    const trace = join(sharedData, 'moe', 'qwen15_moe_layer8.jsonl');
    expect(json(['replay', '--trace', trace, '--layer', '8'])).toMatchObject({ tokens: 4357, warmUpTokens: 8448 });
  });

  it('refuses bad input in one sentence', () => {
    const file = join(temporaryFolder(), 'log.jsonl');
    writeFileSync(file, '{"topk_ids": [1, 2]}\nnot json\n');
    expect(refused(['moe', 'replay', '--trace', file])).toMatch(/line 2, is not valid JSON/);
    expect(refused(['moe', 'replay', '--trace', '/nowhere'])).toMatch(/no such file/);
    expect(refused(['moe', 'replay', '--slots', '16'])).toMatch(/16 slots; expected a whole number from 1 to 15/);
    expect(refused(['moe', 'place', '--devices', '7'])).toMatch(/7 devices cannot share 60 experts/);
    expect(refused(['moe', 'replay', '--policy', 'mru'])).toMatch(/policy/);
    expect(refused(['moe', 'replay', '--slots', 'many'])).toMatch(/slots/);
    expect(refused(['moe', 'simulate', '--model', 'lm', '--nodes', '3'])).toMatch(/3 nodes; expected 1, 2 or 4/);
    expect(refused(['moe', 'bench', '--experts', '2', '--top-k', '3'])).toMatch(/top-k is 3/);
  });
});
