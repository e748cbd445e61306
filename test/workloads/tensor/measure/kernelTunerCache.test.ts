import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseKernelTunerCache, readKernelTunerCache } from '../../../../workloads/tensor/measure/kernelTunerCache.js';
import { configurationAt } from '../../../../workloads/tensor/space.js';
import { InputError } from '../../../../src/io/errors.js';
import { randomStream } from '../../../../src/math/random.js';
import { temporaryFolder } from '../../../support/cli.js';
import type { ObjectiveChoice } from '../../../../workloads/tensor/measure/cacheObjective.js';
import { parseCacheText } from '../../../../workloads/tensor/measure/cacheFile.js';
import { valueOfCost } from '../../../../workloads/tensor/measure/objective.js';
import { smallCache } from '../support/cache.js';
import { malformedCaches, writtenCaches } from '../support/dialects.js';

describe('Kernel Tuner cache', () => {
  it('is read with its constraints, failures and samples', () => {
    const space = parseKernelTunerCache(smallCache(), 'f');
    expect(space.name).toBe('kernel 64x64 on Test device');
    expect([space.size, space.indices.length, space.failures.size, space.optimum]).toEqual([48, 46, 2, 1]);
    const best = space.indices[space.costs.indexOf(space.optimum)]!;
    expect(configurationAt(space.knobs, best)).toEqual({ block_size_x: 64, tile: 2, padding: 0 });
    const random = randomStream(1);
    for (let i = 0; i < 200; i++) expect(space.isValid(space.sample(random))).toBe(true);
  });

  it('takes string, boolean and fractional knobs, single times, and failures as words, objects or 1e20', () => {
    const space = parseKernelTunerCache(
      {
        tune_params_keys: ['layout', 'fast', 'share'],
        tune_params: { layout: ['NCHW', 'NHWC'], fast: [true, false], share: [0.5, 1.0] },
        objective: 'time',
        cache: {
          'NCHW,True,0.5': { layout: 'NCHW', fast: true, share: 0.5, time: 2 },
          'NHWC,True,1.0': { layout: 'NHWC', fast: true, share: 1, time: 1e20 },
          'NHWC,False,1.0': { layout: 'NHWC', fast: false, share: 1, time: { __error__: 'InvalidConfig' } },
          'NHWC,False,0.5': { layout: 'NHWC', fast: false, share: 0.5, time: 'CompilationFailedConfig' },
        },
      },
      'f',
    );
    expect([...space.failures.values()]).toEqual(['failed', 'InvalidConfig', 'CompilationFailedConfig']);
    expect(space.samples[0]).toEqual([2]);
  });

  const broken = (change: (cache: ReturnType<typeof smallCache>) => void): unknown => {
    const document = smallCache();
    change(document);
    return document;
  };
  const entry = '64,2,0';
  it.each([
    ['no object', [1], /expected a JSON object/],
    ['no knob names', broken((c) => delete c['tune_params_keys']), /"tune_params_keys" is nothing; expected a list of knob names/],
    ['no values', broken((c) => delete c['tune_params']), /"tune_params" is nothing/],
    ['a knob without values', broken((c) => (c['tune_params'] = { tile: [1] })), /knob "block_size_x" nothing/],
    ['no cache', broken((c) => delete (c as Record<string, unknown>)['cache']), /"cache" is nothing/],
    ['an empty cache', broken((c) => (c.cache = {})), /holds no measured configuration/],
    ['an undeclared value', broken((c) => (c.cache[entry]!['tile'] = 3)), /"64,2,0": knob "tile" is 3, which is not one of its declared values 1, 2, 4, 8/],
    ['a missing value', broken((c) => delete c.cache[entry]!['tile']), /knob "tile" has no value/],
    ['a contradicted key', broken((c) => (c.cache[entry]!['tile'] = 4)), /the key says tile = 2, the entry says 4/],
    ['a negative time', broken((c) => (c.cache[entry]!['time'] = -1)), /objective "time" is -1; expected a positive number/],
    ['a time that is a list', broken((c) => (c.cache[entry]!['time'] = [1])), /objective "time" is \[1\]/],
    ['a broken sample', broken((c) => (c.cache[entry]!['times'] = [1, 'x'])), /"times" is \[1,"x"\]/],
    ['only failures', broken((c) => Object.values(c.cache).forEach((e) => (e['time'] = 'InvalidConfig'))), /all 46 failed/],
  ])('refuses %s in one sentence', (_name, document, message) => {
    expect(() => parseKernelTunerCache(document, 'f.json')).toThrow(InputError);
    expect(() => parseKernelTunerCache(document, 'f.json')).toThrow(message);
  });

  it('says the same in every dialect that tuners and accidents write', () => {
    const file = join(temporaryFolder(), 'written.json');
    fc.assert(
      fc.property(writtenCaches, ({ text, expected, direction }) => {
        writeFileSync(file, text);
        const space = readKernelTunerCache(file);
        expect(space.objective.direction).toBe(direction);
        expect(space.indices.length).toBe(expected.size);
        for (const [row, index] of space.indices.entries()) {
          const { block, tile } = configurationAt(space.knobs, index);
          const value = expected.get(`${String(block)},${String(tile)}`);
          expect(space.failures.has(row)).toBe(value === null);
          if (value !== null) expect(valueOfCost(space.objective, space.costs[row]!)).toBeCloseTo(value!, 6);
        }
        const values = [...expected.values()].filter((value) => value !== null);
        expect(valueOfCost(space.objective, space.optimum)).toBeCloseTo(direction === 'minimise' ? Math.min(...values) : Math.max(...values), 6);
      }),
      { numRuns: 300 },
    );
  });

  it.each(malformedCaches)('of %s is refused in one sentence', (_name, text, message) => {
    const read = (): unknown => parseKernelTunerCache(parseCacheText(text, 'f.json'), 'f.json');
    expect(read).toThrow(InputError);
    expect(read).toThrow(message);
  });

  it('is tuned for the objective that is asked for, whose samples it takes', () => {
    const entry = (a: number, time: number, energy: number): object => ({ a, time, times: [time], nvml_energy: energy, nvml_energys: [energy - 0.1, Number.NaN, energy + 0.1] });
    const text = JSON.stringify({ tune_params_keys: ['a'], tune_params: { a: [1, 2] }, cache: { 1: entry(1, 1, 9), 2: entry(2, 2, 5) } });
    const document = parseCacheText(text, 'f');
    const best = (choice: ObjectiveChoice): unknown => {
      const space = parseKernelTunerCache(document, 'f', choice);
      return configurationAt(space.knobs, space.indices[space.costs.indexOf(space.optimum)]!)['a'];
    };
    expect(best({})).toBe(1);
    expect(best({ objective: 'energy' })).toBe(2);
    expect(best({ direction: 'maximise' })).toBe(2);
    const energy = parseKernelTunerCache(document, 'f', { objective: 'energy' });
    expect(energy.objective).toEqual({ name: 'energy', unit: 'J', direction: 'minimise' });
    expect(energy.samples[1]).toEqual([4.9, 5.1]);
    expect(() => parseKernelTunerCache(document, 'f', { objective: 'power' })).toThrow(/no objective "power"/);
  });

  it('of throughputs finds the kernel that a cache of the same kernels\' times finds', () => {
    const times = parseKernelTunerCache(smallCache(), 'f');
    const document = smallCache();
    document['objective'] = 'GFLOP/s';
    for (const entry of Object.values(document.cache)) if (typeof entry['time'] === 'number') entry['GFLOP/s'] = 10 / entry['time'];
    const rates = parseKernelTunerCache(document, 'f');
    expect(rates.indices[rates.costs.indexOf(rates.optimum)]).toBe(times.indices[times.costs.indexOf(times.optimum)]);
    expect(rates.failures.size).toBe(times.failures.size);
    rates.costs.forEach((cost, row) => expect(cost / rates.optimum).toBeCloseTo(times.costs[row]! / times.optimum, 9));
  });

  it('reads plain and zipped files, and refuses cut ones', () => {
    const folder = temporaryFolder();
    const text = JSON.stringify(smallCache());
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    expect(readKernelTunerCache(file('a.json', text)).optimum).toBe(1);
    expect(readKernelTunerCache(file('a.json.gz', gzipSync(text))).optimum).toBe(1);
    const zipped = gzipSync(text);
    expect(() => readKernelTunerCache(file('cut.json.gz', zipped.subarray(0, zipped.length / 2)))).toThrow(/not a whole gzip file/);
    expect(readKernelTunerCache(file('cut.json', text.slice(0, -40))).indices.length).toBe(45);
    expect(() => readKernelTunerCache(join(folder, 'none.json'))).toThrow(/no such file/);
  });
});
