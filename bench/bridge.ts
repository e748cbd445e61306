import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { resolveExperiment } from '../experiments/run/config.js';
import { loadSetting } from '../experiments/run/setting.js';
import { randomStream } from '../src/math/random.js';
import { median } from '../src/math/statistics.js';
import type { Section } from './section.js';

const slots = 288;
const [warmUpDays, days] = [40, 40];

/** Environment steps, by the clock and per second of processor time. */
interface Rate {
  readonly stepsPerSecond: number;
  readonly stepsPerCpuSecond: number;
}

/**
 * Steps a second of preset `price`: in this process, and over the bridge to Python with 16 environments and with one, all
 * pinned to one core where `taskset` is; null where Python has no gymnasium.
 */
export const bridge: Section = {
  name: 'bridge',
  run: async () => {
    const inProcess = await inThisProcess();
    const overBridge = overTheBridge();
    return { bridge: { inProcess, envs16: overBridge?.['16'] ?? null, envs1: overBridge?.['1'] ?? null } };
  },
};

async function inThisProcess(): Promise<Rate> {
  const environment = (await loadSetting(resolveExperiment({ preset: 'price' }), { schedulers: [] })).environment();
  const random = randomStream(0, 'bridge');
  const actions = Array.from({ length: slots }, () => Float32Array.from({ length: environment.actionSpace.size }, () => 2 * random.next() - 1));
  environment.reset({ seed: 0 });
  const day = (): void => {
    for (const action of actions) if (environment.step(action).truncated) environment.reset();
  };
  for (let i = 0; i < warmUpDays; i++) day();
  const before = process.cpuUsage();
  const times = Array.from({ length: days }, () => {
    const start = performance.now();
    day();
    return (performance.now() - start) / 1000;
  });
  const { user, system } = process.cpuUsage(before);
  return { stepsPerSecond: Math.round(slots / median(times)), stepsPerCpuSecond: Math.round((days * slots * 1e6) / (user + system)) };
}

function overTheBridge(): Record<string, Rate> | null {
  const root = join(import.meta.dirname, '..', '..');
  const python = [process.env['JOULEFLOW_PYTHON'] ?? 'python3', join(root, 'python', 'studies', 'throughput.py'), '16', '1'];
  const pinned = spawnSync('taskset', ['--version']).status === 0 ? ['taskset', '-c', '0'] : [];
  const [program, ...rest] = [...pinned, ...python];
  const { status, stdout } = spawnSync(program!, rest, {
    encoding: 'utf8',
    env: {
      ...process.env,
      PYTHONPATH: join(root, 'python', 'src'),
      JOULEFLOW_COMMAND: `'${process.execPath}' '${join(root, 'bin', 'jouleflow.js')}'`,
    },
  });
  return status === 0 ? (JSON.parse(stdout) as Record<string, Rate>) : null;
}
