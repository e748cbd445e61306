import type { FastifyInstance } from '../../src/vendor/fastify.js';
import { InputError } from '../../src/io/errors.js';
import type { Address } from './address.js';

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
};

/** How long a server that was told to stop waits for answers to be sent, ms. */
const patienceMs = 10_000;

/** Listens, and at SIGINT or SIGTERM answers what is under way and closes. Returns the address to open. Throws InputError if the port cannot be had. */
export async function listen(server: FastifyInstance, { host, port, token }: Address): Promise<{ url: string; closed: Promise<void> }> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new InputError(`Cannot listen on ${host}, port ${port}: ${reason}.`);
  }
  const bound = server.server.address();
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
  const name = host.includes(':') ? `[${host}]` : host;
  const closed = new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      // What is under way is answered; who does not read the answer is not waited for.
      const late = setTimeout(() => server.server.closeAllConnections(), patienceMs);
      void server.close().finally(() => clearTimeout(late)).then(resolve, reject);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  });
  return { url: `http://${name}:${actual}/${token === null ? '' : `?token=${token}`}`, closed };
}
