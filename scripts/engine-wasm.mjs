// Assembles src/engine/wasm/kernels.wat into kernels.ts, so that nobody waits for binaryen at run time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';

const folder = join(import.meta.dirname, '..', 'src', 'engine', 'wasm');

/** The bytes of the assembled, optimised kernels. */
export function assemble() {
  const module = binaryen.parseText(readFileSync(join(folder, 'kernels.wat'), 'utf8'));
  module.setFeatures(binaryen.Features.SIMD128);
  if (!module.validate()) throw new Error('kernels.wat is not valid');
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  module.optimize();
  return Buffer.from(module.emitBinary());
}

if (process.argv[1] === import.meta.filename) {
  const lines = assemble().toString('base64').match(/.{1,110}/g);
  writeFileSync(
    join(folder, 'kernels.ts'),
    `// Assembled from kernels.wat by scripts/engine-wasm.mjs.\nexport const kernelBytes = Buffer.from(\n${lines.map((line, i) => `  ${i === 0 ? '' : '  '}'${line}'`).join(' +\n')},\n  'base64',\n);\n`,
  );
}
