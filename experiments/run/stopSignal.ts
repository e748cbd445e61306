/**
 * Aborted by the first Ctrl-C (SIGINT) or SIGTERM, so that what runs can stop where it can be taken up again; the second
 * ends the process as usual.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      if (!controller.signal.aborted) process.stderr.write('stopping where it can go on; once more to end at once\n');
      controller.abort();
    });
  }
  return controller.signal;
}
