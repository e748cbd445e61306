import type { ServerResponse } from 'node:http';
import type { FastifyReply } from '../../src/vendor/fastify.js';
import { Refusal } from '../http/server.js';
import type { RunCatalogue, RunRow } from './catalogue.js';

export interface EventOptions {
  /** Time between two looks at the folder, ms. */
  readonly everyMs?: number;
  readonly mostListeners?: number;
}

/** Bytes that may wait for a listener; one that reads so slowly is let go, and comes back by itself. */
const mostWaitingBytes = 1 << 20;
const heartbeatMs = 15_000;

/**
 * Tells listening pages, by server-sent events, which runs changed or went. The folder is looked at only while someone
 * listens, once for all of them.
 */
export class RunEvents {
  private readonly listeners = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private seen: Map<string, string> | undefined;
  private lastSentMs = 0;

  constructor(
    private readonly catalogue: RunCatalogue,
    private readonly options: EventOptions = {},
  ) {}

  /** Turns a reply into a stream of events. Throws Refusal (503) if too many listen. */
  listen(reply: FastifyReply): void {
    const { everyMs = 1_000, mostListeners = 64 } = this.options;
    if (this.listeners.size >= mostListeners) throw new Refusal(503, `${mostListeners} pages are open; close one.`);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    // Whoever hears it asks for the list once more, and misses nothing that comes after.
    void this.look().finally(() => response.write('event: hello\ndata: {}\n\n'));
    this.listeners.add(response);
    response.on('close', () => this.drop(response));
    this.timer ??= setInterval(() => void this.look(), everyMs);
  }

  close(): void {
    for (const response of this.listeners) response.end();
    this.listeners.clear();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private drop(response: ServerResponse): void {
    this.listeners.delete(response);
    response.destroy();
    if (this.listeners.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.seen = undefined;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const rows = await this.catalogue.rows();
      const now = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
      const before = this.seen;
      this.seen = now;
      if (before === undefined) return;
      const changed: RunRow[] = rows.filter((row) => before.get(row.id) !== now.get(row.id));
      const gone = [...before.keys()].filter((id) => !now.has(id));
      if (changed.length + gone.length > 0) this.send('runs', { changed, gone });
      else if (performance.now() - this.lastSentMs > heartbeatMs) this.send('beat', {});
    } catch (error) {
      this.send('trouble', { message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.looking = false;
    }
  }

  private send(event: string, data: unknown): void {
    this.lastSentMs = performance.now();
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const response of this.listeners) {
      if (response.writableLength > mostWaitingBytes) this.drop(response);
      else response.write(text);
    }
  }
}
