// Packs the project, installs the tarball in an empty folder as a user would (no overrides, no .npmrc, no compiler), trains
// with it, and compiles every export under strict NodeNext. Prints a line for each check; exits 1 at the first that fails.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const mostMegabytes = 400;
const folder = mkdtempSync(join(tmpdir(), 'jouleflow-package-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Runs a program and gives what it printed; what it said on stderr is shown if it fails. */
function run(program, args, cwd) {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  } catch (error) {
    process.stderr.write(`${program} ${args.join(' ')}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}\n`);
    process.exit(1);
  }
}

function require(holds, sentence) {
  if (!holds) {
    process.stderr.write(`${sentence}\n`);
    process.exit(1);
  }
  process.stdout.write(`${sentence}\n`);
}

const node = (file, args, cwd) => run(process.execPath, [file, ...args], cwd);
const bin = (name, file) => join(root, 'node_modules', name, file);

const tarball = join(folder, run('npm', ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', folder], root).trim().split('\n').at(-1));
const listed = run('tar', ['-tzf', tarball], root).split('\n');
require(!listed.some((file) => /\.map$|docs\/results\//.test(file)), `packed ${listed.length} files, without source maps and recorded results`);
node(bin('publint', 'src/cli.js'), ['run', tarball, '--strict'], root);
require(true, 'publint: nothing to say');
node(bin('@arethetypeswrong/cli', 'dist/index.js'), [tarball, '--profile', 'esm-only'], root);
require(true, 'attw: types resolve wherever ES modules do');

const mine = join(folder, 'mine');
mkdirSync(mine);
writeFileSync(join(mine, 'package.json'), JSON.stringify({ name: 'mine', version: '9.9.9', type: 'module', private: true }));
const installed = run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--engine-strict', tarball], mine);
require(!/warn/i.test(installed), 'installed in an empty folder, without overrides, compiler or .npmrc');
const megabytes = Math.ceil(sizeOf(join(mine, 'node_modules')) / 1e6);
require(megabytes <= mostMegabytes, `node_modules takes ${megabytes} MB, of at most ${mostMegabytes}`);

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const cli = join(mine, 'node_modules', 'jouleflow', 'bin', 'jouleflow.js');
require(node(cli, ['--version'], mine).trim() === version, `--version is ${version}, the package's own`);
const trained = JSON.parse(node(cli, ['train', '--preset', 'quickstart', '--steps', '400', '--json'], mine));
const figures = readdirSync(join(mine, trained.run, 'figures'));
require(figures.length > 0, `trained 400 steps: ${trained.run}, ${figures.length} figures`);
JSON.parse(node(cli, ['moe', 'bench', '--experts', '4', '--top-k', '1', '--tokens', '100', '--dim', '16', '--json'], mine));
require(true, 'the expert layers run without binaryen');
require(compiles(mine), 'every export compiles under strict NodeNext');

function sizeOf(path) {
  const entry = lstatSync(path);
  return entry.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : entry.size;
}

/** Compiles a module that takes every export, with the types of the dependencies checked too. */
function compiles(project) {
  const declared = readFileSync(join(project, 'node_modules', 'jouleflow', 'dist', 'index.d.ts'), 'utf8');
  const names = (pattern) => [...declared.matchAll(pattern)].flatMap(([, list]) => list.split(',').map((name) => name.trim().split(' as ').at(-1)).filter(Boolean));
  const values = names(/^export \{([^}]*)\}/gm);
  const types = names(/^export type \{([^}]*)\}/gm);
  if (values.length === 0 || types.length === 0) throw new Error('index.d.ts exports nothing that can be listed');
  writeFileSync(
    join(project, 'all.ts'),
    `import { ${values.join(', ')} } from 'jouleflow';\nexport const all: readonly unknown[] = [${values.join(', ')}];\nexport type { ${types.join(', ')} } from 'jouleflow';\n`,
  );
  const compilerOptions = {
    ...{ target: 'ES2022', module: 'NodeNext', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules', '@types')], rootDir: '.', outDir: 'built' },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['all.ts'] }));
  node(bin('typescript', 'bin/tsc'), ['-p', project], project);
  return Number(node('-e', [`import('./built/all.js').then(({ all }) => process.stdout.write(String(all.filter((x) => x !== undefined).length)))`], project)) === values.length;
}
