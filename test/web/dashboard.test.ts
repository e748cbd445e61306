import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeLock } from '../../src/io/lock.js';
import type { DashboardOptions } from '../../web/index.js';
import { createDashboard } from '../../web/index.js';
import type { RunRow } from '../../web/runs/catalogue.js';
import type { CurveGroup } from '../../web/runs/library.js';
import { refused } from '../support/cli.js';
import { freshFolder, makeRun, put } from './support.js';

const local = { host: 'localhost:8321' };
const open = (runs: string, options: Partial<DashboardOptions> = {}): Promise<FastifyInstance> =>
  createDashboard({ host: '127.0.0.1', port: 0, token: null, runs, rate: { perSecond: 1e6, burst: 1e6 }, ...options });

const get = (server: FastifyInstance, url: string, headers: Record<string, string> = {}) => server.inject({ url, headers: { ...local, ...headers } });
const send = (server: FastifyInstance, method: 'POST' | 'DELETE', url: string, payload: object, headers: Record<string, string> = {}) =>
  server.inject({ method, url, payload, headers: { ...local, ...headers } });
const rowsOf = async (server: FastifyInstance): Promise<RunRow[]> => ((await get(server, '/api/runs')).json() as { runs: RunRow[] }).runs;

describe('the dashboard', () => {
  const runs = freshFolder();
  let server: FastifyInstance;
  beforeAll(async () => {
    for (const [seed, utility] of [[0, 4000], [1, 4400], [2, 4200]] as const) makeRun(runs, `paper/ddpg-diffusion-s${seed}`, { utility, config: { experiment: 'paper', seed } });
    makeRun(runs, 'sweeps/night/ddpg-diffusion-s9', { utility: null, config: { experiment: 'night', seed: 9, steps: 11_520 } });
    // Written by a living process: this one.
    takeLock(join(runs, 'sweeps/night/ddpg-diffusion-s9/lock'));
    put(join(runs, 'odd', 'config.yaml'), 'steps: [');
    server = await open(runs);
  });
  afterAll(() => server.close());

  it('lists every folder with a configuration, and what it reached', async () => {
    const rows = await rowsOf(server);
    expect(rows.map((row) => row.id).sort()).toEqual(['odd', 'paper/ddpg-diffusion-s0', 'paper/ddpg-diffusion-s1', 'paper/ddpg-diffusion-s2', 'sweeps/night/ddpg-diffusion-s9']);
    const byId = Object.fromEntries(rows.map((row) => [row.id, row]));
    expect(byId['paper/ddpg-diffusion-s1']).toMatchObject({ state: 'finished', method: 'ddpg, diffusion shaping', seed: 1, utility: 4400, step: 5760 });
    expect(byId['sweeps/night/ddpg-diffusion-s9']).toMatchObject({ state: 'running', utility: null, step: 5760, steps: 11_520 });
    expect(byId['odd']).toMatchObject({ state: 'broken' });
  });

  it('draws the mean of seeds with its interval, and the seeds', async () => {
    const ids = [0, 1, 2].map((seed) => `paper/ddpg-diffusion-s${seed}`);
    const answer = (await send(server, 'POST', '/api/curves', { runs: ids, metric: 'validationUtility' })).json() as { groups: CurveGroup[]; references: object[] };
    expect(answer.references).toContainEqual({ experiment: 'paper', name: 'greedy', utility: 5000, lateRate: 0.03 });
    const [group] = answer.groups;
    expect(group).toMatchObject({ experiment: 'paper', method: 'ddpg, diffusion shaping' });
    expect(group!.runs.map((run) => run.seed)).toEqual([0, 1, 2]);
    const last = group!.band.mean.length - 1;
    const ends = group!.runs.map((run) => run.values.at(-1)!);
    const centre = ends.reduce((a, b) => a + b, 0) / 3;
    const spread = Math.sqrt(ends.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 2);
    // Student's t for two degrees of freedom at 97.5 %.
    expect(group!.band.mean[last]).toBeCloseTo(centre, 6);
    expect(group!.band.high[last]! - centre).toBeCloseTo((4.302653 * spread) / Math.sqrt(3), 1);
  });

  it('compares finished runs, and names those that are not', async () => {
    const ids = (await rowsOf(server)).filter((row) => row.state !== 'broken').map((row) => row.id);
    const { experiments, unfinished } = (await send(server, 'POST', '/api/compare', { runs: ids })).json() as {
      experiments: { experiment: string; methods: { method: string; seeds: number; utility: { mean: number } }[] }[];
      unfinished: string[];
    };
    expect(unfinished).toEqual(['sweeps/night/ddpg-diffusion-s9']);
    expect(experiments.map((one) => one.experiment)).toEqual(['paper']);
    expect(experiments[0]!.methods.map(({ method, seeds, utility }) => [method, seeds, utility.mean])).toEqual([
      ['greedy', 1, 5100],
      ['ddpg, diffusion shaping', 3, 4200],
    ]);
  });

  it('knows the other runs of a sweep: schedulers, the bound, failures, and methods that share a name', async () => {
    const sweep = (id: string, spec: object, summary: object | null): void => {
      const path = makeRun(runs, `s/${id}`, { utility: null, config: { experiment: 's' } });
      rmSync(join(path, 'metrics.csv'));
      put(join(path, 'spec.json'), JSON.stringify(spec));
      if (summary !== null) put(join(path, 'summary.json'), JSON.stringify(summary));
    };
    const own = makeRun(runs, 's/a', { utility: 3000, config: { experiment: 's', seed: 0, steps: 5000 } });
    makeRun(runs, 's/b', { utility: 3500, config: { experiment: 's', seed: 1, steps: 5000 } });
    makeRun(runs, 's/c', { utility: 1000, config: { experiment: 's', seed: 0, steps: 7000 } });
    const { test } = JSON.parse(readFileSync(join(own, 'summary.json'), 'utf8')) as { test: { best: object } };
    sweep('greedy-1', { id: 'x', kind: 'scheduler', scheduler: 'shortest-wait' }, { scheduler: 'shortest-wait', test: test.best, totals: [] });
    sweep('bound-1', { id: 'y', kind: 'bound' }, { days: [{ day: '2023-03-01', bound: 6400 }], mean: 6400 });
    sweep('bound-2', { id: 'z', kind: 'bound' }, null);
    put(join(runs, 's/bound-2/failure.json'), JSON.stringify({ reason: 'the disk is full' }));
    const rows = (await rowsOf(server)).filter((row) => row.experiment === 's');
    const byId = Object.fromEntries(rows.map((row) => [row.id, row]));
    expect(byId['s/greedy-1']).toMatchObject({ method: 'shortest-wait', kind: 'scheduler', state: 'finished', utility: 3000, seed: null });
    expect(byId['s/bound-1']).toMatchObject({ method: 'bound', kind: 'bound', state: 'finished', utility: 6400, lateRate: null });
    expect(byId['s/bound-2']).toMatchObject({ state: 'failed', reason: 'the disk is full' });
    const { experiments, unfinished } = (await send(server, 'POST', '/api/compare', { runs: rows.map((row) => row.id) })).json() as {
      experiments: { bound: number; methods: { method: string; seeds: number; steps: number | null; utility: { mean: number } }[] }[];
      unfinished: string[];
    };
    expect(unfinished).toEqual(['s/bound-2']);
    expect(experiments[0]!.bound).toBe(6400);
    expect(experiments[0]!.methods.map(({ method, seeds, utility }) => [method, seeds, utility.mean]).sort()).toEqual([
      ['ddpg, diffusion shaping (steps 5000)', 2, 3250],
      ['ddpg, diffusion shaping (steps 7000)', 1, 1000],
      ['greedy', 1, 5100],
      ['shortest-wait', 1, 3000],
    ]);
    rmSync(join(runs, 's'), { recursive: true });
  });

  it('says what it does not have', async () => {
    expect((await get(server, '/api/run?run=paper')).statusCode).toBe(404);
    const day = await get(server, '/api/day?run=paper/ddpg-diffusion-s0');
    expect(day.statusCode).toBe(404);
    expect((day.json() as { error: { message: string } }).error.message).toContain('day.json');
    put(join(runs, 'paper/ddpg-diffusion-s0/day.json'), '{"day":"2023-03-01"}');
    expect((await get(server, '/api/day?run=paper/ddpg-diffusion-s0')).statusCode).toBe(422);
    const bad = await send(server, 'POST', '/api/curves', { runs: 'all', metric: 'value' });
    expect(bad.statusCode).toBe(400);
    expect(bad.json()).toMatchObject({ error: { field: 'runs' } });
  });

  it('deletes finished runs, and not what goes on or holds others', async () => {
    makeRun(runs, 'gone/outer', { utility: 1 });
    makeRun(runs, 'gone/outer/inner', { utility: 1 });
    const remove = (id: string) => send(server, 'DELETE', '/api/runs', { runs: [id] });
    expect((await remove('sweeps/night/ddpg-diffusion-s9')).statusCode).toBe(409);
    expect((await remove('gone/outer')).statusCode).toBe(409);
    expect((await remove('gone')).statusCode).toBe(404);
    expect((await remove('gone/outer/inner')).json()).toEqual({ deleted: ['gone/outer/inner'] });
    expect((await remove('gone/outer')).statusCode).toBe(200);
    expect(existsSync(join(runs, 'gone/outer'))).toBe(false);
    expect(existsSync(join(runs, 'sweeps/night/ddpg-diffusion-s9/config.yaml'))).toBe(true);
  });

  it('streams what changes, to many and not to too many', async () => {
    const few = await open(runs, { events: { everyMs: 30, mostListeners: 2 } });
    await few.listen({ host: '127.0.0.1', port: 0 });
    const { port } = few.server.address() as AddressInfo;
    const listen = (): Promise<{ status: number; until: (what: string) => Promise<string>; stop: () => void }> =>
      new Promise((resolve, reject) => {
        const sent = httpRequest({ port, host: '127.0.0.1', path: '/api/events' }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          const until = async (what: string): Promise<string> => {
            while (!text.includes(what)) await new Promise((wait) => setTimeout(wait, 10));
            return text;
          };
          resolve({ status: response.statusCode!, until, stop: () => sent.destroy() });
        });
        sent.on('error', reject).end();
      });
    const [one, two, three] = [await listen(), await listen(), await listen()];
    expect([one.status, two.status, three.status]).toEqual([200, 200, 503]);
    await one.until('event: hello');
    makeRun(runs, 'late/ddpg-none-s0', { utility: null });
    for (const listener of [one, two]) expect(await listener.until('event: runs')).toContain('late/ddpg-none-s0');
    one.stop();
    two.stop();
    await few.close();
  });
});

describe('attacks', () => {
  const outside = freshFolder();
  const runs = join(outside, 'runs');
  let server: FastifyInstance;
  beforeAll(async () => {
    makeRun(outside, 'secret', { utility: 1234.5 });
    makeRun(runs, 'good/run', { utility: 10 });
    // Links that lead out: a whole run, a file of a run, and a folder on the way.
    symlinkSync(join(outside, 'secret'), join(runs, 'linked'));
    makeRun(runs, 'partly', { utility: null });
    symlinkSync(join(outside, 'secret', 'summary.json'), join(runs, 'partly', 'summary.json'));
    symlinkSync('/etc/passwd', join(runs, 'partly', 'day.json'));
    mkdirSync(join(runs, 'way'));
    symlinkSync(outside, join(runs, 'way', 'out'));
    server = await open(runs);
  });
  afterAll(() => server.close());

  it.each([
    '../secret',
    '..%2fsecret',
    '%2e%2e/secret',
    '%2e%2e%2fsecret',
    '..%5csecret',
    '%252e%252e%252fsecret',
    'good/run/../../../secret',
    'good%2Frun%2F..%2F..%2F..%2Fsecret',
    '/etc',
    '%2Fetc%2Fpasswd',
    'linked',
    'way/out/secret',
    'good/run%00',
    '....//secret',
    '%c0%ae%c0%ae/secret',
  ])('no path leaves the runs folder: %s', async (id) => {
    for (const url of [`/api/run?run=${id}`, `/api/day?run=${id}`, `/${id}`, `/api/${id}`, `/api/run/${id}`]) {
      const response = await get(server, url);
      expect([400, 404], url).toContain(response.statusCode);
      expect(response.body).not.toMatch(/1234\.5|root:/);
    }
    const name = decodeURIComponent(id.replace(/%c0%ae/g, '.'));
    expect((await send(server, 'DELETE', '/api/runs', { runs: [name] })).statusCode).toBe(404);
    expect((await send(server, 'POST', '/api/curves', { runs: [name], metric: 'value' })).statusCode).toBe(404);
    expect(existsSync(join(outside, 'secret', 'summary.json'))).toBe(true);
  });

  it('links inside a run are not read', async () => {
    const detail = await get(server, '/api/run?run=partly');
    expect(detail.json()).toMatchObject({ summary: null, hasDay: false, row: { utility: null } });
    expect((await get(server, '/api/day?run=partly')).statusCode).toBe(404);
    expect((await rowsOf(server)).map((row) => row.id).sort()).toEqual(['good/run', 'partly']);
  });

  it('a run is not deleted through a link put in its place', async () => {
    makeRun(outside, 'swapped', { utility: 1 });
    const swap = await open(runs);
    symlinkSync(join(outside, 'swapped'), join(runs, 'swapped'));
    expect((await send(swap, 'DELETE', '/api/runs', { runs: ['swapped'] })).statusCode).toBe(404);
    expect(existsSync(join(outside, 'swapped', 'config.yaml'))).toBe(true);
    await swap.close();
  });

  it('requests from other sites and names are refused', async () => {
    const body = { runs: ['good/run'] };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:9999' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://localhost:8321' },
      { host: 'evil.example' },
      { host: '127.0.0.1.evil.example' },
    ] as Record<string, string>[]) {
      expect((await send(server, 'DELETE', '/api/runs', body, headers)).statusCode, JSON.stringify(headers)).toBe(403);
      expect((await send(server, 'POST', '/api/compare', body, headers)).statusCode).toBe(403);
    }
    expect((await get(server, '/api/runs', { host: 'evil.example:8321' })).statusCode).toBe(403);
    expect((await get(server, '/api/events', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).statusCode).toBe(403);
    expect(existsSync(join(runs, 'good/run'))).toBe(true);
    // What the page itself and programs send goes through; so does a link to the page.
    expect((await send(server, 'POST', '/api/compare', body, { origin: 'http://localhost:8321', 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
    expect((await get(server, '/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).statusCode).toBe(200);
  });

  it('forms cannot post: only JSON is read', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const response = await server.inject({ method: 'POST', url: '/api/compare', headers: { ...local, 'content-type': type }, payload: '{"runs":["good/run"]}' });
      expect(response.statusCode, type).toBe(415);
    }
  });

  it('bodies, headers and rates are bounded', async () => {
    expect((await send(server, 'POST', '/api/compare', { runs: ['x'.repeat(300_000)] })).statusCode).toBe(413);
    expect((await send(server, 'POST', '/api/compare', { runs: Array.from({ length: 1_001 }, () => 'x') })).statusCode).toBe(400);
    const slow = await open(runs, { rate: { perSecond: 1e-6, burst: 3 } });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await get(slow, '/api/runs')).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    await slow.close();
  });

  it('a client that sends its request slowly is let go', async () => {
    const impatient = await open(runs, { requestTimeoutMs: 300 });
    await impatient.listen({ host: '127.0.0.1', port: 0 });
    const { port } = impatient.server.address() as AddressInfo;
    const drip = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        const timer = setInterval(() => socket.write('x'), 50);
        socket.on('error', () => undefined);
        socket.on('data', () => undefined);
        socket.on('close', () => {
          clearInterval(timer);
          resolve();
        });
      });
    // That they end at all is what is asked: neither has sent its request when it is let go.
    await Promise.all([
      drip('GET /api/runs HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      drip('POST /api/compare HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{'),
    ]);
    await impatient.close();
  });

  it('beyond loopback a token is demanded, in a header or a cookie that scripts cannot read', async () => {
    const token = 'correct-horse-battery';
    const remote = await open(runs, { host: '0.0.0.0', token });
    const at = { host: 'box.example:8321' };
    for (const url of ['/', '/app.js', '/api/runs', '/api/events', '/?token=wrong', `/api/runs?token=${token}`]) {
      const response = await get(remote, url, at);
      expect(response.statusCode, url).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
    expect((await get(remote, '/api/runs', { ...at, authorization: `Bearer ${token}x` })).statusCode).toBe(401);
    expect((await get(remote, '/api/runs', { ...at, authorization: `Bearer ${token}` })).statusCode).toBe(200);
    const welcome = await get(remote, `/?token=${token}`, at);
    expect(welcome.statusCode).toBe(303);
    expect(welcome.headers['location']).toBe('/');
    const cookie = String(welcome.headers['set-cookie']);
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/);
    expect((await get(remote, '/api/runs', { ...at, cookie: cookie.split(';')[0]! })).statusCode).toBe(200);
    await remote.close();
    expect(refused(['serve', '--runs', runs, '--port', '70000'])).toMatch(/--port.*70000/);
  });

  it('names of runs stay text, and the page may load nothing from elsewhere', async () => {
    const page = await get(server, '/');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(page.body).not.toMatch(/https?:\/\//);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const name = '<img src=x onerror=alert(1)>';
    makeRun(runs, name, { utility: 1 });
    const response = await get(server, '/api/runs');
    expect(response.headers['content-type']).toMatch(/application\/json/);
    expect((await rowsOf(server)).some((row) => row.id === name)).toBe(true);
  });

  it('a hostile configuration neither stalls nor breaks the list', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghij'.split('').map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)];
    put(join(runs, 'bomb', 'config.yaml'), `experiment: *j\n${bomb.join('\n')}\n`);
    put(join(runs, 'proto', 'config.yaml'), '__proto__: {polluted: 1}\nexperiment: x\nseed: 1\nsteps: 2\nagent: {kind: ddpg}\nshaping: {kind: none}\n');
    writeFileSync(join(runs, 'proto', 'metrics.csv'), `step,validationUtility\n1,2\nx,y\n3,Infinity\n${',,,,\n'.repeat(100)}`);
    const rows = await rowsOf(server);
    expect(rows.find((row) => row.id === 'bomb')).toMatchObject({ state: 'broken' });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    const { groups } = (await send(server, 'POST', '/api/curves', { runs: ['proto'], metric: 'validationUtility' })).json() as { groups: CurveGroup[] };
    expect(groups[0]!.runs[0]).toMatchObject({ steps: [1], values: [2] });
  });
});
