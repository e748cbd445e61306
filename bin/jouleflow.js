#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(entry)) {
  await (await import(entry.href)).main(process.argv.slice(2));
} else {
  process.stderr.write('jouleflow: not built yet; run "npm run build" in the project folder first.\n');
  process.exitCode = 1;
}
