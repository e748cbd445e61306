import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './cli.js';

const script = join(import.meta.dirname, 'services.sh');
const onPath = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin'].some((folder) => existsSync(join(folder, program)));

/** Whether the services' programs are installed; tests that need them are skipped where they are not. */
export const hasRedis = onPath('redis-server') && onPath('redis-cli');
export const hasSlurm = ['slurmctld', 'slurmd', 'sbatch'].every(onPath);

/** A service of this test's own on loopback. `value` is Redis's address, or the path of Slurm's configuration. */
export function startService(name: 'redis' | 'slurm', environment: Record<string, string> = {}): { value: string; stop(): void } {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = spawnSync('bash', [script, name, folder], { encoding: 'utf8', env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${name} did not start: ${stdout}${stderr}`);
  return { value: stdout.trim().split('=')[1]!, stop: () => void spawnSync('bash', [script, 'stop', folder]) };
}
