import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** Runs the built command line as a process; status null if it was ended by a signal. `npm test` builds before it tests. */
export function jouleflow(args: readonly string[], options: { cwd?: string; timeoutMs?: number } = {}): { status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...args], {
    cwd: options.cwd ?? projectRoot,
    encoding: 'utf8',
    timeout: options.timeoutMs,
    maxBuffer: 1 << 28,
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Asserts the contract for bad input: exit 2, nothing on stdout, one line on stderr without a stack; returns the line. */
export function refused(args: readonly string[], options: { cwd?: string } = {}): string {
  const { status, stdout, stderr } = jouleflow(args, options);
  if (status !== 2 || stdout !== '' || stderr.trim().split('\n').length !== 1 || /\n\s+at /.test(stderr)) {
    throw new Error(`expected one sentence and exit 2 from ${args.join(' ')}; got ${status}\n${stdout}\n${stderr}`);
  }
  return stderr.trim();
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'jouleflow-'));
