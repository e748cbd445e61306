import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { frameKinds, FrameReader, headerBytes, jsonFrame } from '../../../experiments/envServer/frames.js';
import type { Welcome } from '../../../experiments/envServer/protocol.js';
import { resolveExperiment } from '../../../experiments/run/config.js';
import { loadSetting } from '../../../experiments/run/setting.js';
import { randomStream } from '../../../src/math/random.js';
import { projectRoot, refused, temporaryFolder } from '../../support/cli.js';
import { closeFrame, helloFrame, readReply, stepFrame } from '../../support/envClient.js';

const bin = join(projectRoot, 'bin', 'jouleflow.js');

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [bin, 'env-server', '--preset', 'price', ...args]);
  let said = '';
  child.stderr!.on('data', (text: Buffer) => (said += text.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, said: said.trim() })) };
}

/** One request, one frame back. */
function client(output: Writable, input: Readable): (request: Buffer) => Promise<Buffer> {
  const reader = new FrameReader(1 << 26);
  let take: (frame: Buffer) => void;
  input.on('data', (piece: Buffer) => {
    for (const { kind, body } of reader.take(piece)) {
      const header = Buffer.alloc(headerBytes);
      header.writeUInt32LE(body.length, 0);
      header.writeUInt32LE(kind, 4);
      take(Buffer.concat([header, body]));
    }
  });
  return (request) =>
    new Promise((resolve) => {
      take = resolve;
      output.write(request);
    });
}

const jsonOf = (frame: Buffer): unknown => JSON.parse(frame.subarray(headerBytes).toString());

it('gives what the environment in this process gives, to the bit, over a day', async () => {
  const config = resolveExperiment({ preset: 'price', set: ['environment.settlement=slot'] });
  const environment = (await loadSetting(config, { schedulers: [] })).environment();
  const { child, ended } = start(['--set', 'environment.settlement=slot']);
  const ask = client(child.stdin!, child.stdout!);
  const { infos, observation, action, days } = jsonOf(await ask(helloFrame('disabled'))) as Welcome;
  expect(observation).toMatchObject({ size: environment.observationSpace.size, names: environment.observationNames });
  expect(action.low).toEqual([...environment.actionSpace.low]);
  const sizes = { envs: 1, columns: infos.length, observation: observation.size };
  const day = days.test[0]!;
  const random = randomStream(3, 'actions');
  const expected = environment.reset({ seed: 5, options: { day } });
  const begun = readReply(await ask(jsonFrame(frameKinds.reset, { envs: [{ index: 0, seed: 5, options: { day } }] })), sizes);
  expect(begun.observations).toEqual(expected.observation);
  expect(begun.details).toEqual([{ env: 0, begun: { day } }]);
  for (let steps = 1; ; steps++) {
    const actions = Float32Array.from({ length: action.size }, () => 2 * random.next() - 1);
    const step = environment.step(actions);
    const reply = readReply(await ask(stepFrame(actions)), sizes);
    expect(reply.observations).toEqual(step.observation);
    expect(reply.rewards[0]).toBe(step.reward);
    const info = step.info as Record<string, unknown>;
    expect(Object.fromEntries(infos.map(({ name }, i) => [name, reply.infos[i]]))).toEqual(Object.fromEntries(infos.map(({ name }) => [name, Number(info[name])])));
    if (!step.truncated) continue;
    expect(steps).toBe(288);
    expect(reply.details[0]!.ended!['totals']).toEqual(info['totals']);
    break;
  }
  child.stdin!.write(closeFrame());
  expect(await ended).toEqual({ code: 0, said: '' });
});

it('serves every wrapper', async () => {
  const { child, ended } = start(['--wrapper', 'no-battery', '--wrapper', 'no-renewables']);
  const { metadata } = jsonOf(await client(child.stdin!, child.stdout!)(helloFrame('disabled'))) as Welcome;
  const { fleet } = JSON.parse(metadata['served']!) as { fleet: { sites: { battery: { capacityKwh: number }; pv: { peakKw: number } }[] } };
  for (const { battery, pv } of fleet.sites) expect([battery.capacityKwh, pv.peakKw]).toEqual([0, 0]);
  child.stdin!.end(closeFrame());
  await ended;
});

it('tells a client what an environment refuses, and goes on', async () => {
  const { child, ended } = start([]);
  const ask = client(child.stdin!, child.stdout!);
  await ask(helloFrame('disabled'));
  const reset = (options: object): Promise<Buffer> => ask(jsonFrame(frameKinds.reset, { envs: [{ index: 0, options }] }));
  expect(jsonOf(await reset({ dya: '2023-01-01' }))).toEqual({ message: 'Reset option "dya" is unknown; expected day or record.' });
  expect((jsonOf(await reset({ day: 'today' })) as { message: string }).message).toMatch(/today/);
  expect((await reset({ day: '2023-03-01' })).readUInt32LE(4)).toBe(frameKinds.batch);
  child.stdin!.end(closeFrame());
  expect((await ended).code).toBe(0);
});

describe('ends with one sentence', () => {
  it.each<[string, Buffer[], number, RegExp]>([
    ['when the client goes away', [helloFrame('disabled')], 1, /^jouleflow: env-server: the client went away without saying goodbye; the server ends\.$/],
    ['when it goes away within a frame', [helloFrame('disabled'), Buffer.from([9, 0, 0])], 1, /in the middle of a frame/],
    ['for what is no frame', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], 2, /found a frame of \d+ bytes, expected at most 1048576/],
    ['for another version', [jsonFrame(frameKinds.hello, { protocol: 2, autoreset: 'disabled' })], 2, /hello.*protocol.*expected 1/],
    ['for a greeting that is no JSON', [Buffer.concat([Buffer.from([2, 0, 0, 0, frameKinds.hello, 0, 0, 0]), Buffer.from('{]')])], 2, /hello frame, line 1, is not valid JSON/],
    ['for a step before the greeting', [stepFrame(new Float32Array(3))], 2, /expected a hello/],
    ['for an action of another size', [helloFrame('disabled'), stepFrame(new Float32Array(2))], 2, /step of 8 bytes, expected 12/],
    ['for an unknown frame', [helloFrame('disabled'), jsonFrame(99, {})], 2, /kind 99/],
  ])('%s', async (_, frames, code, sentence) => {
    const { child, ended } = start([]);
    child.stdin!.on('error', () => undefined);
    for (const frame of frames) child.stdin!.write(frame);
    child.stdin!.end();
    const { code: found, said } = await ended;
    expect(said).toMatch(sentence);
    expect(said.split('\n')).toHaveLength(1);
    expect(found).toBe(code);
  });

  it.each<[string[], RegExp]>([
    [['--envs', '0'], /--envs: found 0, expected a whole number from 1 to 4096/],
    [['--wrapper', 'no-batery'], /Did you mean "no-battery"/],
    [['--preset', 'prise'], /Did you mean "price"/],
    [['--socket', '/nothing/here.sock'], /--socket: cannot listen on \/nothing\/here\.sock/],
  ])('%j', (args, sentence) => void expect(refused(['env-server', ...args])).toMatch(sentence));
});

describe('a socket', () => {
  const path = join(temporaryFolder(), 'fleet.sock');

  const waiting = async (): Promise<ReturnType<typeof start>> => {
    const server = start(['--socket', path]);
    await expect.poll(() => existsSync(path)).toBe(true);
    return server;
  };

  it('serves one client, and its file is gone once that is there', async () => {
    const { ended } = await waiting();
    const socket = connect(path);
    expect(jsonOf(await client(socket, socket)(helloFrame('next-step')))).toMatchObject({ autoreset: 'next-step' });
    expect(existsSync(path)).toBe(false);
    socket.end(closeFrame());
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('goes with a server that is stopped, and a stale one is replaced', async () => {
    const killed = await waiting();
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(path)).toBe(true);
    const { child, ended } = start(['--socket', path]);
    await once(child.stderr!, 'data');
    child.kill('SIGTERM');
    const { code, said } = await ended;
    expect([code, existsSync(path)]).toEqual([1, false]);
    expect(said.split('\n').at(-1)).toBe(`jouleflow: env-server: stopped while waiting for a client at ${path}.`);
  });

  it('is not taken from a server that waits there', async () => {
    const { ended } = await waiting();
    expect(refused(['env-server', '--socket', path])).toMatch(/something listens on/);
    const socket = connect(path);
    await client(socket, socket)(helloFrame('disabled'));
    socket.end(closeFrame());
    expect(await ended).toMatchObject({ code: 0 });
  });
});
