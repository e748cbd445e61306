import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jouleflow, projectRoot, temporaryFolder } from '../support/cli.js';

it('--version is that of jouleflow, in whatever project it runs', () => {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  const mine = temporaryFolder();
  writeFileSync(join(mine, 'package.json'), JSON.stringify({ name: 'mine', version: '9.9.9' }));
  expect(jouleflow(['--version'], { cwd: mine }).stdout.trim()).toBe(version);
});
