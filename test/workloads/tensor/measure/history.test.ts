import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knobFeatures } from '../../../../workloads/tensor/models/features.js';
import { HistoryFile, measurementOf, readHistory, withHistory } from '../../../../workloads/tensor/measure/history.js';
import { parseKernelTunerCache } from '../../../../workloads/tensor/measure/kernelTunerCache.js';
import type { Measurer } from '../../../../workloads/tensor/measure/measurer.js';
import type { Method } from '../../../../workloads/tensor/strategies/methods.js';
import { createTuner } from '../../../../workloads/tensor/strategies/methods.js';
import { replayMeasurer } from '../../../../workloads/tensor/measure/replay.js';
import { runSession } from '../../../../workloads/tensor/study/session.js';
import { InputError } from '../../../../src/io/errors.js';
import { temporaryFolder } from '../../../support/cli.js';
import { smallCache } from '../support/cache.js';

const space = parseKernelTunerCache(smallCache(), 'f');
const trials = 44;

/** Runs a session on a history file; the measurer breaks down after `limit` measurements. Returns how many it took. */
async function run(file: string, method: Method, limit = Infinity, confirm = 0): Promise<number> {
  let measured = 0;
  const real = replayMeasurer(space, 5);
  const measurer: Measurer = {
    measure: (requests) => {
      if (measured >= limit) throw new Error('killed');
      measured++;
      return real.measure(requests);
    },
  };
  const tuner = createTuner(method, { space, features: knobFeatures(space.knobs), seed: 5, trials, confirm });
  const history = { file: new HistoryFile(file, space), method, seed: 5 };
  await runSession({ space, tuner, measurer, trials, history }).catch((error: Error) => expect(error.message).toBe('killed'));
  return measured;
}

describe('a history file', () => {
  it.each([
    ['rank', 0],
    ['rank', 0.25],
    ['sa', 0],
    ['ga', 0],
  ] as const)('resumed after any kill, is the one of an uninterrupted run and measures nothing twice (%s, confirm %f)', async (method, confirm) => {
    const folder = temporaryFolder();
    const whole = join(folder, 'whole.jsonl');
    expect(await run(whole, method, Infinity, confirm)).toBe(trials);
    const expected = readFileSync(whole, 'utf8');
    for (const [kill, cut] of [[1, 0], [17, 0], [33, 20], [40, 1]] as const) {
      const file = join(folder, `${kill}.jsonl`);
      const before = await run(file, method, kill, confirm);
      // A kill in the middle of a write leaves half a line.
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.slice(0, text.length - cut));
      const lost = cut > 0 ? 1 : 0;
      expect(before + (await run(file, method, Infinity, confirm))).toBe(trials + lost);
      expect(readFileSync(file, 'utf8')).toBe(expected);
    }
  });

  it('measures a configuration again only to tell the contenders apart', async () => {
    const configs = async (confirm: number): Promise<string[]> => {
      const file = join(temporaryFolder(), 'h.jsonl');
      await run(file, 'rank', Infinity, confirm);
      return readHistory(file).map(({ config }) => JSON.stringify(config));
    };
    const plain = await configs(0);
    expect(new Set(plain).size).toBe(plain.length);
    const confirmed = await configs(0.25);
    expect(new Set(confirmed).size).toBeLessThan(confirmed.length);
    for (const config of confirmed) expect(confirmed.filter((other) => other === config).length).toBeLessThanOrEqual(8);
  });

  it.each([
    ['{"space":"s"}\n', /line 1: it has no config/],
    ['{"space":"s","config":{"a":1},"times":[1]}\nnonsense\n', /line 2, is not valid JSON/],
    ['{"space":"s","config":{"a":1},"times":[-1]}\n', /"times" is \[-1\]/],
    ['{"space":"s","config":{"a":1},"times":[]}\n', /"times" is \[\]/],
    ['{"space":"s","config":{"a":[1]},"times":[1]}\n', /knob "a" is \[1\]/],
    ['{"space":"s","config":{"a":1},"objective":{"name":"energy"},"values":[1]}\n', /"objective" is \{"name":"energy"\}/],
    ['{"space":"s","config":{"a":1},"objective":{"name":"energy","unit":"J","direction":"minimise"},"times":[1]}\n', /"values" is undefined/],
    ['{"space":"s","config":{"a":1},"times":[NaN]}\n', /"times" is \[null\]/],
    ['', /holds no whole record/],
    ['\n\n', /holds no whole record/],
  ])('%j is refused, naming the line', (text, message) => {
    const file = join(temporaryFolder(), 'h.jsonl');
    writeFileSync(file, text);
    expect(() => readHistory(file)).toThrow(InputError);
    expect(() => readHistory(file)).toThrow(message);
  });

  it('is read with a byte order mark, Windows line ends and blank lines', () => {
    const file = join(temporaryFolder(), 'h.jsonl');
    writeFileSync(file, '\uFEFF{"space":"s","config":{"a":1},"times":[1]}\r\n\r\n{"space":"s","config":{"a":2},"times":[2]}\r\n\n');
    expect(readHistory(file).map(({ times }) => times)).toEqual([[1], [2]]);
  });

  it('holds values with their objective where that is no time, and reads back the costs that were measured', async () => {
    const file = join(temporaryFolder(), 'h.jsonl');
    const rates = { ...space, objective: { name: 'GFLOP/s', unit: 'GFLOP/s', direction: 'maximise' } as const };
    const config = { block_size_x: 8, tile: 1, padding: 0 };
    await withHistory(file, rates, (history) => Promise.resolve(history.append({ method: 'rank', seed: 0, round: 0, config, measurement: { ok: true, costs: [0.25] } })));
    const [record] = readHistory(file);
    expect(record).toMatchObject({ objective: rates.objective, values: [4] });
    expect(measurementOf(record!)).toEqual({ ok: true, costs: [0.25] });
    await expect(withHistory(file, space, () => Promise.resolve())).rejects.toThrow(/line 1 measures another objective, to maximise GFLOP\/s; this run is to minimise time/);
  });

  it('is written by one run at a time', async () => {
    const file = join(temporaryFolder(), 'h.jsonl');
    await withHistory(file, space, async () => {
      await expect(withHistory(file, space, () => Promise.resolve())).rejects.toThrow(/h\.jsonl\.lock: process \d+ on .* is writing this history/);
    });
    await withHistory(file, space, () => Promise.resolve());
  });

  it('of another space, or with other knobs, is refused', () => {
    const file = join(temporaryFolder(), 'h.jsonl');
    writeFileSync(file, '{"space":"other","method":"rank","seed":0,"round":0,"config":{"a":1},"times":[1]}\n');
    expect(() => new HistoryFile(file, space)).toThrow(/line 1 is of another space, other; this run measures kernel 64x64/);
    expect(() => new HistoryFile(file, { ...space, name: 'other' })).toThrow(/knob "block_size_x" is not in both/);
  });
});
