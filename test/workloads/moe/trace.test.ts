import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRoutingLog } from '../../../workloads/moe/routingLog.js';
import { syntheticTrace } from '../../../workloads/moe/synthetic.js';
import { shuffledTrace, warmUpLength } from '../../../workloads/moe/trace.js';
import { zipfWeights } from '../../../workloads/moe/zipf.js';
import { temporaryFolder } from '../../support/cli.js';
import { hasSharedData, sharedData } from '../../support/data.js';

const folder = temporaryFolder();
let files = 0;
function logFile(content: string | readonly object[]): string {
  const file = join(folder, `log${files++}.jsonl`);
  writeFileSync(file, typeof content === 'string' ? content : content.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}
const meta = { type: 'meta', model_id: 'Qwen/Qwen1.5-MoE-A2.7B', top_k: 2 };
const route = (token_idx: number, topk_ids: unknown, layer = 3): object => ({ type: 'route', token_idx, layer, topk_ids });

describe('routing logs', () => {
  it('reads JSON lines, a batch for each forward pass', () => {
    const file = logFile([meta, route(0, [1, 2]), route(1, [3, 4]), route(0, [5, 6]), route(0, [59, 0]), route(1, [1, 2])]);
    const trace = readRoutingLog(file);
    expect(readRoutingLog(logFile(`\uFEFF${readFileSync(file, 'utf8').replaceAll('\n', '\r\n')}`)).ids).toEqual(trace.ids);
    expect(trace).toMatchObject({ experts: 60, topK: 2, tokens: 5, layer: 3, model: meta.model_id, warmUpTokens: 0 });
    expect([...trace.batchStarts]).toEqual([0, 2, 3, 5]);
    expect([...trace.ids]).toEqual([1, 2, 3, 4, 5, 6, 59, 0, 1, 2]);
    expect([...readRoutingLog(file, { batchTokens: 4 }).batchStarts]).toEqual([0, 4, 5]);
  });

  it('reads one layer of several, and a JSON document', () => {
    const lines = logFile([route(0, [1], 0), route(0, [2], 1), route(1, [3], 0), route(1, [0], 1)]);
    expect([...readRoutingLog(lines, { layer: 1 }).ids]).toEqual([2, 0]);
    expect(readRoutingLog(lines).experts).toBe(4);
    const document = { expertsPerLayer: 8, topK: 1, tokens: 2, selections: [[[7], [1]], [[0], [2]]] };
    const trace = readRoutingLog(logFile(JSON.stringify(document, null, 1)), { layer: 1 });
    expect(trace).toMatchObject({ experts: 8, topK: 1, tokens: 2, layer: 1 });
    expect([...trace.ids]).toEqual([1, 2]);
  });

  it('leaves out a leading run of one route only where it cannot be chance', () => {
    const varied = Array.from({ length: 40 }, (_, i) => [(i * 7) % 11, 11 + ((i * 5) % 13)]);
    const repeated = (n: number): number[] => [...Array<number[]>(n).fill([3, 20]), ...varied].flat();
    expect(warmUpLength(repeated(500), 2)).toBe(500);
    expect(warmUpLength(repeated(20), 2)).toBe(20);
    expect(warmUpLength(repeated(2), 2)).toBe(0);
    // The same experts in another order are the same route.
    expect(warmUpLength([...Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? [20, 3] : [3, 20])), ...varied].flat(), 2)).toBe(100);
    // One expert of two in common is another route.
    expect(warmUpLength([...Array.from({ length: 100 }, (_, i) => [3, 20 + (i % 2)]), ...varied].flat(), 2)).toBe(0);
    expect(warmUpLength(varied.flat(), 2)).toBe(0);
    // One expert is nearly always chosen: its runs are no surprise, wherever they stand.
    const sticky = Array.from({ length: 400 }, (_, i) => (i % 30 === 29 ? 1 : 0));
    expect(warmUpLength(sticky, 1)).toBe(0);
    expect(warmUpLength([], 2)).toBe(0);
    const file = logFile([...Array.from({ length: 300 }, (_, i) => route(i, [1, 2])), ...varied.map((ids, i) => route(i, ids))]);
    expect(readRoutingLog(file)).toMatchObject({ warmUpTokens: 300, tokens: 40 });
    expect([...readRoutingLog(file).batchStarts]).toEqual([0, 40]);
  });

  it.each([
    ['', /is empty; expected a routing log/],
    [[meta], /has no routes/],
    ['hello\n{"topk_ids": [1]}\n', /line 1, is not valid JSON/],
    ['{\n  "expertsPerLayer": 8,\n  "selections": [[[1]],\n', /line \d, is not valid JSON/],
    ['{\n  "routes": []\n}', /has no "selections"/],
    ['{"topk_ids": [1, 2]}\nhello\n', /line 2, is not valid JSON/],
    ['[1]\n', /line 1: found \[1\]; expected a JSON object/],
    [[meta, route(0, [1, 60])], /line 2: found expert id 60; expected 0 to 59/],
    [[meta, route(0, [1, -1])], /line 2: found expert id -1; expected a whole number from 0/],
    [[meta, route(0, [1, 2.5])], /found expert id 2.5/],
    [[meta, route(0, [1, '2'])], /found expert id "2"/],
    [[meta, route(0, [1, 2]), route(1, [1, 2, 3])], /line 3: found 3 expert ids; expected 2/],
    [[route(0, [1, 2]), route(1, [1])], /line 2: found 1 expert ids; expected 2/],
    [[meta, route(0, [4, 4])], /found expert 4 twice/],
    [[meta, route(0, [])], /found \[\]; expected a list of expert ids/],
    [[meta, { type: 'route' }], /line 2: found no "topk_ids"/],
    [[{ ...meta, top_k: 'two' }, route(0, [1, 2])], /"top_k" is "two"/],
    [[route(0, [5000, 2])], /found expert id 5000; expected 0 to 4095/],
    ['{"expertsPerLayer": 8, "selections": []}', /"selections" has no tokens/],
    ['{"expertsPerLayer": 8, "selections": [[[8]]]}', /token 0, layer 0: found expert id 8; expected 0 to 7/],
    ['{"expertsPerLayer": 8, "tokens": 3, "selections": [[[1]]]}', /found 1 tokens in "selections"; expected 3/],
    ['{"expertsPerLayer": 8, "selections": [[[1]], 5]}', /token 1, layer 0: found 5/],
  ])('refuses %j', (content, message) => {
    expect(() => readRoutingLog(logFile(content))).toThrow(message);
  });

  it('refuses a layer that is not there', () => {
    expect(() => readRoutingLog(logFile([route(0, [1])]), { layer: 7 })).toThrow(/has no layer 7; it has: 3/);
    for (const layer of [1, -1, 0.5, NaN]) {
      expect(() => readRoutingLog(logFile('{"selections": [[[1]]]}'), { layer })).toThrow(/it has layers 0 to 0/);
    }
  });

  it.skipIf(!hasSharedData)('drops the warm-up pass of the published logs, which the next pass follows', () => {
    for (const layer of [8, 12]) {
      const trace = readRoutingLog(`${sharedData}/moe/qwen15_moe_layer${layer}.jsonl`);
      expect(trace).toMatchObject({ experts: 60, topK: 4, layer, tokens: 4357, warmUpTokens: 8448 });
      expect(trace.batchStarts[1]).toBe(65);
    }
    const trace = readRoutingLog(`${sharedData}/moe/switch_base_8_router_trace.json`, { layer: 5 });
    expect(trace).toMatchObject({ experts: 8, topK: 1, tokens: 215, warmUpTokens: 0 });
  });
});

describe('synthetic traces', () => {
  const options = { tokens: 50_000, experts: 20, topK: 2, skew: 1, locality: 0, batchTokens: 10, seed: 5 };

  it('draws popularity by Zipf, and repeats choices along a sequence as often as asked', () => {
    const alone = syntheticTrace({ ...options, topK: 1 });
    const counts = Array<number>(20).fill(0);
    for (const id of alone.ids) counts[id]!++;
    counts.sort((a, b) => b - a);
    zipfWeights(20, 1).forEach((share, rank) => expect(counts[rank]! / 50_000).toBeCloseTo(share, 2));
    const even = zipfWeights(20, 1).reduce((sum, share) => sum + share * share, 0);
    for (const locality of [0, 0.5, 0.9]) {
      const { ids } = syntheticTrace({ ...options, topK: 1, locality });
      let repeats = 0;
      for (let i = 10; i < ids.length; i++) if (ids[i] === ids[i - 10]) repeats++;
      expect(repeats / (ids.length - 10)).toBeCloseTo(locality + (1 - locality) * even, 1);
    }
  });

  it('gives a token distinct experts, the same for the same seed; shuffling keeps the tokens', () => {
    const trace = syntheticTrace({ ...options, tokens: 5000, locality: 0.8 });
    for (let t = 0; t < trace.tokens; t++) {
      if (trace.ids[2 * t] === trace.ids[2 * t + 1]) throw new Error(`token ${t} goes to one expert twice`);
    }
    expect(syntheticTrace({ ...options, tokens: 5000, locality: 0.8 }).ids).toEqual(trace.ids);
    const pairs = (ids: Uint16Array): number[] => Array.from({ length: trace.tokens }, (_, t) => ids[2 * t]! * 20 + ids[2 * t + 1]!).sort((a, b) => a - b);
    const shuffled = shuffledTrace(trace, 9);
    expect(shuffled.ids).not.toEqual(trace.ids);
    expect(pairs(shuffled.ids)).toEqual(pairs(trace.ids));
    expect(shuffled.batchStarts).toEqual(trace.batchStarts);
  });

  it('draws distinct experts even where a few have nearly all popularity, or all are chosen', () => {
    for (const change of [{ skew: 10 }, { topK: 20, skew: 3 }, { topK: 20, skew: 10 }]) {
      const { ids, topK } = syntheticTrace({ ...options, tokens: 300, ...change });
      for (let t = 0; t < 300; t++) expect(new Set(ids.subarray(t * topK, (t + 1) * topK)).size).toBe(topK);
    }
    // The second choice is drawn by the shares of what the first left: with Zipf 3, 8 to 1 between ranks two and four.
    const { ids } = syntheticTrace({ ...options, skew: 3 });
    const counts = Array<number>(20).fill(0);
    for (const id of ids) counts[id]!++;
    counts.sort((a, b) => b - a);
    expect(counts[1]! / counts[3]!).toBeGreaterThan(5);
    expect(counts[1]! / counts[3]!).toBeLessThan(9);
  });

  it('refuses what it cannot draw', () => {
    expect(() => syntheticTrace({ ...options, topK: 21 })).toThrow(/top-k is 21; expected a whole number from 1 to 20/);
    expect(() => syntheticTrace({ ...options, locality: 1 })).toThrow(/locality is 1/);
    expect(() => syntheticTrace({ ...options, skew: -1 })).toThrow(/skew is -1/);
    expect(() => syntheticTrace({ ...options, tokens: 0 })).toThrow(/tokens is 0/);
    expect(() => syntheticTrace({ ...options, batchTokens: 0.5 })).toThrow(/batch is 0.5 tokens/);
  });
});
