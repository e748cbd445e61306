import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { main } from '../../cli/main.js';
import { loadWorld, readAzureLlm } from '../../datasets/index.js';
import { resolveExperiment } from '../../experiments/run/config.js';
import { readCurve } from '../../experiments/run/learningCurve.js';
import { readSummary, runFolder } from '../../experiments/run/runFolder.js';
import type { RunSummary } from '../../experiments/run/runFolder.js';
import { readSweep } from '../../experiments/sweep/config.js';
import { jobsOf, readManifest, writeManifest } from '../../experiments/sweep/index.js';
import { readCheckpoint, writeCheckpoint } from '../../src/io/checkpoint.js';
import { InputError } from '../../src/io/errors.js';
import type { RandomStream } from '../../src/math/random.js';
import { randomStream } from '../../src/math/random.js';
import { readCalibration, readDeviceFile, readKernelFile } from '../../workloads/power/index.js';
import { readRoutingLog } from '../../workloads/moe/routingLog.js';
import { readKernelTunerCache } from '../../workloads/tensor/index.js';
import { smallFolder } from '../datasets/support.js';
import { projectRoot, temporaryFolder } from '../support/cli.js';
import { smallCache } from '../workloads/tensor/support/cache.js';

// JOULEFLOW_FULL=1: as many as docs/results/running-many.md reports.
const full = process.env['JOULEFLOW_FULL'] === '1';
const configs = full ? 10_000 : 150;
const corruptions = full ? 2000 : 260;
const folder = temporaryFolder();

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value that no key of that type takes. */
function wrong(value: Json, random: RandomStream): Json {
  const others: Json[] = [['x'], { nonsense: 1 }, ...(typeof value === 'string' ? [17, true] : ['nonsense', '']), ...(typeof value === 'boolean' ? [3.5] : [])];
  const fit = Array.isArray(value) ? others.filter((other) => !Array.isArray(other)) : typeof value === 'object' ? others.filter((other) => typeof other !== 'object') : others;
  return fit[random.integer(fit.length)]!;
}

/** One thing wrong somewhere: a value of another type, or a key that does not exist. null is left alone, as its type is not known. */
function spoil(value: Json, random: RandomStream): Json {
  if (typeof value !== 'object' || value === null) return wrong(value, random);
  const keys = Object.keys(value).filter((key) => (value as Record<string, Json>)[key] !== null && !isEmpty((value as Record<string, Json>)[key]!));
  if (keys.length === 0 || random.next() < 0.06) return wrong(value, random);
  if (!Array.isArray(value) && random.next() < 0.15) return { ...value, [`nonsense${random.integer(100)}`]: 1 };
  const key = keys[random.integer(keys.length)]!;
  const spoiled = spoil((value as Record<string, Json>)[key]!, random);
  return Array.isArray(value) ? value.map((entry, i) => (String(i) === key ? spoiled : entry)) : { ...value, [key]: spoiled };
}
const isRecord = (value: Json): value is { [key: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: Json): boolean => Array.isArray(value) && value.length === 0;

/** Runs the command line in this process and returns what it says, by the contract for bad input. */
async function refusal(args: readonly string[]): Promise<string> {
  const said: string[] = [];
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (said.push(`stdout: ${String(text)}`), true));
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true));
  try {
    await main(args);
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
  const code = process.exitCode;
  process.exitCode = undefined;
  expect(code, `${args.join(' ')}: ${said.join('')}`).toBe(2);
  expect(said).toHaveLength(1);
  return sentence(said[0]!);
}

function sentence(text: string): string {
  expect(text).not.toMatch(/^stdout|\n.|\n\s+at |undefined is not|is not a function|Cannot read propert|is not iterable/);
  expect(text.trim().length).toBeGreaterThan(15);
  return text.trim();
}

afterEach(() => {
  process.exitCode = undefined;
});

describe(`${configs} bad configurations`, () => {
  it('are refused in one sentence each, and leave nothing', async () => {
    const random = randomStream(1, 'bad configurations');
    const good = ['quickstart', 'price', 'paper', 'joint'].map((preset) => resolveExperiment({ preset }) as unknown as Json);
    const file = join(folder, 'config.yaml');
    const out = join(folder, 'runs');
    for (let i = 0; i < configs; i++) {
      const whole = good[i % good.length] as Record<string, Json>;
      const spoiled = spoil(whole, random);
      // What is as before is left to the defaults.
      const text = stringify(isRecord(spoiled) ? Object.fromEntries(Object.entries(spoiled).filter(([key, value]) => value !== whole[key])) : spoiled);
      writeFileSync(file, text);
      const said = await refusal(['train', '--config', file, '--out', out]);
      expect(said, text).toContain('config.yaml');
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(existsSync(out)).toBe(false);
    }
  }, 3_600_000);
});

/** What happens to files: cut off, bits flipped, pieces lost, doubled or overwritten. */
function corrupt(bytes: Buffer, random: RandomStream): Buffer {
  const at = random.integer(bytes.length + 1);
  const length = 1 + random.integer(Math.max(1, Math.min(64, bytes.length - at)));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  const noise = Buffer.from(Array.from({ length }, () => random.integer(256)));
  switch (random.integer(7)) {
    case 0:
      return before;
    case 1: {
      const flipped = Buffer.from(bytes);
      for (let i = 0; i <= random.integer(4); i++) flipped[random.integer(bytes.length)]! ^= 1 << random.integer(8);
      return flipped;
    }
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, piece, piece, after]);
    case 4:
      return Buffer.concat([before, noise, after]);
    case 5:
      return Buffer.concat([before, noise, piece, after]);
    default:
      return Buffer.concat([before, Buffer.from(['-', '"', '{', '\n', ',', ': ', 'null', '1e999', '[]'][random.integer(9)]!), after]);
  }
}

interface Format {
  readonly file: string;
  read(file: string): unknown;
}
const formats: Format[] = [];
const add = (name: string, content: string | Buffer, read: (file: string) => unknown): void => {
  const file = join(folder, 'formats', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  formats.push({ file, read });
};

describe(`${corruptions} corrupted files`, () => {
  beforeAll(() => {
    const world = smallFolder();
    const prices = join(world, 'price', 'price_usd_per_mwh_utc_2023.csv');
    formats.push({ file: prices, read: () => loadWorld(world).conditions('US-CAL-CISO', Date.UTC(2023, 0, 1), 96, 900) });
    add('azure.csv', 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n', readAzureLlm);
    add('run1/metrics.csv', 'step,validationUtility,validationLateRate\n288,5298.34,0.04\n576,,\n864,5301.5,0.03\n', (file) => readCurve(runFolder(dirname(file))));
    add('config.yaml', stringify(resolveExperiment({ preset: 'price' })), (file) => resolveExperiment({ config: file }));
    add('sweep.yaml', 'experiment: s\npreset: price\nset: {steps: 500}\ngrid:\n  agent.kind: [ddpg, td3]\nseeds: 0..3\nschedulers: [greedy]\nbound: true\n', readSweep);
    add('device.yaml', readFileSync(join(projectRoot, 'workloads', 'power', 'devices', 'A100-40GB.yaml')), readDeviceFile);
    const calibration = join(projectRoot, 'workloads', 'power', 'calibrations', 'A10.json');
    add('calibration.json', readFileSync(calibration), readCalibration);
    add('kernels.json', JSON.stringify([[{ batch: 2, dimM: 8, dimN: 16, dimK: 4, precM: 'bf16', precA: 'bf16', useTensorCore: true }, ['gemm', 'tc', 'bf16_bf16']]]), readKernelFile);
    add('cache.json', JSON.stringify(smallCache()), readKernelTunerCache);
    add('routes.json', JSON.stringify({ selections: Array.from({ length: 20 }, (_, token) => [[token % 4, (token + 1) % 4]]) }), (file) => readRoutingLog(file));
    const specs = [{ kind: 'train' as const, config: resolveExperiment({ preset: 'price' }) }];
    const manifest = join(folder, 'formats', 'manifest.jsonl');
    writeManifest(manifest, jobsOf(specs, folder));
    formats.push({ file: manifest, read: readManifest });
    const evaluation = Object.fromEntries(
      ['lateRate', 'revenue', 'penalty', 'transferCost', 'energyCost', 'energyKwh', 'gridImportKwh', 'renewableKwh', 'carbonKg', 'meanSteps'].map((key) => [key, 1.5]),
    );
    const judged = { ...evaluation, days: ['2023-03-01'], utility: { mean: 5, ci95: null }, utilityByDay: [5], bound: null, shareOfBound: null, hindsight: null, shareOfHindsight: null };
    const summary = { steps: 5, parameters: 7, validation: { utility: 1, lateRate: 0, step: 3 }, test: { best: judged, last: judged }, schedulers: {} };
    add('run2/summary.json', JSON.stringify(summary as unknown as RunSummary), (file) => readSummary(runFolder(dirname(file))));
    const checkpoint = join(folder, 'formats', 'state.safetensors');
    writeCheckpoint(checkpoint, { arrays: { rows: Float32Array.from({ length: 300 }, Math.sqrt), seen: Int32Array.of(1, 2, 3) }, values: { step: 12, note: 'x' } });
    formats.push({ file: checkpoint, read: readCheckpoint });
  });

  it('are read as they are or refused in one sentence each, and are not changed', () => {
    const random = randomStream(2, 'corrupted files');
    const refused = new Map<string, number>();
    for (let i = 0; i < corruptions; i++) {
      const { file, read } = formats[i % formats.length]!;
      const original = readFileSync(file);
      const before = i < formats.length ? read(file) : null;
      const corrupted = corrupt(original, random);
      writeFileSync(file, corrupted);
      try {
        const after = read(file);
        // A checkpoint is whole or refused: nobody would see that a weight is another.
        if (file.endsWith('.safetensors') && before !== null) expect(after).toEqual(before);
      } catch (error) {
        if (!(error instanceof InputError)) throw new Error(`${basename(file)}: ${String(error)}\n${corrupted.toString('latin1').slice(0, 2000)}`, { cause: error });
        sentence(error.message);
        refused.set(basename(file), (refused.get(basename(file)) ?? 0) + 1);
      }
      expect(readFileSync(file).equals(corrupted)).toBe(true);
      writeFileSync(file, original);
    }
    for (const { file } of formats) expect(refused.get(basename(file)) ?? 0, `${basename(file)} is refused at times`).toBeGreaterThan(0);
  });

  it('show in a checkpoint at every byte', () => {
    const { file, read } = formats.find((format) => format.file.endsWith('.safetensors'))!;
    const original = readFileSync(file);
    const whole = read(file);
    for (let at = 0; at < original.length; at += 3) {
      const changed = Buffer.from(original);
      changed[at]! ^= 1 << (at % 8);
      writeFileSync(file, changed);
      try {
        expect(read(file), `byte ${at}`).toEqual(whole);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        sentence(error.message);
      }
    }
    writeFileSync(file, original);
  });
});
