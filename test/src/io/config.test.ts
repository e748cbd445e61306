import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { overlay, parseYaml, setByPath, validate } from '../../../src/io/config.js';
import { InputError } from '../../../src/io/errors.js';

const schema = z.strictObject({
  steps: z.int().min(1).default(10),
  sites: z.array(z.strictObject({ capacityKwh: z.number().default(1) })).default([{ capacityKwh: 1 }]),
});

describe('configuration', () => {
  it('lays one over another, and single keys over both', () => {
    const config = overlay({ a: { b: 1, c: [1, 2] } }, { a: { c: [3] } });
    expect(config).toEqual({ a: { b: 1, c: [3] } });
    expect(setByPath(config, 'a.c.0=7.5')).toEqual({ a: { b: 1, c: [7.5] } });
    expect(setByPath({ sites: [{ a: 1 }, { a: 2, b: 3 }] }, 'sites.*.a=0')).toEqual({ sites: [{ a: 0 }, { a: 0, b: 3 }] });
    expect(setByPath(config, 'a.new.key=[x, y]')).toEqual({ a: { b: 1, c: [3], new: { key: ['x', 'y'] } } });
  });

  it.each([
    [{ stpes: 3 }, /^f\.yaml: unknown key "stpes"\. Did you mean "steps"\?$/],
    [{ sites: [{ capacityKw: 3 }] }, /unknown key "sites\.0\.capacityKw"\. Did you mean "capacityKwh"\?/],
    [{ steps: 0 }, /"steps".*found 0\.$/],
    [{ steps: 1.5 }, /"steps".*int.*found 1\.5\.$/],
    [{ steps: 'many' }, /"steps".*number.*found "many"\.$/],
    [{ steps: NaN }, /"steps".*NaN/],
  ])('refuses %j in one sentence', (value, message) => {
    expect(() => validate(schema, value, 'f.yaml')).toThrow(message);
  });

  it.each(['a', '=1', 'a..b=1', 'sites.5.capacityKwh=1'])('refuses --set %s', (assignment) => {
    expect(() => setByPath({ sites: [{}] }, assignment)).toThrow(InputError);
  });

  it('gives a value or one sentence for any YAML text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          validate(schema, parseYaml(text, 'f.yaml'), 'f.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message.split('\n')).toHaveLength(1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['__proto__: {polluted: 1}', 'steps: 3\n__proto__: []', 'sites: [{__proto__: 1}]', '"__proto__": {steps: 5}'])('refuses %j, wherever it is laid over', (text) => {
    const laid = overlay({ steps: 1 }, parseYaml(text, 'f.yaml'));
    expect(() => validate(schema, laid, 'f.yaml')).toThrow(/^f\.yaml: unknown key "(sites\.0\.)?__proto__"\.$/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['__proto__.polluted=1', 'sites.0.__proto__=1'])('refuses --set %s', (assignment) => {
    expect(() => setByPath({ sites: [{}] }, assignment)).toThrow(/unknown key "__proto__"/);
  });

  it.each(['-1', '1', '0x0', '1e0', '00', ' 0', '-0', '+0', 'NaN', 'length'])('refuses "%s" as the place of an entry', (key) => {
    expect(() => setByPath({ sites: [{ name: 'a' }] }, `sites.${key}.name=x`)).toThrow(/"sites" has 1 entries, 0 to 0, so there is no entry "/);
  });

  it('refuses what is nested too deeply', () => {
    expect(() => parseYaml('['.repeat(100_000), 'f.yaml')).toThrow(InputError);
  });
});
