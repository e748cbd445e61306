import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomStream } from '../src/math/random.js';

/**
 * Kills `jouleflow train` (SIGKILL) at random moments, every second time just as it writes a checkpoint, resumes it each
 * time, and compares what is left at the end with an uninterrupted run's, byte for byte:
 * `node dist/bench/kills.js [KILLS] [SEED]`. Exits 1 if a byte differs.
 */
const kills = Number(process.argv[2] ?? 30);
const random = randomStream(Number(process.argv[3] ?? 0), 'kills');
const bin = join(import.meta.dirname, '..', '..', 'bin', 'jouleflow.js');
const out = mkdtempSync(join(tmpdir(), 'jouleflow-kills-'));
const assignments = [
  'agent.exploration.warmUpSteps=300',
  'shaping.warmUpSteps=300',
  'evaluation.everySteps=600',
  'evaluation.schedulers=[greedy]',
  'checkpointSteps=288',
  'days.validation=2022-02-01..2022-02-02',
  'days.test=2023-03-01..2023-03-02',
];
const train = (to: string): string[] => [
  ...['train', '--preset', 'price', '--steps', '6000', '--seed', '5', '--out', join(out, to)],
  ...assignments.flatMap((assignment) => ['--set', assignment]),
];
const runOf = (to: string): string => join(out, to, 'price', 'ddpg-diffusion-s5');

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  return { child, ended: new Promise((resolve) => child.on('exit', (code) => resolve(code))) };
}

/** Kills as soon as something is written aside in the checkpoint's folder. */
function killWhileWriting(child: ChildProcess, folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder, (_event, name) => {
    if (name?.endsWith('.tmp') === true) child.kill('SIGKILL');
  });
  return () => watcher.close();
}

const whole = runOf('whole');
const began = performance.now();
if ((await start(train('whole')).ended) !== 0) throw new Error('the uninterrupted run failed');
const wholeMs = performance.now() - began;

const broken = runOf('broken');
const checkpoint = join(broken, 'checkpoint');
let done = 0;
let halfWritten = 0;
while (done < kills) {
  const { child, ended } = start(existsSync(join(broken, 'config.yaml')) ? ['train', '--resume', broken] : train('broken'));
  const writing = done % 2 === 1 && existsSync(join(checkpoint, 'state.safetensors'));
  const stopWatching = writing ? killWhileWriting(child, checkpoint) : () => undefined;
  if (!writing) {
    // From its first instant to about three checkpoints on.
    await Promise.race([ended, sleep(random.next() * (1500 + (4 * wholeMs) / 20))]);
    child.kill('SIGKILL');
  }
  const code = await ended;
  stopWatching();
  if (code !== null && code !== 0) throw new Error(`exit ${code}`);
  if (code === 0) break;
  done++;
  const aside = existsSync(checkpoint) && readdirSync(checkpoint).some((name) => name.endsWith('.tmp'));
  if (aside) halfWritten++;
  process.stderr.write(`kill ${done}${aside ? ', a checkpoint half written' : ''}\n`);
}
const ended = existsSync(join(broken, 'summary.json')) && done < kills;
if (!ended && (await start(['train', '--resume', broken]).ended) !== 0) throw new Error('the last resumption failed');

const files = ['config.yaml', 'metrics.csv', 'summary.json', 'day.json', 'policy.onnx', 'checkpoint/policy.safetensors', 'checkpoint/state.safetensors'];
const different = files.filter((file) => !readFileSync(join(whole, file)).equals(readFileSync(join(broken, file))));
const litter = [broken, checkpoint].flatMap((folder) => readdirSync(folder)).filter((name) => name.endsWith('.tmp') || name === 'lock');
process.stdout.write(`${JSON.stringify({ kills: done, halfWritten, compared: files, different, litter, folder: out })}\n`);
process.exitCode = different.length === 0 && litter.length === 0 ? 0 : 1;
