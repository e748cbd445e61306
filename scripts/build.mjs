// Compiles to dist/, copies the data files that the compiler leaves behind (calibrations, presets, pages), joins what is
// borrowed of large packages (vendor.mjs), and joins the
// command line with yargs into one file: reading that instead of some sixty halves what a start takes beyond Node's own.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleVendored } from './vendor.mjs';

const root = join(import.meta.dirname, '..');
const rooms = ['src', 'workloads', 'datasets', 'envs', 'diffusion', 'agents', 'experiments', 'cli', 'web'];
// A package must not hold what is left of files that were moved or removed since.
if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
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

await bundleVendored();

// The kernels of the expert layers are assembled now, so that nobody needs binaryen to run them.
const kernels = join(root, 'dist', 'workloads', 'moe', 'kernelCode.js');
const { generate } = await import(pathToFileURL(kernels).href);
writeFileSync(kernels, `export const generate = () => Buffer.from('${Buffer.from(generate()).toString('base64')}', 'base64');\n`);

const main = join(root, 'dist', 'cli', 'main.js');
await build({
  entryPoints: [main],
  outfile: main,
  allowOverwrite: true,
  bundle: true,
  minify: true,
  sourcemap: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
  plugins: [
    {
      name: 'the width of plain text',
      // What yargs measures is help text, a column a character. string-width, of which it has three copies, is made for
      // emoji and wide scripts: its patterns and segmenters take a third of a start.
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'plain' }));
        onLoad({ filter: /./, namespace: 'plain' }, () => ({
          contents: "import { stripVTControlCharacters } from 'node:util';\nexport default (text) => stripVTControlCharacters(text).length;",
        }));
      },
    },
    {
      name: 'only the command line and yargs',
      // Everything else stays the modules it is: loaded when a command runs, and one instance each for instanceof.
      setup: ({ onResolve }) =>
        onResolve({ filter: /./ }, ({ path, importer, kind }) => {
          const joined = kind === 'entry-point' || importer.includes('node_modules') || path.startsWith('./') || path === 'yargs';
          return joined ? null : { path, external: true };
        }),
    },
  ],
});
