import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../src/math/statistics.js';
import type { Section } from './section.js';

const entry = join(import.meta.dirname, '..', '..', 'bin', 'jouleflow.js');
const perSecond = 500;
const seconds = 2;
const tries = 5;

/**
 * The decision service at 500 requests a second, sent when they are due whether or not earlier ones are answered: the 99th
 * percentile of its answers in the best of a few tries, that of a server which does nothing, taken in turns with it, and
 * the processor time of a decision, HTTP included (null where the system does not tell).
 */
export const decide: Section = {
  name: 'decide',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jouleflow-bench-'));
    const server = await started([entry, 'decide', '--policy', trainedPolicy(folder), '--port', '0', '--json'], (text) => (JSON.parse(text) as { url: string }).url);
    const nothing = "require('http').createServer((q,s)=>{q.resume();q.on('end',()=>s.end('{}'))}).listen(0,'127.0.0.1',function(){console.log(this.address().port)})";
    const bare = await started(['-e', nothing], (text) => `http://127.0.0.1:${text.trim()}`);
    try {
      await percentile99(server.url);
      const before = cpuMs(server.process.pid!);
      const figures: { decide: number; bare: number }[] = [];
      while (figures.length < tries) figures.push({ decide: await percentile99(server.url), bare: await percentile99(bare.url) });
      const after = cpuMs(server.process.pid!);
      return {
        decide: {
          requestsPerSecond: perSecond,
          p99Ms: Math.min(...figures.map((one) => one.decide)),
          p99OfNothingMs: Math.min(...figures.map((one) => one.bare)),
          cpuMsPerDecision: before === null || after === null ? null : (after - before) / (perSecond * seconds * tries),
        },
      };
    } finally {
      for (const { process } of [server, bare]) process.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function trainedPolicy(folder: string): string {
  const set = ['experiment=bench', 'evaluation.schedulers=[]', 'days.validation=2022-02-01', 'days.test=2023-03-01'].flatMap((assignment) => ['--set', assignment]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, 'train', '--preset', 'quickstart', '--steps', '500', '--out', folder, '--json', ...set], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no policy to serve: ${stderr}`);
  return (JSON.parse(stdout) as { run: string }).run;
}

/** A Node process that serves, once it has said where; `urlOf` reads what it said. */
async function started(args: readonly string[], urlOf: (text: string) => string): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  return { process: child, url: urlOf(text) };
}

/** Sends requests when they are due; the 99th percentile of how long answers took, ms. Throws if one was not 200. */
async function percentile99(url: string): Promise<number> {
  const site = { waitSeconds: 12, backlogSeconds: 30, priceUsdPerMwh: 40, priceInAnHourUsdPerMwh: 42, renewableKw: 0.5, soc: 0.5, outdoorCelsius: 12 };
  const body = JSON.stringify({ job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600 }, sites: ['CAISO', 'ERCOT', 'PJM'].map((name) => ({ name, ...site })) });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const one = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const sent = request(`${url}/v1/decisions`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
        response.resume();
        response.on('end', () => (response.statusCode === 200 ? resolve(performance.now() - began) : reject(new Error(`answered ${response.statusCode}`))));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const first = performance.now();
  const pending: Promise<number>[] = [];
  while (pending.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - first) * perSecond) / 1000) + 1);
    while (pending.length < due) pending.push(one());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const latencies = await Promise.all(pending);
  agent.destroy();
  return quantile(latencies, 0.99);
}

/** Processor time of a process so far, ms; null where the system does not say. */
function cpuMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}
