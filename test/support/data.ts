import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './cli.js';

/** The folder of real data beside the project; tests on it are skipped where it is absent. */
export const sharedData = join(projectRoot, '..', 'shared', 'data');
export const hasSharedData = existsSync(join(sharedData, 'README.md'));
