import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // What the build joins from other packages is tested as it is shipped.
  resolve: { alias: [{ find: /^.*\/vendor\/(\w+)\.js$/, replacement: join(import.meta.dirname, 'dist/src/vendor/$1.js') }] },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Far beyond what anything takes, on a busy machine too: they end what hangs, and judge no speed.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
