import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './cli.js';

const python = process.env['JOULEFLOW_PYTHON'] ?? 'python3';

/** Whether Python has all of these modules; tests that need one are skipped where it has not. */
export const pythonHas = (...modules: readonly string[]): boolean => spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0;

/** Runs Python with this project's package and command; returns what it printed. Throws with all of it if it fails. */
export function runPython(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, args, {
    cwd: projectRoot,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      PYTHONPATH: join(projectRoot, 'python', 'src'),
      PYTHONDONTWRITEBYTECODE: '1',
      JOULEFLOW_COMMAND: `'${process.execPath}' '${join(projectRoot, 'bin', 'jouleflow.js')}'`,
    },
  });
  if (status !== 0) throw new Error(`python ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}
