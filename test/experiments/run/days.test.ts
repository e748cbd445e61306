import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveExperiment } from '../../../experiments/run/config.js';
import { loadSetting } from '../../../experiments/run/setting.js';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';

const data = join(temporaryFolder(), 'world');
const regions = 'US-CAL-CISO,US-TEX-ERCO,US-MIDA-PJM';
const small = ['--preset', 'price', '--set', 'fleet.jobs.perDay=200', '--data', data];

describe('days that a command is told to judge', () => {
  beforeAll(() => {
    const { status, stderr } = jouleflow(['data', 'synth', '--regions', regions, '--from', '2023-01-01', '--days', '4', '--out', data]);
    expect(status, stderr).toBe(0);
  });

  it.each([
    [['evaluate', '--scheduler', 'greedy', '--no-bound']],
    [['bound']],
  ])('are all that %j asks of a data folder', (command) => {
    const { status, stdout, stderr } = jouleflow([...command, ...small, '--days', '2023-01-02', '--json']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('2023-01-02');
  });

  it('may be the last of the folder', () => {
    const { status, stderr } = jouleflow(['evaluate', '--scheduler', 'greedy', '--no-bound', ...small, '--days', '2023-01-04', '--json']);
    expect(status, stderr).toBe(0);
  });

  it('are refused where the folder does not have them, and so are the validation days of a scheduler that is tuned on them', () => {
    const on = (scheduler: string, days: string): string => refused(['evaluate', '--scheduler', scheduler, ...small, '--days', days]);
    expect(on('greedy', '2023-01-05')).toMatch(/--days: 2023-01-05 is not covered by .*world, which spans 2023-01-01 to 2023-01-04 for US-CAL-CISO/);
    expect(on('greedy-lambda-tuned', '2023-01-02')).toMatch(/days\.validation: 2022-01-15 is not covered/);
  });

  it('do not free a training from days that it needs', async () => {
    await expect(loadSetting(resolveExperiment({ preset: 'price', data }))).rejects.toThrow(/days\.validation: 2022-01-15 is not covered/);
    const setting = await loadSetting(resolveExperiment({ preset: 'price', data }), { schedulers: [], days: '2023-01-02' });
    expect(setting.days.test).toEqual(['2023-01-02']);
    expect(() => setting.days.train).toThrow(/days\.validation/);
    expect(setting.environment().reset({ seed: 1, options: { day: '2023-01-02' } }).observation.length).toBeGreaterThan(0);
  });
});
