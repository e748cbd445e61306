import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../support/cli.js';

it('the page on architecture names only files that exist', () => {
  const text = readFileSync(join(projectRoot, 'docs', 'architecture.md'), 'utf8');
  const files = [...text.matchAll(/`([\w/]+\.ts)`/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
});
