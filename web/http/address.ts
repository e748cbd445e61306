import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InputError } from '../../src/io/errors.js';

/** Where a server listens, and what it asks of those who call. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** Null: anyone who reaches the port may call, which only loopback allows. */
  readonly token: string | null;
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const leastTokenLength = 16;

/**
 * Checks where to listen. Beyond loopback a token is demanded: the one given (in the environment variable
 * JOULEFLOW_TOKEN, so that no process list shows it), or a fresh one. Throws InputError for a bad port or a short token.
 */
export function resolveAddress(host: string, port: number, given: string | undefined): Address {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InputError(`--port: found ${port}, expected 0 to 65535.`);
  if (host === '') throw new InputError('--host: found nothing, expected a name or an address.');
  if (given !== undefined && given.length < leastTokenLength) {
    throw new InputError(`JOULEFLOW_TOKEN: found ${given.length} characters, expected at least ${leastTokenLength}.`);
  }
  return { host, port, token: given ?? (isLoopback(host) ? null : randomBytes(24).toString('base64url')) };
}

/** Compares in a time that does not depend on where two strings differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The host of a Host header or an origin, without its port, IPv6 without brackets; null if it is none. */
export function hostName(authority: string | undefined): string | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::\d{1,5})?$/.exec(authority ?? '');
  return match === null ? null : (match[1] ?? match[2]!).toLowerCase();
}
