import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, messageOf } from '../src/io/errors.js';
import { ensureFolder, writeAtomic } from '../src/io/files.js';
import { withLock } from '../src/io/lock.js';

export interface Download {
  readonly url: string;
  /** Where the file goes. */
  readonly file: string;
  readonly sha256?: string;
  /** Downloads larger than this are given up. */
  readonly maxBytes?: number;
  /** How often a connection that broke off is taken up again. */
  readonly retries?: number;
  /** A connection on which nothing comes for this long counts as broken. */
  readonly idleMs?: number;
  /** Bytes so far, and in all where the server says. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
}

export type DownloadResult = 'downloaded' | 'resumed' | 'already there';

const defaultMaxBytes = 256 * 1024 * 1024;

/** The connection failed in a way that trying again may mend. */
class BrokenConnection extends Error {}

/**
 * Downloads one file. Bytes go to `FILE.part`, which a later call takes up where it ended (HTTP Range, guarded by the
 * server's ETag where it has one; a server without ranges sends the whole again); the finished file is checked and
 * renamed, so `FILE` is never half there. Throws an Error of one sentence: the server's refusal, a broken connection
 * (the part stays), a wrong checksum or a size beyond the bound (the part goes); InputError if another process is at it.
 */
export async function download(request: Download): Promise<DownloadResult> {
  const { url, file } = request;
  if (!/^https?:\/\//.test(url)) throw new InputError(`"${url}" is no address; expected http:// or https://.`);
  ensureFolder(dirname(file));
  return withLock(`${file}.lock`, () => fetchOnce(request), 'this file');
}

/** What one process at a time does of `download`. */
async function fetchOnce(request: Download): Promise<DownloadResult> {
  const { url, file, sha256, retries = 3 } = request;
  if (existsSync(file)) {
    if (sha256 === undefined || (await checksum(file)) === sha256) return 'already there';
    throw new InputError(`${file} is there but is not the published file (its SHA-256 differs); move it away or choose another --out.`);
  }
  const part = `${file}.part`;
  const resumed = sizeOf(part) > 0;
  for (let attempt = 0; ; attempt++) {
    try {
      await transfer(request, part);
      break;
    } catch (error) {
      if (!(error instanceof BrokenConnection)) throw error;
      if (attempt < retries) continue;
      const kept = sizeOf(part) > 0 ? `; ${sizeOf(part)} bytes are kept in ${part}, run it again to go on` : '';
      throw new Error(`${url}: ${error.message}${kept}.`);
    }
  }
  if (sha256 !== undefined) {
    const found = await checksum(part);
    if (found !== sha256) {
      discard(part);
      throw new Error(`${url} is not the file that was expected: SHA-256 ${found}, expected ${sha256}.`);
    }
  }
  renameSync(part, file);
  rmSync(tagFile(part), { force: true });
  return resumed ? 'resumed' : 'downloaded';
}

/** One connection: appends to the part, or starts it anew if the server does not go on from its end. */
async function transfer({ url, maxBytes = defaultMaxBytes, idleMs = 30_000, onProgress }: Download, part: string): Promise<void> {
  const have = sizeOf(part);
  const tag = have > 0 && existsSync(tagFile(part)) ? readFileSync(tagFile(part), 'utf8') : undefined;
  const abort = new AbortController();
  let idle = setTimeout(() => abort.abort(), idleMs);
  try {
    const response = await fetch(url, {
      // Without this a server may compress, and ranges would count compressed bytes.
      headers: { 'accept-encoding': 'identity', ...(have > 0 && { range: `bytes=${have}-` }), ...(tag && { 'if-range': tag }) },
      signal: abort.signal,
    });
    if (response.status === 416) {
      discard(part);
      throw new BrokenConnection('the server has no more than what was kept, which was discarded');
    }
    if (!response.ok) throw new Error(`${url}: the server answered ${response.status} ${response.statusText}; expected the file.`);
    const goesOn = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${have}-`) === true;
    if (response.status === 206 && !goesOn) throw new Error(`${url}: the server sent another part of the file than was asked for.`);
    const length = response.headers.get('content-length');
    const from = goesOn ? have : 0;
    const total = length === null ? undefined : from + Number(length);
    const tooLarge = (): Error => {
      discard(part);
      return new Error(`${url} is larger than the ${maxBytes} bytes allowed; nothing was kept.`);
    };
    if (total !== undefined && total > maxBytes) throw tooLarge();
    const etag = response.headers.get('etag');
    if (etag !== null && !etag.startsWith('W/')) writeAtomic(tagFile(part), etag);
    else rmSync(tagFile(part), { force: true });
    const out = await open(part, goesOn ? 'a' : 'w');
    let bytes = from;
    try {
      for await (const chunk of response.body ?? []) {
        clearTimeout(idle);
        idle = setTimeout(() => abort.abort(), idleMs);
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge();
        await out.write(chunk);
        onProgress?.(bytes, total);
      }
    } finally {
      await out.close();
    }
    if (total !== undefined && bytes < total) throw new BrokenConnection(`the connection ended after ${bytes} of ${total} bytes`);
  } catch (error) {
    if (abort.signal.aborted) throw new BrokenConnection(`nothing came for ${idleMs / 1000} s`);
    if (isNetworkFailure(error)) throw new BrokenConnection(`the connection failed (${causeOf(error)})`);
    throw error;
  } finally {
    clearTimeout(idle);
  }
}

/** fetch reports every failure below HTTP as a TypeError with its cause. */
const isNetworkFailure = (error: unknown): boolean => error instanceof TypeError && (error.message === 'fetch failed' || error.message === 'terminated');

function causeOf(error: unknown): string {
  const { cause } = error as Error;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? messageOf(cause ?? error);
}

const tagFile = (part: string): string => `${part}.etag`;
const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

function discard(part: string): void {
  rmSync(part, { force: true });
  rmSync(tagFile(part), { force: true });
}

/** SHA-256 of a file, in hexadecimal. */
export async function checksum(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
