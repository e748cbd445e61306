import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { download } from '../../datasets/download.js';
import { fetchCatalogue } from '../../datasets/fetch.js';
import { InputError } from '../../src/io/errors.js';
import { temporaryFolder } from '../support/cli.js';

const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const sha256 = createHash('sha256').update(body).digest('hex');

type Handler = (request: IncomingMessage, response: ServerResponse, call: number) => void;
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A server on this machine; `requests` collects the Range header and path of each request. */
async function serve(handler: Handler): Promise<{ url: string; requests: { path: string; range: string | undefined }[] }> {
  const requests: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url!, range: request.headers.range });
    handler(request, response, requests.length);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const startOf = (request: IncomingMessage): number => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Serves ranges; sends only `limit(call)` bytes of what is left and then cuts the connection. */
const ranged =
  (limit: (call: number) => number, tag = '"v1"'): Handler =>
  (request, response, call) => {
    const from = request.headers['if-range'] === undefined || request.headers['if-range'] === tag ? startOf(request) : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': body.length - from,
      etag: tag,
      ...(from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    const end = Math.min(body.length, from + limit(call));
    // The pause lets what was written arrive before the connection goes.
    response.write(body.subarray(from, end), () => (end < body.length ? setTimeout(() => response.destroy(), 100) : response.end()));
  };

const target = (): string => join(temporaryFolder(), 'data', 'file.bin');
const intact = (file: string): void => {
  expect(readFileSync(file).equals(body)).toBe(true);
  expect(existsSync(`${file}.part`) || existsSync(`${file}.part.etag`)).toBe(false);
};

describe('download', () => {
  it('lets one process at a time have a file, which ends whole', async () => {
    const { url, requests } = await serve((request, response) => {
      setTimeout(() => ranged(() => Infinity)(request, response, 1), 200);
    });
    const file = target();
    const ends = await Promise.allSettled(Array.from({ length: 5 }, () => download({ url, file, sha256 })));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(String(end.reason)).toMatch(/InputError: .*file\.bin\.lock: process \d+ on .* is writing this file; wait for it or end it/);
    intact(file);
    expect(requests).toHaveLength(1);
    expect(await download({ url, file, sha256 })).toBe('already there');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('fetches a file, and does not fetch what is there', async () => {
    const { url, requests } = await serve(ranged(() => Infinity));
    const file = target();
    const progress: number[] = [];
    expect(await download({ url, file, sha256, onProgress: (bytes) => progress.push(bytes) })).toBe('downloaded');
    intact(file);
    expect(progress.at(-1)).toBe(body.length);
    expect(await download({ url, file, sha256 })).toBe('already there');
    expect(requests.length).toBe(1);
  });

  it('takes up a connection that was cut, where it was cut', async () => {
    const { url, requests } = await serve(ranged((call) => (call < 3 ? 70_000 : Infinity)));
    const file = target();
    await download({ url, file, sha256 });
    intact(file);
    expect(requests.length).toBe(3);
    expect(requests[0]!.range).toBeUndefined();
    expect(startOf({ headers: { range: requests[2]!.range } } as IncomingMessage)).toBeGreaterThan(0);
  });

  it('keeps the part when it gives up, and a later call goes on from it', async () => {
    const cut = await serve(ranged(() => 50_000));
    const file = target();
    await expect(download({ url: cut.url, file, sha256, retries: 1 })).rejects.toThrow(/bytes are kept in .*file\.bin\.part, run it again to go on/);
    expect(existsSync(file)).toBe(false);
    const kept = readFileSync(`${file}.part`);
    expect(kept.equals(body.subarray(0, kept.length)) && kept.length > 0).toBe(true);
    const whole = await serve(ranged(() => Infinity));
    expect(await download({ url: whole.url, file, sha256 })).toBe('resumed');
    expect(whole.requests[0]!.range).toBe(`bytes=${kept.length}-`);
    intact(file);
  });

  it('starts anew when the file has changed in between', async () => {
    const file = target();
    const old = await serve(ranged(() => 50_000, '"v0"'));
    await expect(download({ url: old.url, file, retries: 0 })).rejects.toThrow(/kept/);
    writeFileSync(`${file}.part`, 'something else');
    const fresh = await serve(ranged(() => Infinity, '"v1"'));
    await download({ url: fresh.url, file, sha256 });
    intact(file);
  });

  it('starts anew on a server without ranges', async () => {
    const file = target();
    const { url, requests } = await serve((_, response, call) => {
      response.writeHead(200, { 'content-length': body.length });
      if (call === 1) response.write(body.subarray(0, 80_000), () => setTimeout(() => response.destroy(), 100));
      else response.end(body);
    });
    await download({ url, file, sha256 });
    intact(file);
    expect(requests[1]!.range).toMatch(/^bytes=\d+-$/);
  });

  it('starts anew when what is kept is longer than the file', async () => {
    const file = target();
    const cut = await serve(ranged(() => 1000));
    await expect(download({ url: cut.url, file, retries: 0 })).rejects.toThrow();
    writeFileSync(`${file}.part`, Buffer.alloc(body.length + 5));
    const { url } = await serve((request, response, call) => {
      if (startOf(request) >= body.length) response.writeHead(416).end();
      else ranged(() => Infinity)(request, response, call);
    });
    await download({ url, file, sha256 });
    intact(file);
  });

  it('refuses a wrong checksum and keeps nothing', async () => {
    const { url } = await serve(ranged(() => Infinity));
    const file = target();
    await expect(download({ url, file, sha256: '0'.repeat(64) })).rejects.toThrow(new RegExp(`is not the file that was expected: SHA-256 ${sha256}, expected 0{64}`));
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
  });

  it('leaves another file of that name alone', async () => {
    const { url } = await serve(ranged(() => Infinity));
    const file = target();
    await download({ url, file });
    writeFileSync(file, 'mine');
    await expect(download({ url, file, sha256 })).rejects.toThrow(InputError);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('says what the server answered, and does not try again', async () => {
    const { url, requests } = await serve((_, response) => response.writeHead(404).end());
    const file = target();
    await expect(download({ url: `${url}/x.csv`, file })).rejects.toThrow(/x\.csv: the server answered 404 Not Found; expected the file\./);
    expect(requests.length).toBe(1);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  it.each([
    ['by its header', ranged(() => Infinity)],
    ['by its bytes', ((_, response) => response.end(body)) as Handler],
  ])('gives up a file that is too large, known %s', async (_, handler) => {
    const { url } = await serve(handler);
    const file = target();
    await expect(download({ url, file, maxBytes: 100_000 })).rejects.toThrow(/larger than the 100000 bytes allowed/);
    expect(existsSync(file) || existsSync(`${file}.part`)).toBe(false);
  });

  it('gives up on a server that says nothing, and on none at all', async () => {
    const { url } = await serve(() => undefined);
    await expect(download({ url, file: target(), retries: 1, idleMs: 50 })).rejects.toThrow(/nothing came for 0\.05 s\./);
    await expect(download({ url: 'http://127.0.0.1:1/x', file: target(), retries: 0 })).rejects.toThrow(/the connection failed \(ECONNREFUSED\)|bad port/);
    await expect(download({ url: 'file:///etc/passwd', file: target() })).rejects.toThrow(/is no address; expected http/);
  });
});

describe('fetchCatalogue', () => {
  it('puts the files of regions and years where loaders look for them', async () => {
    const { url, requests } = await serve((_, response) => response.end('Datetime,Price (USD/MWh)\n2023-01-01 00:00:00,50\n'));
    const out = temporaryFolder();
    const results = await fetchCatalogue({ names: ['prices', 'weather'], out, regions: ['ZA', 'SE-4'], years: [2021], baseUrl: `${url}/mirror/` });
    expect(results.map(({ file }) => file)).toEqual(
      ['price/ZA_electricity_prices_2021.csv', 'price/SE-4_electricity_prices_2021.csv', 'weather/ZA_2021.json', 'weather/SE-4_2021.json'].map((path) => join(out, path)),
    );
    expect(requests[0]!.path).toBe('/mirror/HewlettPackard/sustain-cluster/main/data/electricity_prices/processed/ZA/2021/ZA_electricity_prices_2021.csv');
  });

  it('refuses unknown names and regions that are paths', async () => {
    await expect(fetchCatalogue({ names: ['price'], out: '/nowhere' })).rejects.toThrow(/no "price".*Did you mean "prices"/);
    await expect(fetchCatalogue({ names: [], out: '/nowhere', regions: ['../x'] })).rejects.toThrow(/--regions has "\.\.\/x"/);
  });
});
