import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../src/math/statistics.js';
import { start } from './process.js';
import { freshFolder, randomRun } from './support.js';

const perSecond = 500;
const seconds = 2;
const mostTries = 6;
/** Above this 99th percentile of a server that does nothing, ms, the machine is too busy to say what a server can do. */
const busyMs = 2;

/** Sends requests when they are due, whether or not earlier ones are answered; returns statuses and latencies, ms. */
async function load(url: string, body: string, forSeconds: number): Promise<{ statuses: number[]; latencies: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const statuses: number[] = [];
  const latencies: number[] = [];
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const sent = request(`${url}/v1/decisions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
        response.resume();
        response.on('end', () => {
          latencies.push(performance.now() - began);
          statuses.push(response.statusCode!);
          resolve();
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const first = performance.now();
  const pending: Promise<void>[] = [];
  while (pending.length < perSecond * forSeconds) {
    const due = Math.min(perSecond * forSeconds, Math.floor(((performance.now() - first) * perSecond) / 1000) + 1);
    while (pending.length < due) pending.push(one());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  agent.destroy();
  return { statuses, latencies };
}

/** A server that only answers: what the machine, busy as it is, allows at best. */
async function control(): Promise<{ url: string; stop: () => void }> {
  const code = "require('http').createServer((q,s)=>{q.resume();q.on('end',()=>s.end('{}'))}).listen(0,'127.0.0.1',function(){console.log(this.address().port)})";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill() };
}

/** CPU time of a process so far, ms; null where the system does not say. */
function cpuMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}

describe('decide under load', () => {
  it(`answers ${perSecond} requests a second, 99 of 100 within 5 ms`, async () => {
    const { folder } = await randomRun(join(freshFolder(), 'run'), ['environment.kind=job-dispatch', 'environment.dispatch=logits', 'agent.actor=joint']);
    const [server, bare] = [await start(['decide', '--policy', folder.path, '--port', '0']), await control()];
    const site = { waitSeconds: 12, backlogSeconds: 30, priceUsdPerMwh: 40, priceInAnHourUsdPerMwh: 42, renewableKw: 0.5, soc: 0.5, outdoorCelsius: 12 };
    const body = JSON.stringify({ job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600 }, sites: ['CAISO', 'ERCOT', 'PJM'].map((name) => ({ name, ...site })) });
    const p99 = async (url: string, forSeconds: number): Promise<number> => {
      const { statuses, latencies } = await load(url, body, forSeconds);
      expect(statuses.length).toBe(perSecond * forSeconds);
      expect(statuses.every((status) => status === 200)).toBe(true);
      return quantile(latencies, 0.99);
    };
    const url = server.document['url'] as string;
    await p99(url, 1);
    const before = cpuMs(server.process.pid!);
    // On a machine that others use too, the best of a few tries is what the service can do; if even a server that does
    // nothing takes long, so may this one.
    const tries: { decide: number; bare: number }[] = [];
    const good = ({ decide, bare }: (typeof tries)[number]): boolean => decide < Math.max(5, 2 * bare);
    do tries.push({ decide: await p99(url, seconds), bare: await p99(bare.url, seconds) });
    while (!good(tries.at(-1)!) && tries.length < mostTries);
    const after = cpuMs(server.process.pid!);
    bare.stop();
    expect(await server.stop()).toBe(0);
    console.log(`p99 at ${perSecond} a second, ms (a server that does nothing): ${tries.map((one) => `${one.decide.toFixed(2)} (${one.bare.toFixed(2)})`).join(', ')}`);
    if (tries.some((one) => one.bare < busyMs)) expect(tries.some(good)).toBe(true);
    else console.log('The machine is too busy to judge latencies.');
    if (before === null || after === null) return;
    const each = (after - before) / (perSecond * seconds * tries.length);
    console.log(`CPU time of a decision, HTTP included: ${each.toFixed(2)} ms`);
    expect(each, 'CPU time leaves room at this rate').toBeLessThan(1);
  });
});
