import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressOf, masked, withoutCredentials } from '../../../src/io/address.js';
import { InputError } from '../../../src/io/errors.js';
import { openMlflowRun } from '../../../src/io/mlflow.js';
import { jouleflow, temporaryFolder } from '../../support/cli.js';

describe('an address', () => {
  it.each([
    ['redis://:hunter2@host:6379/1', 'redis://***@host:6379/1'],
    ['rediss://user:p@ss@host', 'rediss://***@host'],
    ['redis://host:6379?password=hunter2', 'redis://host:6379?***'],
    ['http://token@host/mlflow', 'http://***@host/mlflow'],
    ['redis://localhost:6379', 'redis://localhost:6379'],
    ['no address', 'no address'],
  ])('%s is shown as %s', (address, shown) => {
    expect(masked(address)).toBe(shown);
  });

  it('is taken from the option, the environment, or a file', () => {
    const file = join(temporaryFolder(), 'redis');
    writeFileSync(file, 'redis://:x@file\n');
    const environment = { A: 'redis://environment', A_FILE: file };
    expect(addressOf('redis://option', 'A', environment)).toBe('redis://option');
    expect(addressOf(undefined, 'A', environment)).toBe('redis://environment');
    expect(addressOf(undefined, 'A', { A_FILE: file })).toBe('redis://:x@file');
    expect(addressOf(undefined, 'A', {})).toBeUndefined();
    expect(() => addressOf(undefined, 'A', { A_FILE: '/nowhere' })).toThrow(InputError);
    expect(() => addressOf('', 'A', {})).toThrow(InputError);
  });

  it('gives its password as a header', () => {
    expect(withoutCredentials('http://me:p%40ss@host:5000/x')).toEqual({ address: 'http://host:5000/x', authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` });
    expect(withoutCredentials('http://host:5000')).toEqual({ address: 'http://host:5000', authorization: undefined });
  });

  it('with a password is never printed', async () => {
    for (const args of [['worker', '--redis', 'redis://:hunter2@127.0.0.1:1'], ['worker', '--redis', 'nonsense://u:hunter2@']]) {
      const { status, stderr } = jouleflow(args, { timeoutMs: 60_000 });
      expect([status, stderr.includes('***'), stderr.includes('hunter2')]).toEqual([2, true, false]);
    }
    const run = openMlflowRun('http://u:hunter2@127.0.0.1:1', { experiment: 'e', name: 'n', params: {} });
    await expect(run).rejects.toThrow(/^(?!.*hunter2).*no MLflow answers at http:\/\/127\.0\.0\.1:1/);
  });
});
