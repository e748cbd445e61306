import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readAzureLlm, readCarbon, readEia, readEpw, readGenTd26, readLocations, readPrices, readServeGen, readWeather } from '../../datasets/index.js';
import { resolveExperiment } from '../../experiments/run/config.js';
import { readManifest, sweepSpecs, sweepSchema, writeManifest, jobsOf } from '../../experiments/sweep/index.js';
import { readSweep } from '../../experiments/sweep/config.js';
import { openRun } from '../../experiments/run/runFolder.js';
import { readCsv } from '../../src/io/csv.js';
import { InputError } from '../../src/io/errors.js';
import { readJson, readText } from '../../src/io/files.js';
import { readYaml } from '../../src/io/config.js';
import { RunCatalogue } from '../../web/runs/catalogue.js';
import { RunLibrary } from '../../web/runs/library.js';
import { readRoutingLog } from '../../workloads/moe/routingLog.js';
import { builtinCalibrations, readCalibration } from '../../workloads/power/calibration.js';
import { readDeviceFile } from '../../workloads/power/deviceFile.js';
import { readKernelFile } from '../../workloads/power/kernelFile.js';
import { readMeasurements } from '../../workloads/power/measurements.js';
import { readHistory } from '../../workloads/tensor/measure/history.js';
import { readKernelTunerCache } from '../../workloads/tensor/measure/kernelTunerCache.js';
import { kernelExperience } from '../../workloads/tensor/models/experience.js';
import { dialects, noNumbers } from '../support/dialects.js';
import { temporaryFolder } from '../support/cli.js';
import { hourlyCsv } from '../datasets/support.js';
import { roundDevice } from '../workloads/power/support.js';
import { smallCache } from '../workloads/tensor/support/cache.js';

/** A reader, a file for it in which `#` is one number, and that number. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly number?: string;
  read(file: string): unknown;
  /** What stands for a number in a format of its own, beside decimals. */
  readonly alsoNumbers?: readonly string[];
}

const hourly = (column: string, time = 'datetime_utc'): string => hourlyCsv({ [column]: (hour) => (hour === 7 ? '#' : 40 + hour) }, { time });
const epw = ['LOCATION,Town,-,X,TMY,1,40.5,-3.5,1.0,600', ...Array.from({ length: 7 }, (_, i) => `HEADER ${i}`), ...[1, 2].map((hour) => `2010,1,1,${hour},0,?9,5,0,80,0,0,0,0,${hour === 1 ? '#' : 90},50,50,0,0,0,0,0,3.5`)].join('\n');
const openMeteo = '{"hourly": {"time": ["2023-01-01T00:00", "2023-01-01T01:00"],\n"temperature_2m": [#, 5]}}\n';
const routes = `${[1, 2, 3].map((id) => `{"type": "route", "token_idx": ${id}, "layer": 0, "topk_ids": [${id === 2 ? '#' : id}, 5]}`).join('\n')}\n`;
const sheet = 'gpu_configs:\n  dram_bw: #\n  dram_freq: 6000\n  cuda_fp32_flops: 20\n  tc_fp16_flops: 100\n  sm_max_freq: 1500\n  num_sm: 60\n  dram_size: 16\n  power_cap: 200\n  l2_size: 4\n  l2_bw: 2048\n';
const cache = JSON.stringify(smallCache(), null, 1).replace('"padding": 0,', '"padding": 0,\n   "energy": NaN,');
const yamlNumbers = ['0x1F', '0o7'];

const cases: readonly Case[] = [
  { name: 'prices of a region', file: 'SE-4_electricity_prices_2031.csv', text: hourly('Price (USD/MWh)', 'Datetime'), number: '47', read: readPrices },
  { name: 'aligned prices', file: 'price_x.csv', text: hourly('A'), number: '47', read: readPrices },
  { name: 'carbon', file: 'JP_2024_hourly.csv', text: hourly('Carbon Intensity gCO₂eq/kWh (direct)', 'Datetime (UTC)'), number: '47', read: readCarbon },
  { name: 'weather', file: 'windspeed_10m_kmh_x.csv', text: hourly('A'), number: '47', read: readWeather },
  { name: 'weather of Open-Meteo', file: 'ZA_2023.json', text: openMeteo, number: '4.5', read: readWeather, alsoNumbers: ['NaN', '-NaN', 'null'] },
  { name: 'places', file: 'locations.csv', text: 'region,lat,lon,timezone\nZA,#,28,Africa/Johannesburg\n', number: '-26.2', read: readLocations },
  { name: 'generation', file: 'e.csv', text: hourlyCsv(Object.fromEntries(['WND', 'SUN', 'WAT', 'OIL', 'NG', 'COL', 'NUC', 'OTH'].map((fuel) => [fuel, (hour: number) => (fuel === 'SUN' && hour === 3 ? '#' : 1000)])), { time: 'timestamp' }), number: '1000', read: readEia },
  { name: 'typical year', file: 'a.epw', text: epw, number: '100', read: readEpw },
  { name: 'image requests', file: 'g.csv', text: 'gmt_create,predict_type,predict_status,exec_time_seconds,num_images_per_prompt,num_inference_steps\n2024-11-15 16:57:50,TXT,"SUCCEED",#,1.0,30.0\n', number: '32.0', read: readGenTd26 },
  { name: 'text requests', file: 'a.csv', text: 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,374,#\n', number: '44', read: readAzureLlm },
  { name: 'request rates', file: 's.csv', text: 't_s,m-large\n0,#\n600,179.7\n', number: '212.8', read: readServeGen },
  { name: 'routing log', file: 'r.jsonl', text: routes, number: '2', read: (file) => readRoutingLog(file) },
  { name: 'routing document', file: 'r.json', text: '{"expertsPerLayer": #,\n"selections": [[[1]], [[2]], [[3]]]}\n', number: '8', read: (file) => readRoutingLog(file), alsoNumbers: ['null'] },
  { name: 'kernel list', file: 'k.json', text: '[\n[{"dim_m": 1}, ["none"]]\n]\n', read: (file) => attempt(() => readKernelFile(file)) },
  { name: 'data sheet', file: 'd.yaml', text: sheet, number: '500', read: readDeviceFile, alsoNumbers: yamlNumbers },
  { name: 'power calibration', file: 'c.json', text: JSON.stringify(builtinCalibrations()[0], null, 2), read: readCalibration },
  { name: 'power measurements', file: 'm.csv', text: 'workload,energy,time,avg_freq,temp\nnet_b1,#,2000,1000,50\n', number: '200', read: (file) => readMeasurements(file, new Map(), roundDevice) },
  { name: 'tuning cache', file: 'cache.json', text: cache, read: readKernelTunerCache },
  { name: 'tuning cache as a history', file: 'cache.json', text: JSON.stringify(smallCache(), null, 1), read: (file) => kernelExperience([file], readKernelTunerCache(file)) },
  { name: 'tuning history', file: 'h.jsonl', text: '{"space": "s", "config": {"a": 1}, "times": [#]}\n{"space": "s", "config": {"a": 2}, "error": "no"}\n', number: '1.5', read: readHistory },
  { name: 'run configuration', file: 'config.yaml', text: stringify(resolveExperiment({ preset: 'price' })).replace(/^steps: \d+$/m, 'steps: #'), number: '144', read: (file) => openRun(dirname(file)).config, alsoNumbers: yamlNumbers },
  { name: 'sweep', file: 's.yaml', text: 'experiment: x\npreset: price\nseeds: [#, 4]\n', number: '3', read: readSweep, alsoNumbers: yamlNumbers },
  { name: 'manifest', file: 'manifest.jsonl', text: manifestText(), read: readManifest },
  { name: 'any table', file: 't.csv', text: 'a,b\n1,x\n2,y\n', read: (file) => { const table = readCsv(file); return [table.columns, table.number(1, 'a'), table.cell(1, 'b')]; } },
  { name: 'any JSON', file: 'x.json', text: '{"a": [1,\n2]}\n', read: readJson },
  { name: 'any YAML', file: 'x.yaml', text: 'b: |\n  two\n  lines\na:\n  - 1\n', read: readYaml },
];

describe.each(cases)('$name', ({ file: name, text, number = '', read, alsoNumbers = [] }) => {
  const write = (content: string | Buffer): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const folder = temporaryFolder();

  it('is read alike however it is written', () => {
    const shown = (content: string | Buffer): string => inspect(read(write(content)), { depth: 20, maxArrayLength: null, maxStringLength: null });
    const plain = shown(text.replace('#', number));
    for (const [dialect, encode] of Object.entries(dialects)) {
      expect([dialect, shown(encode(text.replace('#', number)))]).toEqual([dialect, plain]);
    }
  });

  it.skipIf(number === '')('takes nothing for a number that is none', () => {
    for (const found of noNumbers.filter((one) => !alsoNumbers.includes(one))) {
      expect([found, attempt(() => read(write(text.replace('#', found))))]).toEqual([found, InputError]);
    }
    for (const found of alsoNumbers) read(write(text.replace('#', found)));
  });
});

describe('a run on the dashboard', () => {
  it('is shown alike however its files are written', async () => {
    const root = temporaryFolder();
    const folder = join(root, 'e', 'ddpg');
    mkdirSync(folder, { recursive: true });
    const texts = { 'config.yaml': stringify(resolveExperiment({ preset: 'price' })), 'metrics.csv': 'step,utility\n288,5\n576,7.5\n' };
    const shown = async (encode: (text: string) => Buffer) => {
      for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), encode(text));
      const library = new RunLibrary(await RunCatalogue.open(root));
      const { row, metrics } = await library.detail('e/ddpg');
      return { row: { ...row, changedMs: 0, variant: '' }, metrics, groups: await library.groups(['e/ddpg'], 'utility') };
    };
    const plain = await shown(Buffer.from);
    expect(plain.groups[0]!.runs[0]!.values).toEqual([5, 7.5]);
    for (const [dialect, encode] of Object.entries(dialects)) {
      if (dialect !== 'gzip') expect([dialect, await shown(encode)]).toEqual([dialect, plain]);
    }
  });
});

/** What `work` gives, or the class of what it throws. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).constructor;
  }
}

function manifestText(): string {
  const folder = temporaryFolder();
  const file = join(folder, 'manifest.jsonl');
  writeManifest(file, jobsOf(sweepSpecs(sweepSchema.parse({ experiment: 'x', preset: 'price', seeds: [1, 2] }), 'x.yaml'), folder));
  return readText(file);
}
