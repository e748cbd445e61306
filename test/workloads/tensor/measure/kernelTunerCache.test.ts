import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseKernelTunerCache, readKernelTunerCache } from '../../../../workloads/tensor/measure/kernelTunerCache.js';
import { configurationAt } from '../../../../workloads/tensor/space.js';
import { InputError } from '../../../../src/io/errors.js';
import { randomStream } from '../../../../src/math/random.js';
import { temporaryFolder } from '../../../support/cli.js';
import { smallCache } from '../support/cache.js';

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
    ['no objective', broken((c) => delete c['objective']), /"objective" is nothing/],
    ['another objective', broken((c) => (c['objective'] = 'energy')), /configuration "8,1,0": it has no objective "energy"/],
    ['an undeclared value', broken((c) => (c.cache[entry]!['tile'] = 3)), /"64,2,0": knob "tile" is 3, which is not one of its declared values 1, 2, 4, 8/],
    ['a missing value', broken((c) => delete c.cache[entry]!['tile']), /knob "tile" has no value/],
    ['a contradicted key', broken((c) => (c.cache[entry]!['tile'] = 4)), /the key says tile = 2, the entry says 4/],
    ['a negative time', broken((c) => (c.cache[entry]!['time'] = -1)), /objective "time" is -1; expected a positive number/],
    ['an empty time', broken((c) => (c.cache[entry]!['time'] = null)), /objective "time" is null/],
    ['a broken sample', broken((c) => (c.cache[entry]!['times'] = [1, 'x'])), /"times" is \[1,"x"\]/],
    ['only failures', broken((c) => Object.values(c.cache).forEach((e) => (e['time'] = 'InvalidConfig'))), /all 46 failed/],
  ])('refuses %s in one sentence', (_name, document, message) => {
    expect(() => parseKernelTunerCache(document, 'f.json')).toThrow(InputError);
    expect(() => parseKernelTunerCache(document, 'f.json')).toThrow(message);
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
    expect(() => readKernelTunerCache(file('cut.json', text.slice(0, -2)))).toThrow(/not valid JSON/);
    expect(() => readKernelTunerCache(join(folder, 'none.json'))).toThrow(/no such file/);
  });
});
