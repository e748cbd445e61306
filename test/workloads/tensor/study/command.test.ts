import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jouleflow, projectRoot, refused, temporaryFolder } from '../../../support/cli.js';
import { hasSharedData, sharedData } from '../../../support/data.js';
import { smallCache } from '../support/cache.js';

const folder = temporaryFolder();
const cache = join(folder, 'small.json');
writeFileSync(cache, JSON.stringify(smallCache()));

describe('jouleflow tune', () => {
  it('replay prints one document with a ratio at every budget', () => {
    const { status, stdout } = jouleflow(['tune', 'replay', '--cache', cache, '--method', 'rank,random', '--trials', '40', '--seeds', '3', '--json']);
    expect(status).toBe(0);
    const document = JSON.parse(stdout) as { methods: { name: string; ratio: Record<string, { mean: number; ci95: number }> }[] };
    expect(document).toMatchObject({ space: 'kernel 64x64 on Test device', configurations: 46, failed: 2, optimumMs: 1 });
    expect(document.methods.map(({ name }) => name)).toEqual(['rank', 'random']);
    for (const { ratio } of document.methods) expect(ratio['40']!.mean).toBeGreaterThanOrEqual(1);
  });

  it('tunes towards the better end of an objective, whatever its direction, and says its unit', () => {
    const document = smallCache();
    for (const entry of Object.values(document.cache)) {
      if (typeof entry['time'] !== 'number') continue;
      entry['GFLOP/s'] = 100 / entry['time'];
      entry['nvml_energy'] = 50 - 3 * entry['time'];
    }
    document['objective'] = 'GFLOP/s';
    const rates = join(folder, 'rates.json');
    writeFileSync(rates, JSON.stringify(document));
    const run = (...more: string[]): { objective: object; optimum: number; optimumMs?: number; ratio: number; best: object } =>
      JSON.parse(jouleflow(['tune', 'run', '--target', 'replay', '--cache', rates, '--trials', '46', '--json', ...more]).stdout) as ReturnType<typeof run>;
    const fastest = { block_size_x: 64, tile: 2, padding: 0 };
    const throughput = run('--out', join(folder, 'rates.jsonl'));
    expect(throughput).toMatchObject({ objective: { name: 'GFLOP/s', unit: 'GFLOP/s', direction: 'maximise' }, optimum: 100, ratio: 1, best: { config: fastest, value: 100 } });
    expect(throughput).not.toHaveProperty('optimumMs');
    expect(run('--objective', 'time', '--out', join(folder, 'times.jsonl'))).toMatchObject({ optimum: 1, optimumMs: 1, best: { config: { block_size_x: 64, tile: 2 } } });
    const energy = run('--objective', 'energy', '--out', join(folder, 'energy.jsonl'));
    expect(energy).toMatchObject({ objective: { name: 'energy', unit: 'J', direction: 'minimise' }, ratio: 1 });
    expect(energy.best).not.toMatchObject({ config: fastest });
    expect(jouleflow(['tune', 'replay', '--cache', rates, '--trials', '8', '--seeds', '2']).stdout).toMatch(/optimum 100 GFLOP\/s.*most is best/);
    expect(refused(['tune', 'run', '--target', 'replay', '--cache', rates, '--objective', 'time', '--out', join(folder, 'rates.jsonl')])).toMatch(/line 1 measures another objective, to maximise GFLOP\/s/);
    expect(refused(['tune', 'replay', '--cache', rates, '--objective', 'registers'])).toMatch(/whether "registers" is better high or low is not known/);
  });

  it('run, killed at some trial and started again, ends with the history of an undisturbed run', async () => {
    const args = (out: string): string[] => ['tune', 'run', '--target', 'replay', '--cache', cache, '--trials', '44', '--seed', '3', '--json', '--out', out];
    const [whole, killed] = [join(folder, 'whole.jsonl'), join(folder, 'killed.jsonl')];
    expect(jouleflow(args(whole)).status).toBe(0);
    const child = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...args(killed)], { stdio: 'ignore' });
    while (!existsSync(killed)) await setTimeout(1);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('exit', resolve));
    const before = readFileSync(killed, 'utf8').split('\n').length - 1;
    const { status, stdout } = jouleflow(args(killed));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ trials: 44, resumed: before });
    expect(readFileSync(killed, 'utf8')).toBe(readFileSync(whole, 'utf8'));
  });

  it('report draws the curves and the model by round', () => {
    const history = join(folder, 'replay.jsonl');
    expect(jouleflow(['tune', 'replay', '--cache', cache, '--method', 'rank,random', '--trials', '46', '--seeds', '2', '--out', history]).status).toBe(0);
    const { status, stdout } = jouleflow(['tune', 'report', history, '--cache', cache, '--out', join(folder, 'figures'), '--json']);
    expect(status).toBe(0);
    const [report] = (JSON.parse(stdout) as { spaces: { figures: string[]; methods: { name: string; runs: number; rounds: { recallAt64: number }[] }[] }[] }).spaces;
    expect(report!.methods.map(({ name, runs }) => [name, runs])).toEqual([['rank', 2], ['random', 2]]);
    for (const { recallAt64 } of report!.methods[0]!.rounds) expect(recallAt64).toBeGreaterThan(0.4);
    for (const figure of report!.figures) expect(readFileSync(figure).subarray(1, 4).toString()).toBe('PNG');
  });

  it('refuses bad input in one sentence', () => {
    const replay = (...more: string[]): string[] => ['tune', 'replay', '--cache', cache, ...more];
    expect(refused(replay('--method', 'rnk'))).toMatch(/no method "rnk".*Did you mean "rank"/);
    expect(refused(replay('--trials', '0'))).toMatch(/--trials is 0; expected a whole number/);
    expect(refused(replay('--seeds', '1.5'))).toMatch(/--seeds is 1.5/);
    expect(refused(['tune', 'replay', '--cache', join(folder, 'none.json')])).toMatch(/Cannot read .*none\.json/);
    const foreign = join(folder, 'foreign.jsonl');
    writeFileSync(foreign, '{"space":"gemm","config":{"MWG":16},"times":[1]}\n');
    expect(refused(replay('--history', foreign))).toMatch(/history of another space, gemm/);
    expect(refused(['tune', 'run', '--target', 'replay', '--cache', cache, '--out', foreign])).toMatch(/of another space, gemm; this run measures kernel/);
    expect(readFileSync(foreign, 'utf8')).toBe('{"space":"gemm","config":{"MWG":16},"times":[1]}\n');
    expect(refused(['tune', 'run', '--target', 'replay', '--out', join(folder, 'x.jsonl')])).toMatch(/needs --cache/);
    expect(refused(['tune', 'run', '--target', 'wasm', '--op', 'matmul', '--shape', '3x', '--out', join(folder, 'x.jsonl')])).toMatch(/--shape is 3x/);
    expect(refused(['tune', 'report', cache])).toMatch(/small\.json/);
  });
});

describe.skipIf(!hasSharedData)('real spaces', () => {
  const tensor = (file: string): string => join(sharedData, 'tensor', file);
  const replay = (file: string, ...options: string[]): { failed: number; methods: { name: string; ratio: Record<string, { mean: number }>; historyDropped: number | null }[] } =>
    JSON.parse(jouleflow(['tune', 'replay', '--cache', tensor(file), '--seeds', '6', '--json', ...options]).stdout) as ReturnType<typeof replay>;

  it.each([
    ['convolution_A100.json.gz', 161],
    ['gemm_RTX_3090.json.gz', 0],
  ])('the rank model beats random draws on %s', (file, failed) => {
    const { methods, ...space } = replay(file, '--method', 'rank,random', '--trials', '128');
    expect(space.failed).toBe(failed);
    expect(methods[0]!.ratio['128']!.mean).toBeLessThan(methods[1]!.ratio['128']!.mean);
  });

  it.each([
    ['follows', 'convolution_A4000.json.gz', 1.02, [0, 2]],
    ['mostly drops', 'convolution_MI250X.json.gz', 1.1, [3, 6]],
  ] as const)('%s what convolution_A100 taught on %s, and needs 96 trials', (_verb, file, ratio, [least, most]) => {
    const [rank] = replay(file, '--method', 'rank', '--trials', '96', '--history', tensor('convolution_A100.json.gz')).methods;
    expect(rank!.ratio['96']!.mean).toBeLessThan(ratio);
    expect(rank!.historyDropped).toBeGreaterThanOrEqual(least);
    expect(rank!.historyDropped).toBeLessThanOrEqual(most);
  });
});
