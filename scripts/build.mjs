// Compiles to dist/, then copies the data files that the compiler leaves behind (calibrations, presets, pages).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const rooms = ['src', 'workloads', 'datasets', 'envs', 'diffusion', 'agents', 'experiments', 'cli', 'web'];
const compilerDir = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
try {
  execFileSync(process.execPath, [join(compilerDir, 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
    cwd: root,
  });
} catch {
  process.exit(1);
}
for (const room of rooms) {
  const from = join(root, room);
  if (!existsSync(from)) continue;
  cpSync(from, join(root, 'dist', room), {
    recursive: true,
    filter: (path) => !['.ts', '.tsx', '.mts'].includes(extname(path)),
  });
}
