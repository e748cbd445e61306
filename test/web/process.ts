import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../support/cli.js';

/** Starts a command that serves, and waits until it says where. */
export async function start(args: readonly string[], env: Record<string, string> = {}): Promise<{ document: Record<string, unknown>; process: ChildProcess; stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'jouleflow.js'), ...args, '--json'], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [text, trouble] = ['', ''];
  child.stderr!.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const document = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(JSON.parse(text) as Record<string, unknown>);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${trouble}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  return { document, process: child, stop };
}
