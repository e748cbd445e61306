import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadWorld, syntheticWorld } from '../../datasets/index.js';
import { jouleflow, projectRoot, refused, temporaryFolder } from '../support/cli.js';
import { hasSharedData, sharedData } from '../support/data.js';
import { hourlyCsv, smallFolder } from './support.js';

const json = (args: readonly string[]): Record<string, never> => {
  const { status, stdout, stderr } = jouleflow([...args, '--json']);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, never>;
};

describe('jouleflow data synth', () => {
  it('writes a folder that reads back as the world it was made from', () => {
    const out = join(temporaryFolder(), 'data');
    const document = json(['data', 'synth', '--regions', 'US-TEX-ERCO,DE-LU', '--from', '2023-03-01', '--days', '10', '--seed', '5', '--out', out]);
    expect(document['regions']).toEqual(['US-TEX-ERCO', 'DE-LU']);
    const read = loadWorld(out);
    const made = syntheticWorld({ seed: 5 });
    const start = Date.UTC(2023, 2, 1);
    for (const region of read.regions) {
      expect(read.span(region)).toEqual({ startMs: start, endMs: start + 10 * 86_400_000 });
      const a = read.conditions(region, start, 9 * 288, 300);
      const b = made.conditions(region, start, 9 * 288, 300);
      a.priceUsdPerMwh.forEach((price, slot) => expect(price).toBeCloseTo(b.priceUsdPerMwh[slot]!, 3));
      a.outdoorCelsius.forEach((value, slot) => expect(Math.abs(value - b.outdoorCelsius[slot]!)).toBeLessThan(0.0051));
      a.cloudCover.forEach((value, slot) => expect(Math.abs(value - b.cloudCover[slot]!)).toBeLessThan(0.00051));
      expect(read.place(region)).toEqual(made.place(region));
    }
    expect(json(['data', 'check', out])['good']).toBe(true);
  });

  it('writes the same bytes for the same seed', () => {
    const [a, b] = [1, 2].map(() => {
      const out = temporaryFolder();
      json(['data', 'synth', '--regions', 'SG', '--days', '40', '--seed', '3', '--out', out]);
      return readFileSync(join(out, 'price', 'price_usd_per_mwh_utc_synthetic.csv'), 'utf8');
    });
    expect(a).toBe(b);
  });

  it.each([
    [['--seed', '1.5'], /expected an integer/],
    [['--seed', 'x'], /--seed.*expected a number.*"x"/],
    [['--days', '0'], /--days is 0; expected a whole number from 1 to 3660/],
    [['--from', '2023-02-30'], /--from is "2023-02-30"; expected a day/],
    [['--regions', 'US-CAL-CSO'], /Did you mean "US-CAL-CISO"/],
    [['--regions', 'SG,SG'], /--regions names SG twice/],
    [['--regoins', 'SG'], /regoins/],
  ])('refuses %j', (args, message) => {
    expect(refused(['data', 'synth', '--out', temporaryFolder(), ...args])).toMatch(message);
  });

  it('refuses an output it cannot write, and one that holds other data', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(refused(['data', 'synth', '--days', '1', '--out', file])).toMatch(/Cannot create folder/);
    expect(refused(['data', 'synth', '--days', '1', '--out', smallFolder()])).toMatch(/already holds .*give --out an empty folder/);
  });
});

describe('jouleflow data check', () => {
  it('says which regions can be used, and fills gaps by the stated rules', () => {
    const price = hourlyCsv({ 'US-CAL-CISO': (hour) => (hour === 9 ? '' : 50), FR: () => 60 });
    const document = json(['data', 'check', smallFolder({ 'price/price_usd_per_mwh_utc_2023.csv': price, 'price/notes.txt': 'x' })]);
    expect(document['regions']).toMatchObject([
      { region: 'US-CAL-CISO', usable: true, from: '2023-01-01 00:00', to: '2023-01-03 00:00', gaps: { missing: 1, filledLinear: 1 } },
      { region: 'FR', usable: true, lacks: [], generated: { what: ['carbon', 'temperature', 'cloud cover', 'wind speed'] } },
    ]);
    expect(document['unrecognised']).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a bad file', { 'price/price_usd_per_mwh_utc_2023.csv': hourlyCsv({ A: () => 'NaN' }) }, /1 of 5 files .*line 2, column "A".*found "NaN"/],
    ['no usable region', { 'price/price_usd_per_mwh_utc_2023.csv': hourlyCsv({ A: () => '' }) }, /no region with prices and a place: A lacks prices/],
  ])('exits 2 for %s', (_, files, message) => {
    const folder = smallFolder(files);
    const { status, stdout, stderr } = jouleflow(['data', 'check', folder, '--json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect((JSON.parse(stdout) as { good: boolean }).good).toBe(false);
  });

  it('refuses a folder that is not there', () => {
    expect(refused(['data', 'check', '/nowhere'])).toMatch(/No data folder \/nowhere/);
  });

  it.skipIf(!hasSharedData)('finds eleven regions of which nothing is generated in the real data', () => {
    const document = json(['data', 'check', sharedData]) as unknown as { good: boolean; regions: { usable: boolean; generated?: object }[]; files: { error?: string }[] };
    expect(document.good).toBe(true);
    expect(document.regions.filter(({ usable, generated }) => usable && generated === undefined)).toHaveLength(11);
    expect(document.files.filter(({ error }) => error !== undefined)).toEqual([]);
  });
});

describe('jouleflow data list and fetch', () => {
  it('lists the catalogue with addresses, and what is there', () => {
    const { entries } = json(['data', 'list', '--data', smallFolder()]) as unknown as { entries: { name: string; files: { url: string; present: boolean }[] }[] };
    expect(entries.map(({ name }) => name)).toContain('gentd26');
    for (const { files } of entries) for (const { url, present } of files) expect([/^https:\/\/raw\.githubusercontent\.com\/\S+$/.test(url), present]).toEqual([true, false]);
  });

  it('fetches from a mirror, and fails in one sentence where that has nothing', async () => {
    const server = createServer((request, response) => {
      if (request.url!.includes('2023')) response.end(hourlyCsv({ 'Price (USD/MWh)': () => 50 }, { time: 'Datetime' }));
      else response.writeHead(404).end();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const out = temporaryFolder();
    // Not spawnSync: this process is the server.
    const run = (years: string): Promise<{ status: number | null; stderr: string }> =>
      new Promise((done) => {
        const child = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), 'data', 'fetch', 'prices', '--regions', 'SE-4', '--years', years, '--out', out, '--base-url', url]);
        let stderr = '';
        child.stderr.on('data', (text) => (stderr += String(text)));
        child.on('close', (status) => done({ status, stderr }));
      });
    expect(await run('2023')).toEqual({ status: 0, stderr: '' });
    expect(loadWorld(out).regions).toEqual(['SE-4']);
    const failed = await run('2019');
    server.close();
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^jouleflow: http\S+: the server answered 404 Not Found; expected the file\.\n$/);
  });

  it('refuses unknown names and years', () => {
    expect(refused(['data', 'fetch', 'price', '--out', temporaryFolder()])).toMatch(/no "price".*Did you mean "prices"/);
    expect(refused(['data', 'fetch', 'prices', '--years', '23', '--out', temporaryFolder()])).toMatch(/--years has "23"/);
  });
});
