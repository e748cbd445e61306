// Joins each module of dist/src/vendor with the packages it takes from, into one file, and
// writes their licences beside them. Who installs jouleflow then installs none of those packages.
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist', 'src', 'vendor');
const { resolve } = createRequire(import.meta.url);

const common = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  metafile: true,
  platform: 'node',
  target: 'node20',
  external: ['@napi-rs/canvas'],
  logLevel: 'error',
};

/** Joins the modules of dist/src/vendor, as the compiler has just written them. */
export async function bundleVendored() {
  for (const file of readdirSync(folder)) if (/^shared-|\.map$/.test(file)) rmSync(join(folder, file));
  const at = (name) => join(folder, name);
  const modules = await build({
    ...common,
    entryPoints: ['tfjs.js', 'tfjsWasm.js', 'fastify.js'].map(at),
    outdir: folder,
    allowOverwrite: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [substitutes],
    banner: {
      js: [
        "import{createRequire as createRequireOfBundle}from'node:module';",
        'const require=createRequireOfBundle(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;',
      ].join(''),
    },
  });
  const figures = await build({ ...common, entryPoints: [at('chartCanvas.js')], outfile: at('chartCanvas.cjs'), format: 'cjs', plugins: [substitutes] });
  rmSync(at('chartCanvas.js'));
  for (const file of wasmFiles()) cpSync(file, at(basename(file)));
  await bundleTypes();
  writeFileSync(at('LICENSES.txt'), licences({ ...modules.metafile.inputs, ...figures.metafile.inputs }));
}

/** What a package asks for, and what it is given instead. */
const substitutes = {
  name: 'substitutes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^canvas$/ }, () => ({ path: '@napi-rs/canvas', external: true }));
    // TensorFlow.js fetches models with it where Node has no fetch of its own.
    onResolve({ filter: /^node-fetch$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'export default undefined;' }));
    // It loads modules past Node's cache, by names that are not known until it runs; in a bundle there is nothing to pass.
    onLoad({ filter: /chartjs-node-canvas.dist.chartJSNodeCanvasBase\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("(0, freshRequire_1.freshRequire)('canvas')", "require('canvas')"),
    }));
  },
};

function wasmFiles() {
  const from = dirname(resolve('@tensorflow/tfjs-backend-wasm'));
  return readdirSync(from).filter((file) => file.endsWith('.wasm')).map((file) => join(from, file));
}

/** Types of browsers, which those of TensorFlow.js speak of and a program for Node has not. */
const browserTypes = [
  ...['GPUBuffer', 'HTMLCanvasElement', 'HTMLImageElement', 'HTMLSourceElement', 'HTMLVideoElement', 'ImageBitmap', 'ImageData'],
  ...['Long', 'Navigator', 'WebGLContextAttributes', 'WebGLTexture'],
];

/** The types of TensorFlow.js's core in one file, which those of the library speak of. */
async function bundleTypes() {
  const file = join(folder, 'tfjs.d.ts');
  const core = '@tensorflow/tfjs-core';
  writeFileSync(file, `export * from '${core}';\n`);
  const bundle = await rollup({
    input: file,
    plugins: [dts({ includeExternal: [core] })],
    onwarn: (warning) => {
      if (warning.code !== 'CIRCULAR_DEPENDENCY') process.stderr.write(`${warning.message}\n`);
    },
  });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  const types = output[0].code.replace(/^\/\/\/ <.*$/gm, '').replace(/\/\*\*\s+\* @license[\s\S]*?\*\/\n?/g, '');
  writeFileSync(file, `${types}\n${browserTypes.map((name) => `interface ${name} {}`).join('\n')}\n`);
}

/** The licences of the packages whose code is in the bundles. */
function licences(inputs) {
  const packages = new Map();
  for (const input of Object.keys(inputs)) {
    const found = /^(.*node_modules\/(@[^/]+\/)?[^/]+)\//.exec(relative(root, join(root, input)));
    if (found !== null) packages.set(found[1], undefined);
  }
  return [...packages.keys()]
    .sort()
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, path)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
      const text = file === undefined ? `Licence: ${license}.` : readFileSync(join(root, path, file), 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
