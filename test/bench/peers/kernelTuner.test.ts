import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holm, permutationTest } from '../../../bench/peers/significance.js';
import { projectRoot, temporaryFolder } from '../../support/cli.js';
import { smallCache } from '../../workloads/tensor/support/cache.js';

describe('the significance of a difference', () => {
  it('is what can be counted by hand for few values', () => {
    // Of the 20 ways to choose 3 of 6, two are as far apart as {1, 2, 3} and {4, 5, 6}.
    expect(permutationTest([1, 2, 3], [4, 5, 6])).toBeCloseTo(2 / 20, 2);
    expect(permutationTest([1, 2, 3], [1, 2, 3])).toBe(1);
  });

  it("is corrected as in Holm's own example", () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((value, i) => expect(corrected[i]).toBeCloseTo(value, 12));
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });
});

const python = process.env['JOULEFLOW_PYTHON'] ?? 'python3';
const hasKernelTuner = spawnSync(python, ['-c', 'import kernel_tuner'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!hasKernelTuner)('the comparison with Kernel Tuner', () => {
  it('runs both on a cache, with one line for each, and runs nothing twice', () => {
    const folder = temporaryFolder();
    const cache = join(folder, 'small.json');
    writeFileSync(cache, JSON.stringify(smallCache()));
    const args = [join(projectRoot, 'dist/bench/peers/kernelTuner.js'), '--python', python, '--out', join(folder, 'out'), '--seeds', '2', '--budgets', '8,16', '--strategies', 'random_sample,genetic_algorithm', cache];
    const first = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(first.stderr).toBe('');
    for (const method of ['rank', 'random_sample', 'genetic_algorithm']) expect(first.stdout).toMatch(new RegExp(`small +${method} +2 +[0-9.]+ ± [0-9.]+`));
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout).toBe(first.stdout);
  });
});
