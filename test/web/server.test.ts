import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { requestSchema, readRequest } from '../../web/decide/request.js';
import { createDecisionServer } from '../../web/decide/server.js';
import type { DecisionPolicy } from '../../web/decide/policy.js';
import { loadPolicy } from '../../web/decide/policy.js';
import { callerOf } from '../../web/http/callers.js';
import { resolveExperiment } from '../../experiments/run/config.js';
import { InputError } from '../../src/io/errors.js';
import { start } from './process.js';
import { freshFolder, randomRun } from './support.js';

const site = { waitSeconds: 12, backlogSeconds: 30, priceUsdPerMwh: 40, priceInAnHourUsdPerMwh: 42, renewableKw: 0.5, soc: 0.5, outdoorCelsius: 12 };
const sites = ['CAISO', 'ERCOT', 'PJM'].map((name) => ({ name, ...site }));
const decision = (job: object = {}): string => JSON.stringify({ job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600, ...job }, sites });

let onnx: string;
beforeAll(async () => {
  const { folder } = await randomRun(join(freshFolder(), 'run'), ['environment.kind=job-dispatch', 'environment.dispatch=logits', 'agent.actor=joint']);
  onnx = folder.policyOnnx;
});

describe('a decision service that is told to stop', () => {
  it('answers what is under way, and ends well', async () => {
    const server = await start(['decide', '--policy', onnx, '--port', '0']);
    const url = new URL(server.document['url'] as string);
    const body = decision();
    let complaints = '';
    server.process.stderr!.on('data', (text: Buffer) => (complaints += text.toString()));
    // Each has sent its head and half of its body when the signal comes, and sends the rest after it.
    const under = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const sent = request(url, { method: 'POST', path: '/v1/decisions', agent: false, headers: { 'content-type': 'application/json', 'content-length': body.length } });
        const status = new Promise<number>((resolve, reject) => {
          sent.on('response', (response) => {
            response.resume();
            response.on('end', () => resolve(response.statusCode!));
          });
          sent.on('error', reject);
        });
        await new Promise((written) => sent.write(body.slice(0, 50), written));
        return { sent, status };
      }),
    );
    // Asked last and answered, so that the others' heads have been read by now.
    expect((await fetch(`${url.origin}/v1/health`)).status).toBe(200);
    const ended = server.stop();
    for (const { sent } of under) sent.end(body.slice(50));
    expect(await Promise.all(under.map(({ status }) => status))).toEqual(under.map(() => 200));
    expect(await ended).toBe(0);
    expect(complaints).toBe('');
  });
});

describe('an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s counts as %s', (address, caller) => {
    expect(callerOf(address)).toBe(caller);
  });

  const policy: DecisionPolicy = { sites: [], kind: 'none', schema: {}, decide: () => Promise.reject(new Error('none')), dispose: () => Promise.resolve() };
  const token = 'a-token-of-some-length';
  const server = createDecisionServer({ host: '127.0.0.1', port: 0, token, policy, mostPerAddress: 5, requestTimeoutMs: 1_000, rate: { perSecond: 0.001, burst: 3 } });
  let port: number;
  beforeAll(async () => {
    await server.listen({ host: '127.0.0.1', port: 0 });
    port = (server.server.address() as { port: number }).port;
  });
  afterAll(() => server.close());

  /** What a server says to these bytes, until it closes. */
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let said = '';
      socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said));
      socket.write(bytes);
    });

  it('holds so many connections and no more', async () => {
    const held = Array.from({ length: 12 }, () => connect(port, '127.0.0.1'));
    const closed = held.map((socket) => new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve())));
    const count = (): Promise<number> => new Promise((resolve, reject) => server.server.getConnections((error, found) => (error ? reject(error) : resolve(found))));
    await Promise.race([Promise.all(closed), expect.poll(count).toBe(5)]);
    for (const socket of held) socket.destroy();
    await Promise.all(closed);
    await expect.poll(count).toBe(0);
  });

  const ask = async (headers: Record<string, string>): Promise<number> => (await fetch(`http://127.0.0.1:${port}/v1/health`, { headers: { ...headers, connection: 'close' } })).status;

  it('without the token uses up nothing of what one with it has', async () => {
    for (let i = 0; i < 30; i++) expect(await ask({})).toBe(401);
    for (let i = 0; i < 3; i++) expect(await ask({ authorization: `Bearer ${token}` })).toBe(200);
    expect(await ask({ authorization: `Bearer ${token}` })).toBe(429);
  });

  it.each([
    ['nonsense\r\n\r\n', '400'],
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
    ['GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n', '400'],
    ['GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n', '400'],
    ['POST /v1/decisions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n', '400'],
    [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n', '408'],
  ])('that sends %j is answered in the documented form', async (bytes, status) => {
    const said = await raw(bytes);
    const [head, body] = said.split('\r\n\r\n');
    // Rates of strangers may be used up by now; the form is the same.
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 (${status}|401|429) `));
    expect(JSON.parse(body!)).toEqual({ error: { message: expect.any(String) as string } });
    expect(head!.toLowerCase()).toContain('x-content-type-options: nosniff');
  });
});

describe('a request', () => {
  it('may be of any time', () => {
    const { fleet } = resolveExperiment({});
    const schema = requestSchema('job');
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (time) => {
        const { secondOfDay } = readRequest(JSON.parse(decision({ time: time.toISOString() })), schema, fleet);
        expect(secondOfDay).toBeCloseTo(time.getUTCHours() * 3600 + time.getUTCMinutes() * 60 + time.getUTCSeconds() + time.getUTCMilliseconds() / 1000, 6);
      }),
    );
  });

  it('of before 1970 is decided', async () => {
    const policy = await loadPolicy(onnx);
    const decided = await policy.decide(JSON.parse(decision({ time: '1969-12-31T18:00:00Z' })) as never);
    expect(decided).toEqual(await policy.decide(JSON.parse(decision({ time: '1970-01-01T18:00:00Z' })) as never));
    await policy.dispose();
  });
});

describe('a policy file', () => {
  it('is refused when any part of it is damaged', async () => {
    const good = readFileSync(onnx);
    const file = join(freshFolder(), 'policy.onnx');
    const damage = fc.oneof(
      fc.record({ at: fc.nat(good.length - 1), flip: fc.integer({ min: 1, max: 255 }) }).map(({ at, flip }) => {
        const bytes = Buffer.from(good);
        bytes[at]! ^= flip;
        return bytes;
      }),
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([good, more])),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        writeFileSync(file, bytes);
        await expect(loadPolicy(file)).rejects.toThrow(InputError);
      }),
      { numRuns: process.env['JOULEFLOW_FULL'] === '1' ? 4000 : 400 },
    );
    writeFileSync(file, good);
    await (await loadPolicy(file)).dispose();
  });
});
