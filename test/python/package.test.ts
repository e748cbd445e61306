import { describe, expect, it } from 'vitest';
import { pythonHas, runPython } from '../support/python.js';

describe('the Python package (skipped where Python lacks gymnasium or pytest; its parts for Stable-Baselines3 where it lacks that)', () => {
  it.skipIf(!pythonHas('gymnasium', 'numpy', 'pytest'))(
    'passes its own tests',
    () => expect(runPython(['-m', 'pytest', 'python/tests', '-q', '-rs', '-p', 'no:cacheprovider'])).toMatch(/\d+ passed/),
    1_200_000,
  );

  it.skipIf(!pythonHas('mypy', 'gymnasium', 'stable_baselines3', 'torch'))(
    'is typed throughout',
    () => expect(runPython(['-m', 'mypy', '--strict', '--cache-dir', '/dev/null', 'python/src'])).toMatch(/no issues found/),
    600_000,
  );
});
