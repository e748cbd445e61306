import fc from 'fast-check';

/** A cache as a tuner of the field writes it, and what it says however it is written. */
export interface WrittenCache {
  readonly text: string;
  /** Values of the objective by configuration key; null where it failed. */
  readonly expected: ReadonlyMap<string, number | null>;
  readonly direction: 'minimise' | 'maximise';
}

type Entry = Record<string, unknown>;

/** How the objective is called, and what says which way it is better. */
const objectives = [
  { key: 'time', document: {}, direction: 'minimise' },
  { key: 'time', document: { objective: 'time' }, direction: 'minimise' },
  { key: 'time', document: { objective: ['time'] }, direction: 'minimise' },
  { key: 'GFLOP/s', document: { objective: 'GFLOP/s' }, direction: 'maximise' },
  { key: 'score', document: { objective: 'score', objective_higher_is_better: true }, direction: 'maximise' },
  { key: 'score', document: { objective: ['score'], objective_higher_is_better: [false] }, direction: 'minimise' },
  { key: 'nvml_energy', document: { objective: 'nvml_energy' }, direction: 'minimise' },
] as const;

/** Values that are none, in place of the objective. */
const failures: readonly Entry[] = [
  { value: 'RuntimeFailedConfig' },
  { value: { __error__: 'InvalidConfig' } },
  { value: 1e20 },
  { value: Number.NaN },
  { value: Number.POSITIVE_INFINITY },
  { value: null },
  { value: undefined },
  { value: 0 },
  { value: 3, __error__: 'CompilationFailedConfig' },
];

/** JSON as Python writes it. */
const python = (value: unknown): string =>
  JSON.stringify(value, (_key, held: unknown) => (typeof held === 'number' && !Number.isFinite(held) ? `<<${held}>>` : held)).replace(/"<<(.*?)>>"/g, '$1');

/** Ways in which the finished text of a cache differs between tools, and by accident. */
const writings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `\uFEFF${text}`,
  (text) => text.replace(/\n/g, '\r\n'),
  (text) => `${text}\n\n  \n`,
  (text) => text.replace(/\}\n\}$/, ',}\n}'),
  (text) => text.replace(/\}\n\}$/, ','), // left open
  (text) => text.replace(/\n\}$/, ''), // left open, one bracket there
  (text) => text.replace(/\}\n\}$/, ',\n"9999,1": {"block": 9999, "ti'), // left open in the middle of an entry
];

/** Caches of 4 x 3 configurations, some of them failed or written twice, in every dialect. */
export const writtenCaches: fc.Arbitrary<WrittenCache> = fc
  .record({
    objective: fc.constantFrom(...objectives),
    values: fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 12, maxLength: 12 }),
    failed: fc.array(fc.tuple(fc.integer({ min: 1, max: 11 }), fc.constantFrom(...failures)), { maxLength: 5 }),
    side: fc.constantFrom<Entry>({}, { 'GB/s': Number.NaN }, { ps_power: 31.5, temperature: Number.NEGATIVE_INFINITY }, { log: 'x "y" {z}, NaN' }),
    twice: fc.boolean(),
    write: fc.constantFrom(...writings),
  })
  .map(({ objective, values, failed, side, twice, write }) => {
    const { key, document, direction } = objective;
    const failing = new Map(failed);
    const expected = new Map<string, number | null>();
    const lines: string[] = [];
    [32, 64, 128, 256].forEach((block, b) =>
      [1, 2, 4].forEach((tile, t) => {
        const at = 3 * b + t;
        const { value = values[at], ...more } = failing.get(at) ?? {};
        const lost = failing.has(at) && failing.get(at)!['value'] === undefined;
        const entry: Entry = { block, tile, ...side, ...(key === 'time' ? {} : { time: 1 }), ...(lost ? {} : { [key]: value }), ...more };
        const name = `${block},${tile}`;
        if (twice && at === 5) lines.push(`"${name}": ${python({ block, tile, [key]: 7 })}`);
        lines.push(`"${name}": ${python(entry)}`);
        expected.set(name, failing.has(at) ? null : values[at]!);
      }),
    );
    const head = python({ device_name: 'D', kernel_name: 'k', tune_params_keys: ['block', 'tile'], tune_params: { block: [32, 64, 128, 256], tile: [1, 2, 4] }, ...document });
    return { text: write(`${head.slice(0, -1)}, "cache": {\n${lines.join(',\n')}}\n}`), expected, direction };
  });

/** Texts that no reading makes a cache of, and what is said of them. */
export const malformedCaches: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['nothing', '', /not valid JSON/],
  ['a list', '[]', /expected a JSON object/],
  ['an open header', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "cache": {', /holds no measured configuration/],
  ['a fault in the middle', '{"tune_params_keys": ["a"], "tune_params": {"a": [1, 2]}, "cache": {"1": {"a": 1, "time": 2 3}, "2": {"a": 2, "time": 2}}}', /not valid JSON/],
  ['bare NaN in place of the cache', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "cache": NaN}', /"cache" is null; expected an object/],
  ['two objectives', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "objective": ["time", "energy"], "cache": {"1": {"a": 1, "time": 2, "energy": 3}}}', /several objectives, time, energy; choose one with --objective/],
  ['an objective of unknown direction', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "objective": "score", "cache": {"1": {"a": 1, "score": 2}}}', /whether "score" is better high or low is not known; expected --direction/],
  ['a direction that is none', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "objective_higher_is_better": "yes", "cache": {"1": {"a": 1, "time": 2}}}', /"objective_higher_is_better" is "yes"/],
  ['an objective that is not there', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "objective": "energy", "cache": {"1": {"a": 1, "time": 2}}}', /no objective "energy".*Known: time/],
  ['a negative time', '{"tune_params_keys": ["a"], "tune_params": {"a": [1]}, "cache": {"1": {"a": 1, "time": -2}}}', /objective "time" is -2/],
];
