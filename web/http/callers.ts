import { isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Who calls from an address: an IPv6 network of 64 bits, of which one machine has all addresses, counts as one. */
export function callerOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain) || plain === '::1') return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = tail === undefined ? groups : [...groups, ...Array<string>(8 - groups.length - after.length).fill('0'), ...after];
  return all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}

/** Lets each caller hold at most `most` connections at a time; further ones are closed as they come. */
export function limitConnections(server: Server, most: number): void {
  const held = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const caller = callerOf(socket.remoteAddress);
    const count = (held.get(caller) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    held.set(caller, count);
    socket.once('close', () => {
      const left = held.get(caller)! - 1;
      if (left > 0) held.set(caller, left);
      else held.delete(caller);
    });
  });
}
