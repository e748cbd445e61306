import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kernelExperience, programExperience } from '../../../../workloads/tensor/models/experience.js';
import { knobFeatures } from '../../../../workloads/tensor/models/features.js';
import { parseKernelTunerCache } from '../../../../workloads/tensor/measure/kernelTunerCache.js';
import { createTuner } from '../../../../workloads/tensor/strategies/methods.js';
import { replayMeasurer } from '../../../../workloads/tensor/measure/replay.js';
import { runSession } from '../../../../workloads/tensor/study/session.js';
import { temporaryFolder } from '../../../support/cli.js';
import { smallCache } from '../support/cache.js';

const folder = temporaryFolder();
const write = (name: string, content: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

/** The same kernel with another optimum: like the small cache, but times are mapped. */
const mapped = (map: (time: number) => number): ReturnType<typeof smallCache> => {
  const cache = smallCache();
  for (const entry of Object.values(cache.cache)) {
    if (typeof entry['time'] !== 'number') continue;
    entry['time'] = map(entry['time']);
    entry['times'] = [entry['time']];
  }
  return cache;
};

const space = parseKernelTunerCache(mapped((time) => time), 'f');

/** Mean trials until the best is found, over seeds, and the share of sessions that trusted the history file in the end. */
async function trialsToBest(file: string | undefined): Promise<{ trials: number; trusting: number }> {
  const features = knobFeatures(space.knobs);
  const experience = kernelExperience(file === undefined ? [] : [file], space);
  let [sum, trusting] = [0, 0];
  for (let seed = 0; seed < 12; seed++) {
    const tuner = createTuner('rank', { space, features, seed, trials: 46, experience });
    const { trials } = await runSession({ space, tuner, measurer: replayMeasurer(space, seed), trials: 46 });
    if (tuner.trustsHistory) trusting++;
    sum += 1 + trials.findIndex(({ index }) => space.costs[space.rowOf.get(index)!] === space.optimum);
  }
  return { trials: sum / 12, trusting: trusting / 12 };
}

describe('transfer', () => {
  it('finds the best sooner with the history of a like device, and hardly later with a misleading one', async () => {
    const alone = await trialsToBest(undefined);
    const helped = await trialsToBest(write('slower.json', mapped((time) => 3 * time + 1)));
    const misled = await trialsToBest(write('opposite.json', mapped((time) => 20 / time)));
    expect(helped.trials).toBeLessThan(0.4 * alone.trials);
    expect(misled.trials).toBeLessThan(1.1 * alone.trials);
    expect([alone.trusting, helped.trusting, misled.trusting]).toEqual([0, 1, 0]);
  });

  it('goes on as without a history where that says nothing', async () => {
    const record = { space: 'k on other', method: 'rank', seed: 0, round: 0, config: { block_size_x: 64, tile: 2, padding: 0 } };
    const [alone, one, failed] = await Promise.all(
      [undefined, write('one.jsonl', `${JSON.stringify({ ...record, times: [2] })}\n`), write('failed.jsonl', `${JSON.stringify({ ...record, error: 'x' })}\n`)].map(trialsToBest),
    );
    expect(one).toEqual(alone);
    expect(failed).toEqual(alone);
  });

  it('learns the same from throughputs as from times', async () => {
    const rates = mapped((time) => time);
    rates['objective'] = 'GFLOP/s';
    for (const entry of Object.values(rates.cache)) {
      if (typeof entry['time'] !== 'number') continue;
      entry['GFLOP/s'] = 1 / entry['time'];
      delete entry['time'];
      delete entry['times'];
    }
    const times = await trialsToBest(write('times.json', mapped((time) => time)));
    expect(await trialsToBest(write('rates.json', rates))).toEqual(times);
    const lines = Object.values(rates.cache).flatMap(({ 'GFLOP/s': rate, block_size_x, tile, padding }) =>
      rate === undefined ? [] : [JSON.stringify({ space: 'k', config: { block_size_x, tile, padding }, objective: { name: 'GFLOP/s', unit: 'GFLOP/s', direction: 'maximise' }, values: [rate] })],
    );
    const { trials, trusting } = await trialsToBest(write('rates.jsonl', `${lines.join('\n')}\n`));
    expect(trusting).toBe(1);
    expect(trials).toBeLessThanOrEqual(times.trials + 1);
  });

  it('takes histories and caches of the same knobs, and refuses others in one sentence', () => {
    const record = { space: 'k on other', method: 'rank', seed: 0, round: 0, config: { block_size_x: 512, tile: 1, padding: 0 }, times: [2] };
    expect(kernelExperience([write('h.jsonl', `${JSON.stringify(record)}\n`)], space)).toBeDefined();
    const foreign = write('foreign.jsonl', `${JSON.stringify({ ...record, config: { MWG: 16 } })}\n`);
    expect(() => kernelExperience([foreign], space)).toThrow(/foreign\.jsonl, record 1, is a history of another space, k on other/);
    expect(() => programExperience([write('h2.jsonl', `${JSON.stringify(record)}\n`)])).toThrow(/history of another space, k on other; expected histories of generated programs/);
    const wrongKind = write('kind.jsonl', `${JSON.stringify({ ...record, config: { ...record.config, tile: 'x' } })}\n`);
    expect(() => kernelExperience([wrongKind], space)).toThrow(/value of the wrong kind/);
  });

  it('carries generated programs over between operators and shapes', () => {
    const config = { registerRows: 4, registerVectors: 2, lanes: 4, unroll: 2, tileRows: 0, tileColumns: 0, tileInner: 16, order: 'rck', columnsFirst: false, pack: true };
    const records = [
      { space: 'matmul 64x32x32 on wasm', config, times: [1] },
      { space: 'conv2d 28x28x128-128-k3-s1 on wasm', config: { ...config, windowInside: true, planeInside: false }, error: 'x' },
    ];
    const experience = programExperience([write('programs.jsonl', records.map((record) => `${JSON.stringify(record)}\n`).join(''))]);
    expect(experience).toBeDefined();
  });
});
