import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { InputError } from '../../src/io/errors.js';
import { reasonOf } from '../../src/io/files.js';

/**
 * Waits at a Unix socket for one client, which is whoever speaks first. The socket's file is gone as soon as the client is
 * there or `signal` is aborted, so that none is left however the two end; one that a killed server left is replaced.
 * Throws InputError for a path that cannot be listened on, Error when aborted.
 */
export async function acceptOne(path: string, signal: AbortSignal, listening: () => void): Promise<Socket> {
  await removeStale(path);
  const server = createServer();
  try {
    return await new Promise<Socket>((resolve, reject) => {
      server.once('error', (error) => reject(new InputError(`--socket: cannot listen on ${path}: ${reasonOf(error)}.`)));
      // Someone who looks whether anyone is there says nothing and is no client.
      server.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('readable', () => (socket.readableLength > 0 ? resolve(socket) : socket.destroy()));
      });
      server.listen(path, listening);
      signal.addEventListener('abort', () => reject(new Error(`env-server: stopped while waiting for a client at ${path}.`)), { once: true });
    });
  } finally {
    // Takes the file with it; the connection stays.
    server.close();
  }
}

/** Removes the socket file of a server that is no more. Throws InputError if one is there and answers. */
async function removeStale(path: string): Promise<void> {
  const code = await new Promise<string | null>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(null);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  if (code === null) throw new InputError(`--socket: something listens on ${path} already, expected a path that is free.`);
  if (code === 'ECONNREFUSED') rmSync(path, { force: true });
}
