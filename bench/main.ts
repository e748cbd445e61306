import { cpus } from 'node:os';
import { sections } from './sections.js';

/** Runs every section, or those named, and prints their figures: `npm run bench -- [--json] [SECTION ...]`. */
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const json = process.argv.includes('--json');
const document: Record<string, unknown> = { machine: cpus()[0]?.model, node: process.version };
for (const section of sections) {
  if (names.length > 0 && !names.includes(section.name)) continue;
  process.stderr.write(`${section.name} ...\n`);
  Object.assign(document, await section.run());
}
process.stdout.write(`${json ? JSON.stringify(document) : JSON.stringify(document, null, 2)}\n`);
