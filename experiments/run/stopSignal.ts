import { clearLine, cursorTo } from 'node:readline';

/**
 * Aborted by the first Ctrl-C (SIGINT) or SIGTERM, so that what runs can stop where it can be taken up again; the second
 * ends the process as usual. `late` is called if the process is still there `lateMs` after the first.
 */
export function stopSignal({ late, lateMs = 4000 }: { late?: () => void; lateMs?: number } = {}): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      if (!controller.signal.aborted) {
        say('stopping where it can go on; once more to end at once');
        if (late !== undefined) setTimeout(late, lateMs).unref();
      }
      controller.abort();
    });
  }
  return controller.signal;
}

/** A line of its own on stderr: what a progress bar has drawn on the present one is taken away. */
function say(text: string): void {
  if (process.stderr.isTTY) {
    cursorTo(process.stderr, 0);
    clearLine(process.stderr, 0);
  }
  process.stderr.write(`${text}\n`);
}
