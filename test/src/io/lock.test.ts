import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clearAside, requireRoom, writeAtomic } from '../../../src/io/files.js';
import { isLocked, Locked, takeLock, thisMachine, whenFree, withLock } from '../../../src/io/lock.js';
import { temporaryFolder } from '../../support/cli.js';

const file = (): string => join(temporaryFolder(), 'lock');
const holder = (fields: object): string => JSON.stringify({ pid: 1, host: 'elsewhere', started: null, token: 't', ...fields });

describe('a lock', () => {
  it('is held by one, and free after', async () => {
    const at = file();
    await withLock(at, async (lock) => {
      lock.check();
      expect(isLocked(at)).toBe(true);
      expect(() => takeLock(at)).toThrow(Locked);
      expect(() => takeLock(at)).toThrow(new RegExp(`process ${process.pid} on .* is writing this folder`));
      return Promise.resolve();
    });
    expect(isLocked(at)).toBe(false);
    expect(existsSync(at)).toBe(false);
  });

  it('of a dead process is taken over, as is that of a process whose id another has now', () => {
    const dead = spawnSync('true').pid;
    for (const fields of [{ pid: dead }, { pid: process.pid, started: '1' }]) {
      const at = file();
      writeFileSync(at, holder({ host: hostname(), machine: thisMachine, ...fields }));
      expect(isLocked(at)).toBe(false);
      takeLock(at).release();
      expect(readdirSync(join(at, '..'))).toEqual([]);
    }
  });

  it('of another machine, or that makes no sense, holds while it is heard of', () => {
    for (const content of [holder({}), '{"pid":']) {
      const at = file();
      writeFileSync(at, content);
      expect(() => takeLock(at)).toThrow(Locked);
      const longAgo = new Date(Date.now() - 600_000);
      utimesSync(at, longAgo, longAgo);
      takeLock(at).release();
    }
  });

  it('of a container that shares this host\'s name and disks, but not its processes, holds while it is heard of', () => {
    for (const machine of [`${thisMachine} other`, null]) {
      const at = file();
      writeFileSync(at, holder({ host: hostname(), machine, pid: spawnSync('true').pid }));
      expect(isLocked(at)).toBe(true);
      expect(() => takeLock(at)).toThrow(Locked);
    }
  });

  it('gives its signs of life to itself, wherever it was moved', () => {
    const at = file();
    const lock = takeLock(at);
    renameSync(at, `${at}.moved`);
    writeFileSync(at, holder({}));
    lock.release();
    expect(readFileSync(at, 'utf8')).toBe(holder({}));
    lock.release();
  });

  it('is waited for by work that is short', async () => {
    const at = file();
    const lock = takeLock(at);
    await expect(whenFree(at, () => 1, 0)).rejects.toThrow(Locked);
    const later = whenFree(at, () => 2);
    lock.release();
    expect(await later).toBe(2);
  });

  it('that was taken away is noticed, and not given back', () => {
    const at = file();
    const lock = takeLock(at);
    writeFileSync(at, holder({}));
    expect(() => lock.check()).toThrow(/another process has taken this folder over/);
    lock.release();
    expect(existsSync(at)).toBe(true);
  });

  it('is got by one of many that want a dead one at once', async () => {
    const at = file();
    writeFileSync(at, JSON.stringify({ pid: spawnSync('true').pid, host: hostname(), machine: thisMachine, started: null, token: 'dead' }));
    const script = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, '../../../dist/src/io/lock.js'))};
      try { takeLock(${JSON.stringify(at)}); console.log('got'); setTimeout(() => process.exit(), 3000); } catch (error) { console.log(error.name); }`;
    const said = await Promise.all(
      Array.from({ length: 4 }, () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
        let out = '';
        child.stdout.on('data', (text: Buffer) => (out += text.toString()));
        return new Promise<string>((resolve) => child.on('exit', () => resolve(out.trim())));
      }),
    );
    expect(said.filter((text) => text === 'got')).toHaveLength(1);
  });
});

describe('a folder', () => {
  it.skipIf(process.getuid?.() === 0)('that cannot be written is said', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(() => takeLock(join(folder, 'lock'))).toThrow(/Cannot write .*: permission denied\./);
  });

  it('without room is said before there is anything to lose', () => {
    expect(() => requireRoom(temporaryFolder(), 1e18, 'checkpoints')).toThrow(/the disk has [\d.]+ MB left; expected at least 1000000000000.0 MB for checkpoints\./);
  });

  it('is cleared of what a dead process left half written', () => {
    const folder = temporaryFolder();
    writeAtomic(join(folder, 'a'), 'old');
    writeFileSync(join(folder, '.writing.of-a-dead-process.tmp'), 'half');
    writeFileSync(join(folder, 'lock.token.1.tmp'), 'of one that wants the lock now');
    clearAside(folder);
    expect(readdirSync(folder)).toEqual(['a', 'lock.token.1.tmp']);
  });
});
